// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/codec.hpp>
#include <harpia/connection_event.hpp>
#include <harpia/detail/behaviour_port.hpp>
#include <harpia/detail/behaviour_source.hpp>
#include <harpia/detail/connection_failure.hpp>
#include <harpia/detail/coroutine_port.hpp>
#include <harpia/detail/coroutine_source.hpp>
#include <harpia/export.hpp>
#include <harpia/handlers.hpp>
#include <harpia/route_options.hpp>
#include <harpia/socket.hpp>
#include <harpia/upgrade.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <variant>

namespace harpia::inline v0::detail {

/// The handlers of a route with the type of their data erased, so that the code behind the façade is compiled once.
class HARPIA_API endpoint {
public:
  virtual ~endpoint() = default;

  [[nodiscard]] virtual socket_ptr make_socket() const = 0;
  [[nodiscard]] virtual const std::type_info& data_type() const noexcept = 0;
  /// Returns a socket with a copy of the data of `ws`, or with default data if `Data` cannot be copied; null if it cannot be
  /// replaced.
  [[nodiscard]] virtual socket_ptr save(const socket_base& ws) const = 0;
  /// Replaces the data of `ws` by the saved data.
  virtual void restore(socket_base& ws, const socket_base& saved) const = 0;
  virtual void upgrade(const std::shared_ptr<exchange_state>& state, socket_base& ws) const = 0;
  /// Whether there is a callback for whole messages, and for parts of messages.
  [[nodiscard]] virtual bool has_message() const noexcept = 0;
  [[nodiscard]] virtual bool takes_parts() const noexcept = 0;
  /// Whether there is a callback or a behaviour for failures, and for whole messages.
  [[nodiscard]] virtual bool takes_errors() const noexcept = 0;
  [[nodiscard]] virtual bool takes_messages() const noexcept = 0;
  /// Whether the conversation is a coroutine or a behaviour.
  [[nodiscard]] virtual bool has_coroutine() const noexcept = 0;
  [[nodiscard]] virtual bool has_behaviour() const noexcept = 0;
  virtual void on_event(socket_base& ws, const websocket::connection_event& what) const = 0;

protected:
  /// Creates the argument of an `upgrade` handler, whose constructor is private. `detail::access` is not installed, so templates of
  /// installed headers cannot use it.
  template <class Data>
  [[nodiscard]] static harpia::upgrade<Data> make_upgrade(const std::shared_ptr<exchange_state>& state, Data& data) {
    return harpia::upgrade<Data>{state, data};
  }
};

[[noreturn]] inline void refuse_message(const decode_failure& why) {
  auto what = make_error_code(errc::undecodable_message).message();
  what.append(": ").append(why.what).append(" at byte ").append(std::to_string(why.position));
  throw connection_failure{error{errc::undecodable_message, std::move(what), why.position}};
}

template <codec Codec>
[[nodiscard]] decoded<typename Codec::message_type> decode(const Codec& codec, message_view message) {
  if (message.kind() == Codec::kind)
    return codec.decode(message);
  return decode_failure{
      message.is_text() ? "text where a binary message is expected" : "a binary message where text is expected"};
}

/// The codec of a route without one.
struct no_codec {
  using message_type = message_view;
};

/// The handlers of a route. An event goes to its callback if there is one, otherwise to the behaviour.
template <class Data, class Codec>
class route_endpoint final : public endpoint {
  using message_type = typename Codec::message_type;
  static constexpr bool decodes = !std::is_same_v<Codec, no_codec>;

public:
  route_endpoint(handlers<Data, message_type> handled, Codec codec) : handlers_{std::move(handled)}, codec_{std::move(codec)} {}

