// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/deflater.hpp"
#include "memory/byte_buffer.hpp"
#include "websocket/masking_keys.hpp"
#include <harpia/close_code.hpp>
#include <harpia/message_view.hpp>
#include <harpia/route_options.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace harpia::websocket {

/// A side of a connection. A client masks its frames, a server does not (RFC 6455, 5.1).
enum class side : std::uint8_t { server, client };

/// RFC 6455, 5.2.
enum class opcode : std::uint8_t { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA };

/// RFC 6455, 5.5: the longest payload of a control frame, in bytes.
inline constexpr std::size_t max_control_payload = 125;

/// Whether a frame's payload is compressed: its RSV1 (RFC 7692, 6).
enum class payload_form : std::uint8_t { plain = 0x00, deflated = 0x40 };

/// The header of an unfragmented frame: 2, 4 or 10 bytes, and 4 more for the masking key of a client.
class frame_header {
public:
  /// @param mask of a client's frame; null: the frame is a server's
  frame_header(opcode code, std::uint64_t payload_size, payload_form form = payload_form::plain,
               const masking_key* mask = nullptr) noexcept;

  [[nodiscard]] std::string_view bytes() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  std::array<char, 14> bytes_;
  std::size_t size_;
};

/// Encodes the frames of one side: unmasked those of a server, masked with the next of its keys those of a client.
class frame_writer {
public:
  /// Writes a server's frames.
  frame_writer() noexcept = default;
  /// Writes a client's frames. @param keys outlives the writer
  explicit frame_writer(masking_keys& keys) noexcept : keys_{&keys} {}

  [[nodiscard]] bool masks() const noexcept { return keys_ != nullptr; }
  /// The size in bytes of a frame with a payload of `payload_size` bytes.
  [[nodiscard]] std::size_t size_of(std::size_t payload_size) const noexcept;
  /// Appends a frame to `out`.
  void append(memory::byte_buffer& out, opcode code, std::string_view payload, payload_form form = payload_form::plain) const;

private:
  masking_keys* keys_ = nullptr;
};

/// The payload of a close frame (RFC 6455, 5.5.1). @param reason at most `max_close_reason` bytes
[[nodiscard]] std::string close_payload(close_code code, std::string_view reason);

class frame;
using shared_frame = std::shared_ptr<const frame>;

/// A data frame that is encoded once and sent to many peers. Its observable state is immutable, so any thread may read it.
class frame {
public:
  /// @param allowed whether it may be compressed
  explicit frame(message_view message, compression allowed = compression::enabled);
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  /// Header and payload, as sent to the peer.
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_.text(); }
  /// The message, for connections that must encode it themselves.
  [[nodiscard]] message_view message() const noexcept;

  [[nodiscard]] compression allowed() const noexcept { return allowed_; }
  static constexpr std::size_t max_variants = 8;

  /// A server's frame with this message compressed, without context takeover (RFC 7692, 7.1.1). The first caller with these settings
  /// compresses it, with one of `tools`. Concurrent callers wait for that. Thread-safe.
  /// @return null if it would not be smaller, or if `max_variants` other settings are cached already (peers choose the settings)
  [[nodiscard]] shared_frame deflated(const deflate::deflate_settings& settings, deflate::deflaters& tools) const;

private:
  struct variant {
    explicit variant(const deflate::deflate_settings& with) : settings{with} {}

    const deflate::deflate_settings settings;
    std::once_flag once; // per variant, so that callers with other settings do not wait
    shared_frame made;   // null: would not be smaller
  };

  [[nodiscard]] variant* find_variant(const deflate::deflate_settings& settings) const;
  frame(message_kind kind, memory::byte_buffer encoded);

  memory::byte_buffer bytes_;
  std::size_t header_size_;
  message_kind kind_;
  compression allowed_;
  mutable std::mutex mutex_;
  mutable std::list<variant> variants_; // the list is guarded by mutex_, each entry by its `once`; bounded by max_variants
};

[[nodiscard]] constexpr opcode opcode_of(message_kind kind) noexcept {
  return kind == message_kind::text ? opcode::text : opcode::binary;
}

[[nodiscard]] shared_frame make_frame(message_view message, compression allowed = compression::enabled);

} // namespace harpia::websocket
