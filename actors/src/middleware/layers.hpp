// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/middleware.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace harpia::detail {

/// One declaration of a middleware: shared by all connections, or made for each.
struct layer {
  middleware shared = {};
  middleware_factory make = {};
};
/// The layers of a route, the outermost first.
using layer_list = std::vector<std::shared_ptr<const layer>>;

/// Whether messages that are sent may have to pass one of them.
[[nodiscard]] bool have_senders(const layer_list& declared) noexcept;

/// Refuses a layer that does not see the parts of messages, on a route that takes those.
/// @throws std::invalid_argument naming `route`
void check_parts(std::string_view route, const middleware& put);

/// The layers of one connection.
class connection_layers {
public:
  /// Makes those that each connection has for itself. @throws what makes them throws, and as `check_parts` if `in_parts`
  /// @param declared outlives it
  connection_layers(const layer_list& declared, bool in_parts);

  [[nodiscard]] std::size_t size() const noexcept { return declared_->size(); }
  [[nodiscard]] const middleware& operator[](std::size_t number) const noexcept {
    const auto& one = *(*declared_)[number];
    return one.make ? own_[number] : one.shared;
  }

  /// How many have seen `open`.
  std::size_t opened = 0;

private:
  const layer_list* declared_;
  std::vector<middleware> own_; // by number, empty where they are shared; none if all are
};

} // namespace harpia::detail
