// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/message_fault.hpp"
#include "websocket/text_parts.hpp"

#include <harpia/message_view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace harpia::inline v0::deflate {
class message_inflater;
}

namespace harpia::inline v0::websocket {

/// Receives messages in parts.
class part_taker {
public:
  enum class wish : std::uint8_t {
    now,
    later, ///< bytes received meanwhile are held
    never, ///< received bytes are dropped
  };
  /// Called before each part, since `on_part` may change the result.
  [[nodiscard]] virtual wish wants_part() const noexcept = 0;
  virtual void on_part(message_view part, last_part last) = 0;

protected:
  ~part_taker() = default;
};

/// Splits received messages into parts, one message after the other. Inflates compressed ones and cuts texts between characters. Holds
/// bytes that are not wanted yet and gives them later as one part. Only the last part can be empty. Not thread-safe.
class message_parts {
public:
  /// Takes a piece of a message, cut at any byte.
  /// @return the message's fault, if any; no further call may follow a fault
  [[nodiscard]] std::optional<message_fault> take(message_view piece, last_part last, part_taker& to);
  /// Takes a piece of a compressed message. `incoming` sets the limit.
  [[nodiscard]] std::optional<message_fault>
  take_deflated(message_view piece, last_part last, deflate::message_inflater& incoming, part_taker& to);

  /// Whether bytes are held that were not wanted yet.
  [[nodiscard]] bool has_held() const noexcept { return held_.has_value(); }
  /// Gives the held bytes to `to`, or drops them if `to` never wants parts.
  void give_held(part_taker& to);

private:
  class inflated_parts;

  void give(message_view part, last_part last, part_taker& to);

  text_parts text_;
  std::size_t inflated_ = 0; // inflated bytes of the message so far, if it is compressed
  // The rest of a piece after the taker wanted no more parts. A session takes no further piece then. Bounded by a mebibyte, to which a
  // kilobyte of a compressed message can inflate, or by one read.
  std::optional<std::vector<std::byte>> held_;
  message_kind held_kind_ = message_kind::text;
  last_part held_last_ = last_part::no;
};

} // namespace harpia::inline v0::websocket
