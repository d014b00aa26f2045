// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/frame.hpp"

#include "websocket/deflated_frame.hpp"

#include <algorithm>
#include <utility>

namespace harpia::websocket {

namespace {

constexpr unsigned char fin = 0x80;
constexpr std::uint64_t max_7_bit = 125;
constexpr std::uint64_t max_16_bit = 0xFFFF;
constexpr unsigned char length_in_16_bits = 126;
constexpr unsigned char length_in_64_bits = 127;

} // namespace

frame_header::frame_header(opcode code, std::uint64_t payload_size, payload_form form) noexcept {
  const auto put = [this](std::size_t at, std::uint64_t byte) { bytes_[at] = static_cast<char>(byte & 0xFF); };
  put(0, static_cast<unsigned>(fin) | static_cast<unsigned>(form) | static_cast<unsigned>(code));
  std::size_t length_bytes = 0;
  if (payload_size <= max_7_bit) {
    put(1, payload_size);
  } else if (payload_size <= max_16_bit) {
    put(1, length_in_16_bits);
    length_bytes = 2;
  } else {
    put(1, length_in_64_bits);
    length_bytes = 8;
  }
  for (std::size_t i = 0; i < length_bytes; ++i)
    put(2 + i, payload_size >> (8 * (length_bytes - 1 - i)));
  size_ = 2 + length_bytes;
}

std::string close_frame(close_code code, std::string_view reason) {
  constexpr std::size_t code_size = 2;
  const auto number = static_cast<unsigned>(code);
  std::string encoded{frame_header{opcode::close, code_size + reason.size()}.bytes()};
  return encoded.append({static_cast<char>(number >> 8U), static_cast<char>(number & 0xFFU)}).append(reason);
}

frame::frame(message_view message, compression allowed) : kind_{message.kind()}, allowed_{allowed} {
  const frame_header header{opcode_of(kind_), message.size()};
  header_size_ = header.size();
  bytes_.reserve(header_size_ + message.size());
  bytes_.append(header.bytes()).append(message.text());
}

message_view frame::message() const noexcept {
  const auto payload = std::string_view{bytes_}.substr(header_size_);
  return {kind_, std::as_bytes(std::span{payload.data(), payload.size()})};
}

// A compressed variant, which is only written to peers.
frame::frame(message_kind kind, std::string encoded)
    : bytes_{std::move(encoded)}, header_size_{0}, kind_{kind}, allowed_{compression::disabled} {}

// Null if `max_variants` is reached.
frame::variant* frame::find_variant(const deflate::deflate_settings& settings) const {
  const std::scoped_lock lock{mutex_};
  const auto known = std::ranges::find(variants_, settings, &variant::settings);
  if (known != variants_.end())
    return &*known;
  return variants_.size() < max_variants ? &variants_.emplace_back(settings) : nullptr;
}

shared_frame frame::deflated(const deflate::deflate_settings& settings, deflate::deflaters& tools) const {
  auto* const found = find_variant(settings);
  if (!found)
    return nullptr;
  std::call_once(found->once, [&] {
    auto& tool = tools.get(settings);
    const auto payload = tool.deflate(message().text());
    if (payload.size() < message().size())
      found->made = shared_frame{new frame{kind_, deflated_frame(kind_, payload, side::server)}};
    tool.trim();
  });
  return found->made;
}

shared_frame make_frame(message_view message, compression allowed) {
  return std::make_shared<const frame>(message, allowed);
}

} // namespace harpia::websocket