  [[nodiscard]] socket_ptr make_socket() const override {
    if (handlers_.behaviour)
      return handlers_.behaviour->make_socket();
    return {new socket<Data>, {[](socket_base* ws) { delete static_cast<socket<Data>*>(ws); }}};
  }
  [[nodiscard]] const std::type_info& data_type() const noexcept override { return typeid(Data); }
  [[nodiscard]] socket_ptr save(const socket_base& ws) const override {
    if constexpr (std::movable<Data>) {
      auto saved = make_socket();
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
    if (!handlers_.upgrade)
      return;
    auto request = make_upgrade(state, typed(ws).data);
    handlers_.upgrade(request);
  }
  [[nodiscard]] bool has_message() const noexcept override { return static_cast<bool>(handlers_.message); }
  [[nodiscard]] bool takes_parts() const noexcept override { return static_cast<bool>(handlers_.message_part); }
  [[nodiscard]] bool takes_errors() const noexcept override { return handlers_.error || handlers_.behaviour; }
  [[nodiscard]] bool takes_messages() const noexcept override {
    return handlers_.message || handlers_.behaviour || handlers_.coroutine;
  }
  [[nodiscard]] bool has_coroutine() const noexcept override { return static_cast<bool>(handlers_.coroutine); }
  [[nodiscard]] bool has_behaviour() const noexcept override { return static_cast<bool>(handlers_.behaviour); }
  void on_event(socket_base& ws, const websocket::connection_event& what) const override {
    if (const auto* received = std::get_if<websocket::event::message>(&what))
      return on_message(ws, received->content); // nearly all events are these
    std::visit(
        [&]<class Event>(const Event& each) {
          if constexpr (!std::is_same_v<Event, websocket::event::message>)
            on_other(ws, each, what);
        },
        what);
  }

private:
  static socket<Data>& typed(socket_base& ws) { return static_cast<socket<Data>&>(ws); }
  static const socket<Data>& typed(const socket_base& ws) { return static_cast<const socket<Data>&>(ws); }

  void on_message(socket_base& ws, message_view message) const {
    if constexpr (decodes) {
      if (!handlers_.message && !handlers_.behaviour)
        return;
      const auto read = decode(codec_, message);
      if (!read)
        refuse_message(read.failure());
      if (handlers_.message)
        handlers_.message(typed(ws), read.value());
      else
        handlers_.behaviour->deliver(ws, read.value());
    } else if (handlers_.message) {
      handlers_.message(typed(ws), message);
    } else if (handlers_.behaviour) {
      handlers_.behaviour->deliver(ws, message);
    } else if (handlers_.coroutine) {
      coroutine_port::deliver(ws, message);
    }
  }
  template <class Event>
  void on_other(socket_base& ws, const Event& event, const websocket::connection_event& what) const {
    if constexpr (std::is_same_v<Event, websocket::event::opened>)
      if (handlers_.behaviour)
        handlers_.behaviour->start(ws);
    if (const auto& handler = event.of(handlers_))
      event.pass([&]<class... Arguments>(Arguments&&... given) { handler(typed(ws), std::forward<Arguments>(given)...); });
    else if (handlers_.behaviour)
      behaviour_port::deliver(ws, what);
    else if constexpr (std::is_same_v<Event, websocket::event::called>)
      event.answer.refuse("no such call");
    if constexpr (std::is_same_v<Event, websocket::event::opened>)
      if (handlers_.coroutine)
        handlers_.coroutine(typed(ws));
  }

  handlers<Data, message_type> handlers_;
  [[no_unique_address]] Codec codec_;
};

template <class Data>
std::shared_ptr<const endpoint> make_endpoint(handlers<Data> handled) {
  return std::make_shared<route_endpoint<Data, no_codec>>(std::move(handled), no_codec{});
}
template <class Data, codec Codec>
std::shared_ptr<const endpoint> make_endpoint(Codec codec, handlers<Data, typename Codec::message_type> handled) {
  return std::make_shared<route_endpoint<Data, Codec>>(std::move(handled), std::move(codec));
}

template <class T>
inline constexpr bool is_handlers = false;
template <class Data, class Message>
inline constexpr bool is_handlers<handlers<Data, Message>> = true;

/// What may be meant to be a behaviour: nothing else fits where it was given.
template <class T>
concept behaves = !codec<T>;

/// The handlers of a route that has a behaviour only, or a coroutine only.
template <class Data, class Message, class Make>
handlers<Data, Message> behave_as(Make&& make) {
  constexpr bool are_handlers = is_handlers<std::remove_cvref_t<Make>>;
  static_assert(!are_handlers, "these handlers are for another type of data or of messages than the route");
  constexpr bool are_options = std::is_same_v<std::remove_cvref_t<Make>, route_options>;
  static_assert(!are_options, "the handlers of a route come before its options");
  constexpr bool is_behaviour = std::is_invocable_v<const std::decay_t<Make>&, harpia::connection<Data>*>;
  if constexpr (!are_handlers && !are_options && !is_behaviour && conversation<std::decay_t<Make>, Data>)
    return {.coroutine = std::forward<Make>(make)};
  else if constexpr (!are_handlers && !are_options)
    return {.behaviour = std::forward<Make>(make)};
  else
    return {};
}

} // namespace harpia::inline v0::detail
