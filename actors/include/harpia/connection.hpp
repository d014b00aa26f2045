// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/detail/endpoint.hpp>
#include <harpia/events.hpp>
#include <harpia/socket.hpp>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>

#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>

/// Connections as actors with a behaviour.
namespace harpia::inline v0 {

/// A connection as its behaviour uses it: a `socket` with its data, and an event-based actor.
///
/// A route is declared with a function that returns the first behaviour. `become` changes to another one.
///
///     caf::behavior greeter(harpia::connection<visitor>* self) {
///       return {
///           [self](harpia::event::opened) { self->send("Who are you?"); },
///           [self](const harpia::event::text& name) {
///             self->data.name = name.str();
///             self->become(known(self));
///           },
///       };
///     }
///     app.ws<visitor>("/greet", greeter);
///
/// A behaviour receives `opened`, `text`, `binary`, `called`, `drained`, `dropped`, `failed`, `closed`, `pinged` and `ponged`
/// of namespace `event` from its socket, and the messages of other actors. Handlers run on the thread of the connection's event loop,
/// one after the other.
///
/// On a route with a codec it receives values of the codec's type instead of `text` and `binary`. The type must be one that CAF can
/// send: it has `inspect`, or is named in `CAF_ALLOW_UNSAFE_MESSAGE_TYPE`.
///
/// A message of the peer without a matching handler closes the connection with 1003. If the handler or the default handler
/// returns `caf::skip`, the message is stashed instead: the socket is not read, and the message is dispatched again after another
/// one was handled. Other events of the socket without a handler are ignored. For messages of other actors CAF's rules apply; the
/// default handler answers with `caf::sec::unexpected_message`.
///
/// While a response is awaited, see `request`, the socket is not read and the behaviour receives only `event::failed` and `event::closed`.
///
/// *Thread safety* None.
///
/// *Lifetimes* As `socket`. A behaviour may use its connection whenever its actor runs it.
template <class Data>
class connection final : public socket<Data> {
public:
  // Functions of a socket: `data`, `send(message)`, `close`, `subscribe`, `publish`, `request()`, …
  using socket<Data>::send;
  using socket<Data>::request;

  // Functions of an actor, each as in `caf::event_based_actor`.

  template <class... Ts>
  void become(Ts&&... behavior) {
    this->self().become(std::forward<Ts>(behavior)...);
  }
  void unbecome() { this->self().unbecome(); }

  /// Sends a request to another actor. The response is handled on this connection's thread. With `.then(…)` the connection
  /// handles other messages meanwhile. With `.await(…)` it handles nothing else, and its socket is not read.
  ///
  /// *Errors* An error without an error handler, for example a time-out, fails the connection with `errc::request_failed`.
  template <caf::message_priority P = caf::message_priority::normal, class Handle, class... Ts>
  auto request(const Handle& to, Ts&&... message) {
    return this->self().template request<P>(to, std::forward<Ts>(message)...);
  }
  /// Sends a message to another actor, or to this one.
  template <caf::message_priority P = caf::message_priority::normal, class Handle, class... Ts>
    requires(!std::is_convertible_v<const Handle&, message_view> && !codec<Handle>)
  void send(const Handle& to, Ts&&... message) { this->self().template send<P>(actor_of(to), std::forward<Ts>(message)...); }
  template <class Handle, class Duration, class... Ts>
  void delayed_send(const Handle& to, Duration delay, Ts&&... message) {
    this->self().delayed_send(actor_of(to), delay, std::forward<Ts>(message)...);
  }
  template <class Handle, class... Ts>
  auto delegate(const Handle& to, Ts&&... message) {
    return this->self().delegate(to, std::forward<Ts>(message)...);
  }
  template <caf::spawn_options Options = caf::no_spawn_options, class Function, class... Ts>
  auto spawn(Function function, Ts&&... arguments) {
    return this->self().template spawn<Options>(std::move(function), std::forward<Ts>(arguments)...);
  }
  template <class Actor, caf::spawn_options Options = caf::no_spawn_options, class... Ts>
  auto spawn(Ts&&... arguments) {
    return this->self().template spawn<Actor, Options>(std::forward<Ts>(arguments)...);
  }
  template <class Handle>
  void monitor(const Handle& whom) {
    this->self().monitor(whom);
  }
  template <class Handle>
  void demonitor(const Handle& whom) {
    this->self().demonitor(whom);
  }
  /// Links this connection with an actor: the end of either ends the other. The end of the linked actor closes the connection,
  /// with 1001 if its reason is `user_shutdown` or none, with 1011 otherwise.
  template <class Handle>
  void link_to(const Handle& whom) {
    this->self().link_to(whom);
  }
  template <class Handle>
  void unlink_from(const Handle& whom) {
    this->self().unlink_from(whom);
  }
  template <class... Ts>
  auto make_response_promise() {
    return this->self().template make_response_promise<Ts...>();
  }
  template <class Function>
  void set_default_handler(Function function) {
    this->self().set_default_handler(std::move(function));
  }
  template <class Function>
  void set_down_handler(Function function) {
    this->self().set_down_handler(std::move(function));
  }
  [[nodiscard]] caf::strong_actor_ptr current_sender() { return this->self().current_sender(); }
  [[nodiscard]] caf::actor_system& system() { return this->self().system(); }

  /// Closes the connection: with 1000, or with 1011 if there is a reason. `event::closed` follows. Then the actor terminates with
  /// `reason`, or with the close code if there is none, see `close_code_of`.
  void quit(caf::error reason = {}) { detail::behaviour_port::quit(*this, std::move(reason)); }

  /// The connection's actor.
  ///
  /// *Lifetimes* The handle keeps the actor alive, but not the socket and the data.
  [[nodiscard]] operator caf::actor() { return caf::actor{&this->self()}; }

private:
  template <class Handle>
  static const Handle& actor_of(const Handle& handle) {
    return handle;
  }
  static caf::actor actor_of(connection* handle) { return *handle; }
};

namespace detail {

template <class Data, class Message, class Make>
class made_behaviours final : public behaviours<Message> {
public:
  explicit made_behaviours(Make make) : make_{std::move(make)} {}

  [[nodiscard]] socket_ptr make_socket() const override {
    return {new harpia::connection<Data>, {[](socket_base* ws) { delete static_cast<harpia::connection<Data>*>(ws); }}};
  }
  void start(socket_base& ws) const override {
    behaviour_port::start(ws, caf::behavior{make_(static_cast<harpia::connection<Data>*>(&ws))});
  }
  void deliver(socket_base& ws, const Message& message) const override {
    if constexpr (std::is_same_v<Message, message_view>) {
      behaviour_port::deliver(ws, websocket::event::message{message});
    } else {
      constexpr bool fits = caf::is_serializable_or_whitelisted<Message>::value;
      static_assert(fits,
                    "for a behaviour, the codec's message_type needs an 'inspect' function or CAF_ALLOW_UNSAFE_MESSAGE_TYPE");
      if constexpr (fits)
        behaviour_port::deliver_decoded(ws, caf::make_message(message));
    }
  }

private:
  Make make_;
};

} // namespace detail
} // namespace harpia::inline v0
