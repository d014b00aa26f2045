// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace load {

/// RFC 6455, section 5.2.
enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// `raw` is for servers without WebSocket: what would be a frame, mask and all, goes out and comes back as mere bytes.
enum class framing { websocket, raw };

/// A masked frame of a client (section 5.3).
std::string masked_frame(opcode code, std::string_view payload);

/// The messages that clients send: alike but for a sequence number in the first 8 bytes (in fewer where the payload is shorter),
/// so that a frame is made by a copy, and an echo is checked whole by comparisons. All bytes are ASCII; the text looks like JSON,
/// so that it compresses about as well. Immutable.
class message_pattern {
public:
  message_pattern(opcode kind, std::size_t payload_size, framing frames);

  /// Appends the frame of message number `sequence`.
  void append_to(std::string& out, std::uint32_t sequence) const;

  /// Whether `chunk` is what stands at `offset` in the payload of message number `sequence`.
  [[nodiscard]] bool matches(std::uint32_t sequence, std::size_t offset, std::string_view chunk) const {
    if (offset > payload_.size() || chunk.size() > payload_.size() - offset)
      return false;
    const auto number = digits(sequence);
    while (offset < sequence_size_ && !chunk.empty()) {
      if (chunk.front() != number[offset++])
        return false;
      chunk.remove_prefix(1);
    }
    return std::string_view{payload_}.substr(offset, chunk.size()) == chunk;
  }

  [[nodiscard]] opcode kind() const { return kind_; }
  /// Bytes that a server gives back for a message, less its own header.
  [[nodiscard]] std::size_t echo_size() const { return payload_.size(); }
  [[nodiscard]] std::size_t frame_size() const { return frame_.size(); }

private:
  // The lowest digit comes first: short payloads have the part that changes.
  static std::array<char, 8> digits(std::uint32_t sequence) {
    std::array<char, 8> text;
    for (auto& digit : text) {
      digit = static_cast<char>('a' + (sequence & 15));
      sequence >>= 4;
    }
    return text;
  }

  opcode kind_;
  std::string payload_;
  std::string frame_;
  std::size_t sequence_size_;
  std::size_t sequence_at_;             // in the frame
  std::array<char, 8> sequence_mask_{}; // what the digits are masked with
};

} // namespace load
