// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/parsed_frames.hpp"

#include <new>
#include <zlib.h>

namespace harpia::test {

namespace {

// zlib, asked for one byte at a time: it checks distances against the window only where they lead beyond what one call put out.
class strict_inflater {
public:
  explicit strict_inflater(int window_bits) {
    if (inflateInit2(&stream_, -window_bits) != Z_OK)
      throw std::bad_alloc{};
  }
  strict_inflater(const strict_inflater&) = delete;
  strict_inflater& operator=(const strict_inflater&) = delete;
  ~strict_inflater() { inflateEnd(&stream_); }

  [[nodiscard]] bool take(std::string_view part) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data())); // zlib only reads it
    stream_.avail_in = static_cast<uInt>(part.size());
    put_out_ = false;
    do {
      Bytef byte{};
      stream_.next_out = &byte;
      stream_.avail_out = 1;
      const auto result = inflate(&stream_, Z_SYNC_FLUSH);
      if (result != Z_OK && result != Z_BUF_ERROR) // also if it was the last block
        return false;
      put_out_ = put_out_ || stream_.avail_out == 0;
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
    return true;
  }

  [[nodiscard]] bool end_message() {
    constexpr int behind_block = 128; // of `data_type`, whose lower bits count those of a byte that are left
    return take({"\0\0\xff\xff", 4}) && !put_out_ && stream_.data_type == behind_block;
  }

  void forget() { inflateReset(&stream_); }

private:
  z_stream stream_{};
  bool put_out_ = false;
};

} // namespace

parsed_frames parse_frames(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  parsed_frames found;
  while (bytes.size() >= 2) {
    const bool is_masked = (at(1) & 0x80U) != 0;
    const unsigned form = at(1) & 0x7FU;
    const std::size_t extended = form < 126 ? 0 : form == 126 ? 2 : 8; // RFC 6455, 5.2
    const auto head = 2 + extended + (is_masked ? 4 : 0);
    if (bytes.size() < head)
      break;
    parsed_frame frame{at(0), extended == 0 ? form : 0U, {}};
    for (std::size_t i = 0; i < extended; ++i)
      frame.length = frame.length << 8U | at(2 + i);
    frame.payload = bytes.substr(head, frame.length);
    for (std::size_t i = 0; is_masked && i < frame.payload.size(); ++i)
      frame.payload[i] = static_cast<char>(frame.payload[i] ^ bytes[head - 4 + i % 4]);
    bytes.remove_prefix(head + frame.payload.size());
    found.push_back(std::move(frame));
  }
  return found;
}

std::size_t count_well_deflated(const parsed_frames& frames, int window_bits, context_takeover takeover) {
  strict_inflater inflater{window_bits};
  std::size_t count = 0;
  bool is_deflated = false;
  for (const auto& frame : frames) {
    if (frame.is_control())
      continue;
    if (frame.opcode() != 0)
      is_deflated = frame.is_deflated();
    if (is_deflated && !inflater.take(frame.payload))
      return count;
    if (!frame.is_final() || frame.payload.size() < frame.length)
      continue;
    if (is_deflated && !inflater.end_message())
      return count;
    if (is_deflated && takeover == context_takeover::disabled)
      inflater.forget();
    ++count;
  }
  return all_messages;
}

} // namespace harpia::test
