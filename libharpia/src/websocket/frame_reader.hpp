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

namespace harpia::inline v0::websocket {

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

  struct usual_message {
    std::size_t size = 0; // bytes consumed; 0: what is next is anything else, which `read` reads
    message_view message{std::string_view{}};
    bool is_ascii = false; // false: not known
  };
  /// Reads a message of one uncompressed frame of less than 64 KiB, as nearly all are, if it is next, has no fault and `bytes` has all of it.
  [[nodiscard]] usual_message read_usual(std::span<std::byte> bytes, std::size_t max_payload) noexcept {
    if (rest_ != 0 || head_size_ != 0 || message_ != opcode::continuation)
      return {};
    return peer_ == side::client ? read_usual_of<side::client>(bytes, max_payload)
                                 : read_usual_of<side::server>(bytes, max_payload);
  }

  /// Bytes of the current frame that are still to come, once its head is known.
  [[nodiscard]] std::uint64_t rest() const noexcept { return rest_; }

private:
  template <side Peer>
  [[nodiscard]] static usual_message read_usual_of(std::span<std::byte> bytes, std::size_t max_payload) noexcept {
    constexpr std::uint8_t final_text = 0x81;
    constexpr std::uint8_t final_binary = 0x82;
    constexpr bool masked = Peer == side::client;
    if (bytes.size() < 2)
      return {};
    const auto* const head = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t size = head[1] ^ (masked ? 0x80U : 0U);
    if ((head[0] != final_text && head[0] != final_binary) || size > 126)
      return {};
    std::size_t begin = masked ? 6 : 2;
    if (size == 126) {
      begin += 2;
      if (bytes.size() < begin)
        return {};
      size = std::size_t{head[2]} << 8U | head[3];
      if (size < 126) // not the shortest form
        return {};
    }
    if (size > max_payload || bytes.size() < begin + size)
      return {};
    const auto payload = bytes.subspan(begin, size);
    bool is_ascii = false;
    if constexpr (masked) {
      masking_key key;
      std::memcpy(key.data(), payload.data() - key.size(), key.size());
      is_ascii = apply_mask(payload, key);
    }
    return {begin + size, {head[0] == final_text ? message_kind::text : message_kind::binary, payload}, is_ascii};
  }
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

} // namespace harpia::inline v0::websocket
