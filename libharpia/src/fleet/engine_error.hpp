// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine_messages.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace harpia::inline v0::fleet {

/// What an error that a Redis server answers to a publish means. Its first word decides.
/// @param why without the leading `-`
[[nodiscard]] inline publish_result result_of_error(std::string_view why) noexcept {
  static constexpr std::array<std::string_view, 7> not_now{
      "LOADING", "READONLY", "MASTERDOWN", "OOM", "CLUSTERDOWN", "NOSCRIPT", "BUSY"};
  const auto word = why.substr(0, why.find(' '));
  if (word == "ORDER")
    return publish_result::out_of_order;
  return std::ranges::find(not_now, word) != not_now.end() ? publish_result::not_now : publish_result::refused;
}

} // namespace harpia::inline v0::fleet
