// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/connection_event.hpp>
#include <harpia/detail/behaviour_port.hpp>
#include <harpia/export.hpp>
#include <harpia/handlers.hpp>
#include <harpia/socket.hpp>
#include <harpia/typed_handlers.hpp>
#include <harpia/upgrade.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace harpia::detail {

/// Deletes a socket as its real type, so that `socket_base` needs no virtual functions.
struct socket_deleter {
  void (*destroy)(socket_base*);
  void operator()(socket_base* ws) const { destroy(ws); }
};
using socket_ptr = std::unique_ptr<socket_base, socket_deleter>;

/// The handlers of a route with the type of their data erased, so that the code behind the façade is compiled once.
class HARPIA_API endpoint {
public:
  virtual ~endpoint() = default;

  [[nodiscard]] virtual socket_ptr make_socket() const = 0;
  /// Returns a socket with a copy of the data of `ws`, or with default data if `Data` cannot be copied; null if it cannot be
  /// replaced.
  [[nodiscard]] virtual socket_ptr save(const socket_base& ws) const = 0;
  /// Replaces the data of `ws` by the saved data.
  virtual void restore(socket_base& ws, const socket_base& saved) const = 0;
  virtual void upgrade(const std::shared_ptr<exchange_state>& state, socket_base& ws) const = 0;
  /// Whether there is a callback for whole messages, and for parts of messages.
  [[nodiscard]] virtual bool has_message() const noexcept = 0;
  [[nodiscard]] virtual bool takes_parts() const noexcept = 0;
  virtual void on_event(socket_base& ws, const connection_event& what) const = 0;

protected:
  /// Creates the argument of an `upgrade` handler, whose constructor is private. `detail::access` is not installed, so templates of
  /// installed headers cannot use it.
  template <class Data>
  [[nodiscard]] static harpia::upgrade<Data> make_upgrade(const std::shared_ptr<exchange_state>& state, Data& data) {
    return harpia::upgrade<Data>{state, data};
  }
};

/// The callbacks of a route. A codec decodes its messages unless `Codec` is `void`.
template <class Data, class Codec = void>
class callback_endpoint : public endpoint {
  template <class Coding>
  struct message_type {
    using type = typename Coding::message_type;
  };
  template <std::same_as<void> None>
  struct message_type<None> {
    using type = message_view;
  };
  struct no_codec {};
  static constexpr bool decodes = !std::is_void_v<Codec>;

public:
  using handlers_type = handlers<Data, typename message_type<Codec>::type>;
  using codec_type = std::conditional_t<decodes, Codec, no_codec>;

  explicit callback_endpoint(handlers_type callbacks, codec_type codec = {})
      : callbacks_{std::move(callbacks)}, codec_{std::move(codec)} {}

  [[nodiscard]] socket_ptr make_socket() const override {
    return {new socket<Data>, {[](socket_base* ws) { delete static_cast<socket<Data>*>(ws); }}};
  }
  [[nodiscard]] socket_ptr save(const socket_base& ws) const override {
    if constexpr (std::movable<Data>) {
      auto saved = callback_endpoint::make_socket();
      if constexpr (std::copyable<Data>)
        typed(*saved).data = typed(ws).data;
      return saved;
    } else {
      return {nullptr, {nullptr}};
    }
  }
  void restore(socket_base& ws, const socket_base& saved) const override {
    if constexpr (std::copyable<Data>)
      typed(ws).data = typed(saved).data;
    else if constexpr (std::movable<Data>)
      typed(ws).data = Data{};
  }
  void upgrade(const std::shared_ptr<exchange_state>& state, socket_base& ws) const override {
    if (!callbacks_.upgrade)
      return;
    auto request = make_upgrade(state, typed(ws).data);
    callbacks_.upgrade(request);
  }
  [[nodiscard]] bool has_message() const noexcept override { return static_cast<bool>(callbacks_.message); }
  [[nodiscard]] bool takes_parts() const noexcept override { return static_cast<bool>(callbacks_.message_part); }
  void on_event(socket_base& ws, const connection_event& what) const override {
    if (const auto* received = std::get_if<event::message>(&what))
      return on_message(typed(ws), received->content); // nearly all events are these
    std::visit([&](const auto& each) { call(typed(ws), each); }, what);
  }

protected:
  [[nodiscard]] bool has_handler(const connection_event& what) const {
    return std::visit([this](const auto& each) { return static_cast<bool>(each.of(callbacks_)); }, what);
  }

private:
  static socket<Data>& typed(socket_base& ws) { return static_cast<socket<Data>&>(ws); }
  static const socket<Data>& typed(const socket_base& ws) { return static_cast<const socket<Data>&>(ws); }

  void on_message(socket<Data>& ws, message_view message) const {
    if (!callbacks_.message)
      return;
    if constexpr (decodes) {
      const auto read = decode(codec_, message);
      if (!read)
        refuse_message(read.failure());
      callbacks_.message(ws, read.value());
    } else {
      callbacks_.message(ws, message);
    }
  }
  template <class Event>
  void call(socket<Data>& ws, const Event& what) const {
    if constexpr (std::is_same_v<Event, event::message>) // `on_event` has seen to those, but a codec's handler takes no view
      on_message(ws, what.content);
    else if (const auto& handler = what.of(callbacks_))
      what.pass([&]<class... Parameters>(Parameters&&... given) { handler(ws, std::forward<Parameters>(given)...); });
    else if constexpr (std::is_same_v<Event, event::called>)
      what.answer.refuse("no such call");
  }

  handlers_type callbacks_;
  [[no_unique_address]] codec_type codec_;
};

template <class Data>
std::shared_ptr<const endpoint> make_endpoint(handlers<Data> callbacks) {
  return std::make_shared<callback_endpoint<Data>>(std::move(callbacks));
}

template <class Data, codec Codec>
std::shared_ptr<const endpoint> make_endpoint(Codec codec, handlers<Data, typename Codec::message_type> callbacks) {
  return std::make_shared<callback_endpoint<Data, Codec>>(std::move(callbacks), std::move(codec));
}

} // namespace harpia::detail
