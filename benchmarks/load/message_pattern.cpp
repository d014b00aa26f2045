// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "message_pattern.hpp"

#include <algorithm>

namespace load {

namespace {

// A server cannot know that the key never changes.
constexpr std::array<std::uint8_t, 4> mask_key{0x37, 0xfa, 0x21, 0x3d};

std::string header_of(opcode code, std::size_t payload_size) {
  std::string header;
  const auto append = [&](std::size_t number, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
      header.push_back(static_cast<char>(number >> shift & 0xff));
  };
  append(0x80u | static_cast<std::size_t>(code), 1);
  if (payload_size < 126) {
    append(0x80 | payload_size, 1);
  } else if (payload_size < 65536) {
    append(0x80 | 126, 1);
    append(payload_size, 2);
  } else {
    append(0x80 | 127, 1);
    append(payload_size, 8);
  }
  header.append(reinterpret_cast<const char*>(mask_key.data()), mask_key.size());
  return header;
}

char masked(char byte, std::size_t offset) {
  return static_cast<char>(static_cast<std::uint8_t>(byte) ^ mask_key[offset % 4]);
}

// Words from a small generator: neither constant nor random, as application data is.
std::string json_like_text(std::size_t size) {
  static constexpr std::array<std::string_view, 8> names{"symbol", "price", "volume", "venue", "trader", "side", "stamp", "note"};
  std::string text(8, '-');
  std::uint32_t state = 2026;
  while (text.size() < size) {
    state = state * 1664525u + 1013904223u;
    text += "{\"";
    text += names[state >> 29];
    text += "\":";
    text += std::to_string(state >> 8);
    text += "},";
  }
  text.resize(size);
  return text;
}

} // namespace

std::string masked_frame(opcode code, std::string_view payload) {
  auto frame = header_of(code, payload.size());
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame.push_back(masked(payload[i], i));
  return frame;
}

message_pattern::message_pattern(opcode kind, std::size_t payload_size, framing frames)
    : kind_(kind), payload_(json_like_text(payload_size)), frame_(masked_frame(kind, payload_)) {
  if (frames == framing::raw) {
    payload_ = json_like_text(frame_.size());
    frame_ = payload_;
  } else {
    for (std::size_t i = 0; i < sequence_mask_.size(); ++i)
      sequence_mask_[i] = masked('\0', i);
  }
  sequence_size_ = std::min(payload_.size(), sequence_mask_.size());
  sequence_at_ = frame_.size() - payload_.size();
}

void message_pattern::append_to(std::string& out, std::uint32_t sequence) const {
  const auto at = out.size() + sequence_at_;
  out += frame_;
  const auto number = digits(sequence);
  for (std::size_t i = 0; i < sequence_size_; ++i)
    out[at + i] = static_cast<char>(number[i] ^ sequence_mask_[i]);
}

} // namespace load
