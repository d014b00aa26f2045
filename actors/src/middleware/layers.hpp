// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/access_log.hpp>
#include <harpia/middleware.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace harpia::inline v0::detail {

/// A declared middleware: shared by all connections, or made for each one.
struct layer {
  middleware shared = {};
  middleware_factory make = {};
};
/// The layers of a route, the outermost first.
using layer_list = std::vector<std::shared_ptr<const layer>>;

/// Whether outgoing messages may pass one of the layers.
[[nodiscard]] bool have_senders(const layer_list& declared) noexcept;

/// Rejects a layer that takes whole messages only, on a route that takes messages in parts.
/// @throws std::invalid_argument naming `route`
void check_parts(std::string_view route, const middleware& put);

/// The layers of one connection.
class connection_layers {
public:
  /// Makes the layers that are not shared. @throws as their factories, and as `check_parts` if `in_parts`
  /// @param declared outlives this object
  connection_layers(const layer_list& declared, bool in_parts);

  [[nodiscard]] std::size_t size() const noexcept { return declared_->size(); }
  [[nodiscard]] const middleware& operator[](std::size_t number) const noexcept {
    const auto& one = *(*declared_)[number];
    return one.make ? own_[number] : one.shared;
  }

  /// Number of layers whose `open` was called.
  std::size_t opened = 0;

private:
  const layer_list* declared_;
  std::vector<middleware> own_; // by layer number, empty elements for shared layers; empty if all are shared
};

/// The messages of groups that a connection with layers has accepted.
[[nodiscard]] traffic published_to(const socket_base& ws) noexcept;

} // namespace harpia::inline v0::detail
