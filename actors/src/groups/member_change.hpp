// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>

namespace harpia::inline v0::detail {

/// To a group's actor: a member has joined or left.
struct member_change {
  enum class kind : std::uint8_t { joined, left };
  kind what;
  std::uint64_t number; // counts the group's changes
  caf::strong_actor_ptr who;
};

} // namespace harpia::inline v0::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::member_change)
