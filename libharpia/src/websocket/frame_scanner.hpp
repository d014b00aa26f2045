// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/frame_head.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace harpia::websocket {

/// Finds where frames end, whatever is in them and in whatever pieces they come. Judges nothing.
class frame_scanner {
public:
  /// @return how many of `bytes` belong to the frame that has begun, or that begins with them
  std::size_t scan(std::span<const std::byte> bytes) noexcept {
    std::size_t taken = 0;
    while (payload_left_ == 0 && taken < bytes.size()) {
      head_[head_size_++] = bytes[taken++];
      const auto head = read_frame_head(std::span{head_}.first(head_size_));
      if (!head)
        continue;
      head_size_ = 0;
      payload_left_ = head->payload_size;
      if (!head->is_control())
        in_message_ = !head->is_final();
      if (payload_left_ == 0)
        return taken;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size() - taken));
    payload_left_ -= size;
    return taken + size;
  }

  /// Whether the next byte begins a frame.
  [[nodiscard]] bool is_between_frames() const noexcept { return head_size_ == 0 && payload_left_ == 0; }
  /// Whether the next byte begins a message, or a control frame between messages.
  [[nodiscard]] bool is_between_messages() const noexcept { return is_between_frames() && !in_message_; }

private:
  std::array<std::byte, frame_head::max_size> head_{};
  std::size_t head_size_ = 0;      // bytes of a header that is not complete yet
  std::uint64_t payload_left_ = 0; // bytes of the frame that have not come yet
  bool in_message_ = false;        // of several frames, the last of which has not begun
};

} // namespace harpia::websocket
