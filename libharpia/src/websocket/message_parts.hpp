// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/message_fault.hpp"
#include "websocket/text_parts.hpp"

#include <harpia/message_view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace harpia::deflate {
class message_inflater;
}

namespace harpia::websocket {

/// Whoever is given messages in parts.
class part_taker {
public:
  enum class wish : std::uint8_t {
    now,
    later, ///< what comes meanwhile is held
    never, ///< what comes is dropped
  };
  /// Asked before each part, since it may have changed within the one before.
  [[nodiscard]] virtual wish wants_part() const noexcept = 0;
  virtual void on_part(message_view part, last_part last) = 0;

protected:
  ~part_taker() = default;
};

/// Gives what comes of messages as parts of them, one message after the other: what is compressed is inflated, texts are cut between
/// characters, and what nobody wants yet is held, to be one part then. No part is empty but the last one. Not thread-safe.
class message_parts {
public:
  /// Takes a piece of a message, cut anywhere.
  /// @return what is wrong with the message; after that, nothing is to be taken any more
  [[nodiscard]] std::optional<message_fault> take(message_view piece, last_part last, part_taker& to);
  /// Takes a piece of a compressed one, whose limit is that of `incoming`.
  [[nodiscard]] std::optional<message_fault>
  take_deflated(message_view piece, last_part last, deflate::message_inflater& incoming, part_taker& to);

  /// Whether something came that nobody wanted yet.
  [[nodiscard]] bool has_held() const noexcept { return held_.has_value(); }
  /// Gives that, unless it is never wanted.
  void give_held(part_taker& to);

private:
  class inflated_parts;

  void give(message_view part, last_part last, part_taker& to);

  text_parts text_;
  std::size_t inflated_ = 0; // bytes of the message so far, if it is compressed
  // What came of a piece after nobody wanted more. A session takes no further one then, so it is at most a mebibyte, which a kilobyte
  // of a compressed message can hold, or what was read at once.
  std::optional<std::vector<std::byte>> held_;
  message_kind held_kind_ = message_kind::text;
  last_part held_last_ = last_part::no;
};

} // namespace harpia::websocket
