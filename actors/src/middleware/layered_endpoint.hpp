// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/outbound_queue.hpp"
#include <harpia/detail/endpoint.hpp>
#include <harpia/middleware.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::detail {

/// A message on its way through the layers.
struct outgoing_message {
  websocket::message_options options; // of the first that comes through
  bool passed = false;                // one has come through
};

/// One declaration of a middleware: shared by all connections, or made for each.
struct layer {
  middleware shared = {};
  middleware_factory make = {};
};
using layer_list = std::vector<std::shared_ptr<const layer>>;

/// What a connection has of its own layers; in the order of the route's, empty where they are shared.
struct own_layers {
  std::vector<middleware> each;
};

/// A route's endpoint with middleware around it.
class layered_endpoint final : public endpoint {
public:
  /// @throws std::invalid_argument naming `route` if it takes parts of messages and a layer would not see them
  layered_endpoint(std::string_view route, layer_list layers, std::shared_ptr<const endpoint> inner);

  [[nodiscard]] const layer_list& layers() const noexcept { return layers_; }
  [[nodiscard]] const std::shared_ptr<const endpoint>& inner() const noexcept { return inner_; }

  /// Hands a message to the layer of that number, or to the route.
  void enter(std::size_t number, socket_base& ws, message_view message) const;
  /// The same for part of a message.
  void enter_part(std::size_t number, socket_base& ws, message_view part, last_part last) const;
  /// Hands a message that is sent to the last of the first `left` layers, or to the connection.
  send_status leave(std::size_t left, socket_base& ws, message_view message, outgoing_message& sent) const;

  [[nodiscard]] socket_ptr make_socket() const override;
  [[nodiscard]] socket_ptr save(const socket_base& ws) const override { return inner_->save(ws); }
  void restore(socket_base& ws, const socket_base& saved) const override { inner_->restore(ws, saved); }
  [[nodiscard]] bool is_layered() const noexcept override { return true; }
  [[nodiscard]] bool has_send_layers() const noexcept override { return sends_; }
  send_status send(socket_base& ws, message_view message, outgoing_message& sent) const override {
    return leave(layers_.size(), ws, message, sent);
  }
  [[nodiscard]] std::size_t upgrade_steps() const noexcept override { return layers_.size() + inner_->upgrade_steps(); }
  void upgrade(std::size_t step, const std::shared_ptr<upgrade_state>& state, socket_base& ws) const override;
  void open(socket_base& ws) const override;
  void message(socket_base& ws, message_view message) const override { enter(0, ws, message); }
  [[nodiscard]] bool has_message() const noexcept override { return inner_->has_message(); }
  [[nodiscard]] bool takes_parts() const noexcept override { return inner_->takes_parts(); }
  void message_part(socket_base& ws, message_view part, last_part last) const override { enter_part(0, ws, part, last); }
  void call(socket_base& ws, message_view request, reply answer) const override { inner_->call(ws, request, std::move(answer)); }
  void close(socket_base& ws, close_code code, std::string_view reason) const override;
  void drain(socket_base& ws) const override { inner_->drain(ws); }
  void error(socket_base& ws, const harpia::error& what) const override { inner_->error(ws, what); }
  void dropped(socket_base& ws, std::size_t count, std::size_t bytes) const override { inner_->dropped(ws, count, bytes); }
  void ping(socket_base& ws, std::string_view payload) const override { inner_->ping(ws, payload); }
  void pong(socket_base& ws, std::string_view payload) const override { inner_->pong(ws, payload); }

private:
  [[nodiscard]] const middleware& layer_of(std::size_t number, const socket_base& ws) const;

  layer_list layers_;
  std::shared_ptr<const endpoint> inner_;
  bool sends_; // some layer may look at what is sent
};

/// Puts layers around an endpoint, outside of those that it has.
[[nodiscard]] std::shared_ptr<const endpoint>
put_around(std::string_view route, const layer_list& outer, std::shared_ptr<const endpoint> target);

} // namespace harpia::detail
