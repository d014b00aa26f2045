// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "memory/byte_buffer.hpp"
#include "websocket/frame_reader.hpp"
#include "websocket/message_fault.hpp"
#include "websocket/message_parts.hpp"
#include "websocket/utf8.hpp"
#include <harpia/close_code.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace harpia::inline v0::deflate {
class message_inflater;
}

namespace harpia::inline v0::websocket {

class buffer_pool;

/// How messages are delivered.
enum class messages : bool { whole, in_parts };

/// Receives what a `message_reader` has read, from inside `read` and `give_held_part`.
class reader_events : public part_taker {
public:
  virtual void on_message(message_view message) = 0;
  /// A ping or pong.
  virtual void on_control(opcode code, std::string_view payload) = 0;
  /// The peer's close frame. @param code `no_status` if it has none
  virtual void on_close(close_code code, std::string_view reason) = 0;
  /// The peer broke a rule. No call of `read` may follow.
  virtual void on_fault(const message_fault& fault) = 0;

protected:
  ~reader_events() = default;
};

/// Reads what a peer sends: frames and the messages that they are parts of (RFC 6455, 5 and 6.2), compressed ones too (RFC 7692, 6.2).
///
/// A message that is whole in the bytes it is read from is delivered where it lies. Any other gets memory of its own, which grows with what
/// has been received up to the size that its frames announce. Text fails at its first invalid byte. Not thread-safe.
class message_reader {
public:
  /// Minimum number of bytes of a frame still to come for which `target` is memory of the message.
  static constexpr std::size_t worth_reading_directly = std::size_t{64} << 10;

  /// @param buffers outlives the reader
  /// @param max_payload maximum size of a message in bytes, after decompression
  message_reader(messages given, std::size_t max_payload, buffer_pool& buffers);
  ~message_reader();
  message_reader(const message_reader&) = delete;
  message_reader& operator=(const message_reader&) = delete;

  /// The side that the messages come from; a client until this is called.
  void read_from(side peer) noexcept { frames_.read_from(peer); }
  /// From now on, messages may be compressed. @param incoming outlives the reader; its limit is `max_payload`
  void inflate_with(deflate::message_inflater& incoming) noexcept;

  /// Reads from the front of `bytes`, which it modifies: a head, or a piece of a frame. Calls at most one function of `to`, or `on_part` any
  /// number of times.
  /// @return bytes consumed, more than 0 if there are any
  std::size_t read(std::span<std::byte> bytes, reader_events& to) {
    if (parts_ || discards_)
      return read_any(bytes, to);
    const auto [size, message, is_ascii] = frames_.read_usual(bytes, max_payload_);
    if (size == 0)
      return read_any(bytes, to);
    if (is_ascii || message.is_binary() || is_any_utf8(message.bytes())) [[likely]]
      to.on_message(message);
    else
      to.on_fault(invalid_text);
    return size;
  }

  /// Where the next bytes should be read into and then passed to `read`: memory of a large message, without a copy. Empty: anywhere.
  [[nodiscard]] std::span<std::byte> target();
  [[nodiscard]] bool has_target() const noexcept { return unfinished_ && frames_.rest() >= worth_reading_directly && size_ > 0; }

  [[nodiscard]] std::size_t max_payload() const noexcept { return max_payload_; }

  /// From now on, reads messages only to find their end. A message whose event is running stays valid.
  void discard_messages() noexcept { discards_ = true; }

  /// Frees the memory of a message that is not complete. Not inside an event of the reader.
  void forget_message() noexcept;

  /// Whether bytes of a message are held because `wants_part` returned `later`. Then `give_held_part` must precede `read`.
  [[nodiscard]] bool holds_part() const noexcept { return parts_ && parts_->has_held(); }
  void give_held_part(part_taker& to) { parts_->give_held(to); }

private:
  struct unfinished;

  std::size_t read_any(std::span<std::byte> bytes, reader_events& to);
  void take(const frame_piece& piece, reader_events& to);
  void take_control(const frame_piece& piece, reader_events& to);
  void take_deflated(const frame_piece& piece, reader_events& to);
  void take_plain(const frame_piece& piece, reader_events& to);
  void append(const frame_piece& piece, reader_events& to);
  void reserve(std::size_t capacity);
  [[nodiscard]] unfinished& begun();

  frame_reader frames_;
  buffer_pool* buffers_;
  deflate::message_inflater* incoming_ = nullptr; // null unless compression was negotiated
  std::unique_ptr<message_parts> parts_;          // null unless messages are delivered in parts
  std::unique_ptr<unfinished> unfinished_;        // null between messages
  std::size_t max_payload_;
  std::size_t size_ = 0; // bytes of the current uncompressed message so far
  bool discards_ = false;
};

} // namespace harpia::inline v0::websocket
