// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/close_code.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/export.hpp>
#include <harpia/message_sender.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace caf {
class actor;
}

namespace harpia::inline v0 {

class socket_base;
template <class Data>
class socket;

namespace detail {
struct access;
struct remote_connection;
using posted_function = callback<void(socket_base& ws), rules::posted>;
} // namespace detail

/// A handle to a connection, for other threads, actors and connections. Include <harpia/actors.hpp> to use the connection as a
/// `caf::actor`.
///
/// Messages are sent as described at `message_sender`. The result is immediate; messages that are in flight to the connection's loop count
/// towards the limits. After `sent` or `buffered` the message has its place in the order of the connection, and is dropped only if the
/// policy makes room for newer messages. After `buffered`, the connection's `drain` is called later. Messages of one thread keep their
/// order. A key is compared when the message reaches the loop, so a message over the limit is refused even if it could replace another one.
///
/// Once the connection is closing, every function returns `closed` or does nothing.
///
/// *Thread safety* May be copied and used on any thread and by any actor.
///
/// *Lifetimes* Keeps neither the connection nor its data alive, and may outlive its app.
class HARPIA_API handle : public message_sender<handle> {
public:
  /// Refers to no connection.
  handle() = default;

  /// The number of the connection, unique in its process: that of its actor, and of its log records. 0 if the handle refers to none.
  [[nodiscard]] std::uint64_t id() const noexcept;

  /// Runs `function(ws)` on the connection's thread, as an event of its own like those of the handlers, under the same rules. `ws` is the
  /// `socket_base`, or with `post<Data>` the `socket<Data>`.
  /// @return false if the connection is closing: the function will not run. After true it runs, unless the connection ends first
  ///
  /// *Errors* `post<Data>` throws `std::invalid_argument` if the connection's data is of another type.
  template <class Data = void, class Function>
  bool post(Function&& function) const {
    if constexpr (std::is_void_v<Data>) {
      return post_function(std::forward<Function>(function));
    } else {
      constexpr bool fits = std::is_invocable_v<std::decay_t<Function>&, socket<Data>&>;
      detail::rules::posted::check<fits>();
      check_data(typeid(Data));
      if constexpr (fits)
        return post_function([function = std::forward<Function>(function)](socket_base& ws) mutable -> decltype(auto) {
          return function(static_cast<socket<Data>&>(ws));
        });
      else
        return false;
    }
  }

  /// Joins a broadcast group, or leaves it, as the functions of `socket_base`, asynchronously.
  void subscribe(std::string_view group) const;
  void unsubscribe(std::string_view group) const;

  /// Closes the connection as `socket_base::close`, asynchronously. Messages that `send` has accepted before leave first, those
  /// of other threads included.
  ///
  /// *Errors* Throws `std::invalid_argument` if `code` must not be sent or `reason` is over 123 bytes or not UTF-8.
  void close(close_code code = close_code::normal, std::string_view reason = {}) const;

  /// The connection's actor, as `as_actor` returns it. <harpia/actors.hpp> must be included.
  [[nodiscard]] operator caf::actor() const;

  /// Whether the connection accepts messages at this moment. The answer may be outdated when it returns.
  [[nodiscard]] bool is_open() const noexcept;

  /// Whether both refer to the same connection, or both to none.
  friend bool operator==(const handle& a, const handle& b) noexcept { return a.id() == b.id(); }

private:
  friend struct detail::access;
  friend message_sender<handle>;
  bool post_function(detail::posted_function function) const;
  void check_data(const std::type_info& wanted) const;
  send_status send_message(message_view message, send_options options = {}) const;

  explicit handle(std::shared_ptr<const detail::remote_connection> state) : state_{std::move(state)} {}

  std::shared_ptr<const detail::remote_connection> state_;
};

} // namespace harpia::inline v0

template <>
struct std::hash<harpia::handle> {
  std::size_t operator()(const harpia::handle& of) const noexcept { return std::hash<std::uint64_t>{}(of.id()); }
};
