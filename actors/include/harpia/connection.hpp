// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/detail/endpoint.hpp>
#include <harpia/events.hpp>
#include <harpia/socket.hpp>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

/// Connections as actors with a behaviour of their own.
namespace harpia {

/// A connection as its behaviour sees it: a `socket` with its data, and an actor.
///
/// A route is given a function that makes the first behaviour; `become` moves on to others.
///
///     caf::behavior greeter(harpia::connection<visitor>* self) {
///       return {
///           [self](harpia::opened) { self->send("Who are you?"); },
///           [self](const harpia::text& name) {
///             self->data.name = name.str();
///             self->become(known(self));
///           },
///       };
///     }
///     app.ws<visitor>("/greet", greeter);
///
/// It receives `opened`, `text`, `binary`, `called`, `drained`, `dropped`, `failed`, `closed`, `pinged` and `ponged` from its socket, and
/// whatever other actors send. All of it runs on the thread of the connection's event loop, one after the other.
///
/// What a behaviour does not accept: a `text` or `binary` message is answered with close code 1003, unless the handler or the
/// default handler says `caf::skip`; then it is kept, the socket is not read any further, and it is offered again once something
/// else has been handled. Other events of the socket are ignored. Messages of other actors meet CAF's rules, and are refused with
/// `caf::sec::unexpected_message` by default.
///
/// While a reply is awaited, see `request`, the socket is not read and only `failed` and `closed` are told.
///
/// Lifetime: as `socket`, so a behaviour that its actor runs may always use it. Thread safety: none.
template <class Data>
class connection final : public socket<Data> {
public:
  // As a socket: `data`, `send(text or bytes)`, `close`, `subscribe`, `publish`, `request()`, …
  using socket<Data>::send;
  /// An event that came, sent on as it is.
  send_status send(const text& message) { return this->send(message_view{message.view()}); }
  send_status send(const binary& message) { return this->send(message_view{message.bytes()}); }
  using socket<Data>::request;

  // As an actor; each as in `caf::event_based_actor`.

  template <class... Ts>
  void become(Ts&&... behavior) {
    this->self().become(std::forward<Ts>(behavior)...);
  }
  void unbecome() { this->self().unbecome(); }

  /// Asks another actor; the reply runs on this connection's thread. With `.then(…)` the connection goes on meanwhile, with
  /// `.await(…)` it handles nothing else and its socket is not read. A failure that no handler was given for, a time-out for
  /// example, fails the connection with `errc::request_failed`.
  template <caf::message_priority P = caf::message_priority::normal, class Handle, class... Ts>
  auto request(const Handle& to, Ts&&... message) {
    return this->self().template request<P>(to, std::forward<Ts>(message)...);
  }
  /// Sends a message to another actor, or to this one.
  template <caf::message_priority P = caf::message_priority::normal, class Handle, class... Ts>
    requires(!std::is_convertible_v<const Handle&, std::string_view> && !std::is_convertible_v<const Handle&, message_view>)
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
  /// Dies with `whom`, as `whom` dies with this connection. A linked actor's end closes with 1001 if its reason is
  /// `user_shutdown` or none, with 1011 otherwise.
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

  /// Ends the connection: closes with 1000, or with 1011 if there is a reason. `closed` follows, and then the actor terminates with
  /// that reason, or with the close code, see `close_code_of`.
  void quit(caf::error reason = {}) { detail::behaviour_port::quit(*this, std::move(reason)); }

  /// Keeps the actor in being as long as it is held, but not the socket and the data.
  [[nodiscard]] operator caf::actor() { return caf::actor{&this->self()}; }

private:
  template <class Handle>
  static const Handle& actor_of(const Handle& handle) {
    return handle;
  }
  static caf::actor actor_of(connection* handle) { return *handle; }
};

namespace detail {

template <class Data, class Make>
class behaviour_endpoint final : public typed_endpoint<Data> {
public:
  behaviour_endpoint(handlers<Data> callbacks, Make make) : typed_endpoint<Data>{std::move(callbacks)}, make_{std::move(make)} {}

  [[nodiscard]] socket_ptr make_socket() const override {
    return {new harpia::connection<Data>, {[](socket_base* ws) { delete static_cast<harpia::connection<Data>*>(ws); }}};
  }
  void open(socket_base& ws) const override {
    behaviour_port::start(ws, caf::behavior{make_(static_cast<harpia::connection<Data>*>(&ws))});
    if (!this->callbacks().open)
      return tell(ws, opened{});
    typed_endpoint<Data>::open(ws);
  }
  void message(socket_base& ws, message_view message) const override {
    if (this->callbacks().message)
      typed_endpoint<Data>::message(ws, message);
    else if (message.is_text())
      tell(ws, text{message.text()});
    else
      tell(ws, binary{message.bytes()});
  }
  void call(socket_base& ws, message_view request, reply answer) const override {
    if (!this->callbacks().call)
      return tell(ws, called{std::string{request.text()}, request.kind(), answer});
    typed_endpoint<Data>::call(ws, request, std::move(answer));
  }
  void close(socket_base& ws, close_code code, std::string_view reason) const override {
    if (!this->callbacks().close)
      return tell(ws, closed{code, std::string{reason}}, behaviour_port::urgency::now);
    typed_endpoint<Data>::close(ws, code, reason);
  }
  void drain(socket_base& ws) const override {
    if (!this->callbacks().drain)
      return tell(ws, drained{});
    typed_endpoint<Data>::drain(ws);
  }
  void error(socket_base& ws, const harpia::error& what) const override {
    if (!this->callbacks().error)
      return tell(ws, failed{what}, behaviour_port::urgency::now);
    typed_endpoint<Data>::error(ws, what);
  }
  void dropped(socket_base& ws, std::size_t count, std::size_t bytes) const override {
    if (!this->callbacks().dropped)
      return tell(ws, harpia::dropped{count, bytes});
    typed_endpoint<Data>::dropped(ws, count, bytes);
  }
  void ping(socket_base& ws, std::string_view payload) const override {
    if (!this->callbacks().ping)
      return tell(ws, pinged{std::string{payload}});
    typed_endpoint<Data>::ping(ws, payload);
  }
  void pong(socket_base& ws, std::string_view payload) const override {
    if (!this->callbacks().pong)
      return tell(ws, ponged{std::string{payload}});
    typed_endpoint<Data>::pong(ws, payload);
  }

private:
  template <class Event>
  static void tell(socket_base& ws, Event&& event, behaviour_port::urgency when = behaviour_port::urgency::in_order) {
    behaviour_port::tell(ws, event, when);
  }

  Make make_;
};

template <class Data, class Make>
std::shared_ptr<const endpoint> make_behaviour_endpoint(handlers<Data> callbacks, Make make) {
  return std::make_shared<behaviour_endpoint<Data, Make>>(std::move(callbacks), std::move(make));
}

} // namespace detail
} // namespace harpia
