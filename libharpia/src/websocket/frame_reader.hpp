// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/frame.hpp"
#include "websocket/frame_head.hpp"
#include "websocket/masking.hpp"
#include "websocket/message_fault.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>

namespace harpia::websocket {

/// Whether messages may be compressed, that is, whether their first frame may have RSV1 (RFC 7692, 6).
enum class deflate_agreed : bool { no, yes };

/// A piece of a frame's payload, unmasked.
struct frame_piece {
  opcode code;                  // of the message: a continuation frame has that of the first frame
  payload_form form;            // of the message
  std::span<std::byte> payload; // may be empty
  std::uint64_t rest;           // bytes of the frame that are still to come
  bool begins;                  // a message, or a control frame
  bool ends;                    // the message, or the control frame

  [[nodiscard]] constexpr bool is_control() const noexcept { return (static_cast<unsigned>(code) & 0x08U) != 0; }
  [[nodiscard]] constexpr bool is_whole() const noexcept { return begins && ends; }
};

/// Reads the frames of one peer from bytes that arrive in any pieces (RFC 6455, 5). Unmasks payloads where they lie, and checks heads and
/// their order. Has no memory of its own. Not thread-safe.
class frame_reader {
public:
  /// The side that the frames come from; a client until this is called.
  void read_from(side peer) noexcept { peer_ = peer; }
  /// From now on, messages may be compressed.
  void allow_deflated() noexcept { deflated_allowed_ = deflate_agreed::yes; }

  struct result {
    std::size_t size;                   // bytes consumed
    std::optional<frame_piece> piece;   // nothing if a head is not complete yet, or after a fault
    std::optional<message_fault> fault; // no call may follow
  };
  /// Maximum sizes in bytes of pieces of messages.
  struct piece_limits {
    std::size_t plain = std::numeric_limits<std::size_t>::max();
    std::size_t deflated = std::numeric_limits<std::size_t>::max();
  };
  /// Reads the next head, if one is due, and the payload after it, as far as `bytes` has it.
  [[nodiscard]] result read(std::span<std::byte> bytes, const piece_limits& limits) noexcept;

  /// Reads a message of one uncompressed frame of less than 64 KiB, as nearly all are, if it is next, has no fault and `bytes` has all of it.
  /// @return bytes consumed; 0: it is anything else, which `read` reads
  [[nodiscard]] std::size_t read_usual(std::span<std::byte> bytes, std::size_t max_payload, message_view& message) noexcept {
    constexpr std::byte final_text{0x81};
    constexpr std::byte final_binary{0x82};
    if (rest_ != 0 || head_size_ != 0 || message_ != opcode::continuation || bytes.size() < 4)
      return 0;
    const auto second = std::to_integer<std::size_t>(bytes[1]) ^ (peer_ == side::client ? 0x80U : 0U);
    if ((bytes[0] != final_text && bytes[0] != final_binary) || second > 126)
      return 0;
    std::size_t head = 2;
    auto size = second;
    if (second == 126) {
      size = std::to_integer<std::size_t>(bytes[2]) << 8U | std::to_integer<std::size_t>(bytes[3]);
      head = 4;
      if (size < 126) // not the shortest form
        return 0;
    }
    masking_key key;
    if (peer_ == side::client) {
      if (bytes.size() - head < key.size())
        return 0;
      std::memcpy(key.data(), bytes.data() + head, key.size());
      head += key.size();
    }
    if (size > max_payload || size > bytes.size() - head)
      return 0;
    const auto payload = bytes.subspan(head, size);
    if (peer_ == side::client)
      apply_mask(payload, key);
    message = {bytes[0] == final_text ? message_kind::text : message_kind::binary, payload};
    return head + size;
  }

  /// Bytes of the current frame that are still to come, once its head is known.
  [[nodiscard]] std::uint64_t rest() const noexcept { return rest_; }

private:
  [[nodiscard]] std::optional<message_fault> check(const frame_head& head) const noexcept;
  void begin(const frame_head& head) noexcept;
  [[nodiscard]] frame_piece take(std::span<std::byte> payload) noexcept;

  std::uint64_t rest_ = 0;                             // bytes of the current frame's payload
  masking_key mask_{};                                 // for the next byte of it
  std::array<std::byte, frame_head::max_size> head_{}; // the beginning of a head
  std::uint8_t head_size_ = 0;                         // its size in bytes
  side peer_ = side::client;
  deflate_agreed deflated_allowed_ = deflate_agreed::no;
  opcode code_ = opcode::continuation;    // of the current frame
  opcode message_ = opcode::continuation; // of the message that is not complete; `continuation` if there is none
  payload_form form_ = payload_form::plain;
  bool is_final_ = false; // the current frame
  bool begins_ = false;   // the next piece begins a message or control frame
};

} // namespace harpia::websocket
