// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace harpia::inline v0::fleet {

/// Which message of a group: the node that published it, and which of that node's messages to this group it is. Unique within a group.
/// A node publishes its messages in the order of their numbers.
struct message_id {
  /// A random number that a node draws when it starts, so that a restarted node is another one; 0: no message.
  std::uint64_t incarnation = 0;
  std::uint64_t number = 0; ///< from 1 on
  /// How often it was sent when it was stored. An engine that has forgotten a message may get it again and give it the same place: then it
  /// is told from the former one by this.
  std::uint64_t attempt = 1;

  /// Whether it is the same message, however often it was sent.
  [[nodiscard]] bool is_message(const message_id& other) const noexcept {
    return incarnation == other.incarnation && number == other.number;
  }

  /// Reads the text that `to_string` writes. @return nothing if it is anything else
  [[nodiscard]] static std::optional<message_id> parse(std::string_view text) noexcept;

  /// Whether it is no message: the predecessor of a group's first one.
  [[nodiscard]] bool is_none() const noexcept { return incarnation == 0; }

  friend bool operator==(const message_id&, const message_id&) = default;
};

/// The text of an id, such as `n7.88`, `n7.88.2` if it was sent twice, and `-` for none.
[[nodiscard]] std::string to_string(const message_id& id);

} // namespace harpia::inline v0::fleet
