// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace harpia::inline v0::http {

/// Reads the body of a message (RFC 9112, 6 and 7.1): of a known length, in chunks, or up to the end of the connection.
///
/// Chunk extensions and trailers are checked and left out. Beast's parser is used for heads only: it reads a quoted string in a chunk
/// extension across the end of its line, where other recipients see a chunk; what it reads depends on the pieces that it is given; and it
/// limits neither extensions nor trailers.
class body_reader {
public:
  enum class state : std::uint8_t {
    incomplete,
    complete,
    malformed,        ///< the chunks are not what RFC 9112 says
    too_large,        ///< the body is larger than its limit
    too_much_framing, ///< more was sent for the chunks than for what is in them
  };

  /// @param max limit of the body in bytes
  [[nodiscard]] static body_reader of_length(std::uint64_t length, std::size_t max);
  /// @param max_framing limit in bytes of what chunks need beside their content, to which 16 bytes for each byte of content are added
  [[nodiscard]] static body_reader in_chunks(std::size_t max, std::size_t max_framing);
  [[nodiscard]] static body_reader to_end(std::size_t max) { return {phase::to_end, max}; }

  /// Reads the next bytes. @return how many of them belong to the body; all of them while it is incomplete
  std::size_t read(std::string_view bytes);
  [[nodiscard]] state at() const noexcept { return state_; }
  /// What has been read.
  [[nodiscard]] std::string& body() noexcept { return body_; }

private:
  enum class phase : std::uint8_t {
    content, // of a known length
    to_end,
    size_begin, // of a chunk
    size,
    before_extension,
    extension,
    size_end, // its line feed
    chunk,
    chunk_return, // the line end behind a chunk
    chunk_end,
    line_begin, // of a trailer, or the end
    name,
    value,
    line_end,
    last_end, // the last line feed
  };

  body_reader(phase begin, std::size_t max) : max_{max}, phase_{begin} {}

  [[nodiscard]] std::size_t take_content(std::string_view bytes);
  void take_framing(char c);
  void take_size_digit(unsigned digit);
  void begin_chunk();

  std::string body_;
  std::uint64_t left_ = 0; // of the body or chunk
  std::size_t max_;
  std::size_t max_framing_ = std::numeric_limits<std::size_t>::max();
  std::size_t framing_ = 0; // bytes
  phase phase_;
  state state_ = state::incomplete;
  std::uint8_t digits_ = 0; // of a chunk's size
};

} // namespace harpia::inline v0::http
