// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection/close_error.hpp"

#include <harpia/actors.hpp>

#include <caf/atom.hpp>
#include <caf/make_message.hpp>

namespace harpia::inline v0 {

namespace {

constexpr auto category = caf::atom("close");

} // namespace

// CAF's codes have eight bits, too few for a close code, and 0 means success; so the code travels in the context.
caf::error close_error(close_code code, std::string_view reason) {
  return {1, category, caf::make_message(static_cast<std::uint16_t>(code), std::string{reason})};
}

std::optional<close_code> close_code_of(const caf::error& reason) {
  if (!reason || reason.category() != category || !reason.context().match_elements<std::uint16_t, std::string>())
    return std::nullopt;
  return static_cast<close_code>(reason.context().get_as<std::uint16_t>(0));
}

void detail::render_close_errors(caf::actor_system_config& config) {
  config.add_error_category(category, [](std::uint8_t, caf::atom_value, const caf::message& context) {
    auto words = "closed with code " + std::to_string(context.get_as<std::uint16_t>(0));
    if (const auto& reason = context.get_as<std::string>(1); !reason.empty())
      words.append(": ").append(reason);
    return words;
  });
}

} // namespace harpia::inline v0
