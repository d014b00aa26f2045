// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/message_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace harpia::protocol {

/// RFC 6455, 5.2. Only those that a server sends by itself; fragments are left to Beast.
enum class opcode : std::uint8_t { text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// RFC 6455, 5.5: the longest payload of a control frame, in bytes.
inline constexpr std::size_t max_control_payload = 125;

/// The header of an unfragmented, unmasked frame, as servers send them: 2, 4 or 10 bytes.
class frame_header {
public:
  frame_header(opcode code, std::uint64_t payload_size) noexcept;

  [[nodiscard]] std::string_view bytes() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  std::array<char, 10> bytes_;
  std::size_t size_;
};

/// A data frame that is encoded once and sent to many. Immutable, so any thread may read it.
class frame {
public:
  explicit frame(message_view message);

  /// Header and payload, as they go over the wire.
  [[nodiscard]] std::string_view wire() const noexcept { return wire_; }
  /// The message inside, for receivers that must encode it themselves.
  [[nodiscard]] message_view message() const noexcept;

private:
  std::string wire_;
  std::size_t header_size_;
  message_kind kind_;
};

using shared_frame = std::shared_ptr<const frame>;

[[nodiscard]] shared_frame make_frame(message_view message);

[[nodiscard]] constexpr opcode opcode_of(message_kind kind) noexcept {
  return kind == message_kind::text ? opcode::text : opcode::binary;
}

} // namespace harpia::protocol
