// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "middleware/layers.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace harpia::inline v0::detail {

bool have_senders(const layer_list& declared) noexcept {
  return std::ranges::any_of(declared, [](const auto& each) { return each->make || each->shared.send; });
}

void check_parts(std::string_view route, const middleware& put) {
  if (put.message && !put.message_part)
    throw std::invalid_argument{
        "'" + std::string{route} + "' takes messages in parts, and a middleware around it has 'message' but no 'message_part'"};
}

connection_layers::connection_layers(const layer_list& declared, bool in_parts) : declared_{&declared} {
  if (std::ranges::none_of(declared, [](const auto& each) { return static_cast<bool>(each->make); }))
    return;
  own_.reserve(declared.size());
  for (const auto& each : declared) {
    own_.push_back(each->make ? each->make() : middleware{});
    if (in_parts)
      check_parts("the route", own_.back());
  }
}

} // namespace harpia::inline v0::detail
