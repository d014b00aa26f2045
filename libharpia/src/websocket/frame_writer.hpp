// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "memory/byte_buffer.hpp"
#include "websocket/masking.hpp"
#include "websocket/masking_keys.hpp"
#include <harpia/close_code.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace harpia::inline v0::websocket {

/// A side of a connection. A client masks its frames, a server does not (RFC 6455, 5.1).
enum class side : std::uint8_t { server, client };

/// RFC 6455, 5.2.
enum class opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// RFC 6455, 5.5: the longest payload of a control frame, in bytes.
inline constexpr std::size_t max_control_payload = 125;

/// Whether a frame's payload is compressed: its RSV1 (RFC 7692, 6).
enum class payload_form : std::uint8_t { plain = 0x00, deflated = 0x40 };

[[nodiscard]] constexpr opcode opcode_of(message_kind kind) noexcept {
  return kind == message_kind::text ? opcode::text : opcode::binary;
}

/// Encodes the frames of one side, unfragmented: unmasked those of a server, masked with the next of its keys those of a client
/// (RFC 6455, 5.2).
class frame_writer {
public:
  /// Writes a server's frames.
  frame_writer() noexcept = default;
  /// Writes a client's frames. @param keys outlives the writer
  explicit frame_writer(masking_keys& keys) noexcept : keys_{&keys} {}

  [[nodiscard]] bool masks() const noexcept { return keys_ != nullptr; }
  /// The size in bytes of a frame with a payload of `payload_size` bytes.
  [[nodiscard]] std::size_t size_of(std::size_t payload_size) const noexcept {
    return head_size(payload_size) + (keys_ ? sizeof(masking_key) : 0) + payload_size;
  }
  /// The largest size of a head in bytes, without a masking key.
  static constexpr std::size_t max_head_size = 10;
  /// Writes the head of an unmasked frame. @return its size in bytes
  static std::size_t write_unmasked_head(std::span<std::byte, max_head_size> out, opcode code,
                                         std::size_t payload_size) noexcept {
    frame_writer{}.write_head(out.data(), code, payload_size, payload_form::plain);
    return head_size(payload_size);
  }
  /// Writes a frame to `out`, which has room for the bytes that `size_of` says.
  void write(std::byte* out, opcode code, std::string_view payload, payload_form form = payload_form::plain) const {
    write_head(out, code, payload.size(), form);
    auto* const at = out + head_size(payload.size());
    if (keys_)
      write_masked(at, payload);
    else if (!payload.empty())
      std::memcpy(at, payload.data(), payload.size());
  }
  /// Appends a frame to `out`.
  void append(memory::byte_buffer& out, opcode code, std::string_view payload, payload_form form = payload_form::plain) const {
    write(out.room_for(size_of(payload.size())), code, payload, form);
    out.extend(size_of(payload.size()));
  }

private:
  void write_masked(std::byte* at, std::string_view payload) const;

  static constexpr std::size_t max_7_bit = 125;
  static constexpr std::size_t max_16_bit = 0xFFFF;

  [[nodiscard]] static constexpr std::size_t head_size(std::size_t payload_size) noexcept {
    return payload_size <= max_7_bit ? 2 : payload_size <= max_16_bit ? 4 : 10;
  }
  void write_head(std::byte* head, opcode code, std::size_t payload_size, payload_form form) const noexcept {
    constexpr unsigned fin = 0x80;
    const unsigned masked = keys_ ? 0x80 : 0;
    head[0] = std::byte(fin | static_cast<unsigned>(form) | static_cast<unsigned>(code));
    if (payload_size <= max_7_bit) {
      head[1] = std::byte(masked | payload_size);
      return;
    }
    const std::size_t length_bytes = payload_size <= max_16_bit ? 2 : 8;
    head[1] = std::byte(masked | (length_bytes == 2 ? 126 : 127));
    for (std::size_t i = 0; i < length_bytes; ++i)
      head[2 + i] = std::byte(static_cast<std::uint64_t>(payload_size) >> (8 * (length_bytes - 1 - i)) & 0xFF);
  }

  masking_keys* keys_ = nullptr;
};

/// The payload of a close frame (RFC 6455, 5.5.1). @param reason at most `max_close_reason` bytes
[[nodiscard]] std::string close_payload(close_code code, std::string_view reason);

} // namespace harpia::inline v0::websocket
