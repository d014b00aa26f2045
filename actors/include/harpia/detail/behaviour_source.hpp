// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/message_view.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

class socket_base;
template <class Data>
class connection;

namespace detail {

/// Deletes a socket as its real type, so that `socket_base` needs no virtual functions.
struct socket_deleter {
  void (*destroy)(socket_base*);
  void operator()(socket_base* ws) const { destroy(ws); }
};
using socket_ptr = std::unique_ptr<socket_base, socket_deleter>;

/// The behaviours of a route's connections.
template <class Message>
class behaviours {
public:
  virtual ~behaviours() = default;
  [[nodiscard]] virtual socket_ptr make_socket() const = 0;
  /// Makes the connection's first behaviour.
  virtual void start(socket_base& ws) const = 0;
  /// Delivers a message of the peer.
  virtual void deliver(socket_base& ws, const Message& message) const = 0;
};

// Defined in <harpia/connection.hpp>, which needs CAF.
template <class Data, class Message, class Make>
class made_behaviours;

/// The field `behaviour` of `handlers`: empty, or a function that takes a `connection<Data>*` and returns a `caf::behavior`.
template <class Data, class Message>
class behaviour_source {
public:
  behaviour_source() noexcept = default;
  template <class Make>
    requires(!std::same_as<std::remove_cvref_t<Make>, behaviour_source>)
  behaviour_source(Make&& make) {
    using function = std::decay_t<Make>;
    constexpr bool has_actors = requires {
      sizeof(harpia::connection<Data>);
    };
    static_assert(has_actors, "a behaviour needs #include <harpia/actors.hpp>");
    constexpr bool fits = std::is_invocable_v<const function&, harpia::connection<Data>*>;
    static_assert(!has_actors || fits, "a behaviour must be callable as behaviour(harpia::connection<Data>* self), "
                                       "where Data is that of the route, and return a caf::behavior");
    if constexpr (has_actors && fits)
      behaviours_ = std::make_shared<const made_behaviours<Data, Message, function>>(std::forward<Make>(make));
  }

  [[nodiscard]] explicit operator bool() const noexcept { return behaviours_ != nullptr; }
  [[nodiscard]] const behaviours<Message>* operator->() const noexcept { return behaviours_.get(); }

private:
  std::shared_ptr<const behaviours<Message>> behaviours_;
};

} // namespace detail
} // namespace harpia::inline v0
