// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/message_id.hpp"
#include "websocket/frame.hpp"
#include <harpia/position.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace harpia::inline v0::fleet {

using time_point = std::chrono::steady_clock::time_point;

/// What is published: immutable, made once and shared by everybody who hands it on.
struct content {
  websocket::shared_frame frame; ///< payload and kind, encoded once for all members; never null
  std::string key = {};          ///< the conflation key; empty: none
  std::string unique = {};       ///< two messages of a group with the same one, within two minutes, are one; empty: none

  /// What it counts against bounds in bytes.
  [[nodiscard]] std::size_t size() const noexcept { return frame->bytes().size() + key.size() + unique.size(); }
};
using shared_content = std::shared_ptr<const content>;

/// A place in a group's history together with what makes it certain: two histories may have the same epoch and offset, if an engine has
/// forgotten messages, but not the same message there.
struct bookmark {
  position at;
  message_id id; ///< the message at that offset; none at offset 0

  friend bool operator==(const bookmark&, const bookmark&) = default;
};

/// A message that the engine has numbered.
struct stored_message {
  position at;
  message_id id;
  message_id previous; ///< its predecessor in the group
  shared_content what; ///< never null

  [[nodiscard]] bookmark mark() const noexcept { return {at, id}; }
  /// Whether it is the next one behind `last` in the same history.
  [[nodiscard]] bool continues(const bookmark& last) const noexcept {
    return at.epoch == last.at.epoch && at.offset == last.at.offset + 1 && previous == last.id;
  }
};

} // namespace harpia::inline v0::fleet
