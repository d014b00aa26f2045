// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/detail/behaviour_port.hpp>
#include <harpia/export.hpp>
#include <harpia/handlers.hpp>
#include <harpia/socket.hpp>
#include <harpia/upgrade.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace harpia::detail {

/// Deletes a socket through the endpoint that made it: `socket_base` needs no virtual functions.
struct socket_deleter {
  void (*destroy)(socket_base*);
  void operator()(socket_base* ws) const { destroy(ws); }
};
using socket_ptr = std::unique_ptr<socket_base, socket_deleter>;

struct outgoing_message;

/// A route's handlers with the type of their data erased, so that everything behind the façade is compiled once.
class HARPIA_API endpoint {
public:
  virtual ~endpoint() = default;

  [[nodiscard]] virtual socket_ptr make_socket() const = 0;
  /// A socket that holds a copy of the other's data, fresh data if that cannot be copied; null if data cannot be replaced at all.
  [[nodiscard]] virtual socket_ptr save(const socket_base& ws) const = 0;
  /// Gives `ws` the data that was saved.
  virtual void restore(socket_base& ws, const socket_base& saved) const = 0;
  /// How many there are before the 101 who may decide, and one of them.
  [[nodiscard]] virtual std::size_t upgrade_steps() const noexcept { return 1; }
  virtual void upgrade(std::size_t step, const std::shared_ptr<upgrade_state>& state, socket_base& ws) const = 0;
  /// Whether messages go through middleware, which has to hand them in to the connection.
  [[nodiscard]] virtual bool is_layered() const noexcept { return false; }
  /// Whether what is sent goes through middleware, which has to put it out of the connection: `send`.
  [[nodiscard]] virtual bool has_send_layers() const noexcept { return false; }
  virtual send_status send(socket_base& ws, message_view message, outgoing_message& sent) const;
  virtual void open(socket_base& ws) const = 0;
  /// Whether there is a callback for whole messages.
  [[nodiscard]] virtual bool has_message() const noexcept = 0;
  virtual void message(socket_base& ws, message_view message) const = 0;
  /// Whether `message_part` is called for every message, and not `message`.
  [[nodiscard]] virtual bool takes_parts() const noexcept = 0;
  virtual void message_part(socket_base& ws, message_view part, last_part last) const = 0;
  virtual void call(socket_base&, message_view, reply answer) const { answer.refuse("no such call"); }
  virtual void close(socket_base& ws, close_code code, std::string_view reason) const = 0;
  virtual void drain(socket_base& ws) const = 0;
  virtual void error(socket_base& ws, const harpia::error& what) const = 0;
  virtual void dropped(socket_base& ws, std::size_t count, std::size_t bytes) const = 0;
  virtual void ping(socket_base& ws, std::string_view payload) const = 0;
  virtual void pong(socket_base& ws, std::string_view payload) const = 0;
};

template <class Data>
class typed_endpoint : public endpoint {
public:
  explicit typed_endpoint(handlers<Data> callbacks) : callbacks_{std::move(callbacks)} {}

  [[nodiscard]] socket_ptr make_socket() const override {
    return {new socket<Data>, {[](socket_base* ws) { delete static_cast<socket<Data>*>(ws); }}};
  }
  [[nodiscard]] socket_ptr save(const socket_base& ws) const override {
    if constexpr (std::movable<Data>) {
      auto saved = typed_endpoint::make_socket();
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
  void upgrade(std::size_t, const std::shared_ptr<upgrade_state>& state, socket_base& ws) const override {
    if (!callbacks_.upgrade)
      return;
    harpia::upgrade<Data> request{state, typed(ws).data};
    callbacks_.upgrade(request);
  }
  void open(socket_base& ws) const override { call(callbacks_.open, ws); }
  [[nodiscard]] bool has_message() const noexcept override { return static_cast<bool>(callbacks_.message); }
  void message(socket_base& ws, message_view message) const override { call(callbacks_.message, ws, message); }
  [[nodiscard]] bool takes_parts() const noexcept override { return static_cast<bool>(callbacks_.message_part); }
  void message_part(socket_base& ws, message_view part, last_part last) const override {
    call(callbacks_.message_part, ws, part, last);
  }
  void call(socket_base& ws, message_view request, reply answer) const override {
    if (callbacks_.call)
      callbacks_.call(typed(ws), request, std::move(answer));
    else
      endpoint::call(ws, request, std::move(answer));
  }
  void close(socket_base& ws, close_code code, std::string_view reason) const override {
    call(callbacks_.close, ws, code, reason);
  }
  void drain(socket_base& ws) const override { call(callbacks_.drain, ws); }
  void error(socket_base& ws, const harpia::error& what) const override { call(callbacks_.error, ws, what); }
  void dropped(socket_base& ws, std::size_t count, std::size_t bytes) const override {
    call(callbacks_.dropped, ws, count, bytes);
  }
  void ping(socket_base& ws, std::string_view payload) const override { call(callbacks_.ping, ws, payload); }
  void pong(socket_base& ws, std::string_view payload) const override { call(callbacks_.pong, ws, payload); }

protected:
  [[nodiscard]] const handlers<Data>& callbacks() const noexcept { return callbacks_; }

private:
  static socket<Data>& typed(socket_base& ws) { return static_cast<socket<Data>&>(ws); }
  static const socket<Data>& typed(const socket_base& ws) { return static_cast<const socket<Data>&>(ws); }

  template <class Handler, class... Args>
  static void call(const Handler& handler, socket_base& ws, const Args&... args) {
    if (handler)
      handler(typed(ws), args...);
  }

  handlers<Data> callbacks_;
};

template <class Data>
std::shared_ptr<const endpoint> make_endpoint(handlers<Data> callbacks) {
  return std::make_shared<typed_endpoint<Data>>(std::move(callbacks));
}

} // namespace harpia::detail
