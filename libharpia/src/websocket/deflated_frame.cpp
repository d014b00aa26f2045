// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/deflated_frame.hpp"

#include "websocket/frame.hpp"

#include "websocket/masking.hpp"

#include <array>
#include <cstddef>
#include <random>
#include <span>

namespace harpia::websocket {

namespace {

// RFC 6455, 5.3: the masking key must be unpredictable.
std::array<std::byte, 4> new_key() {
  const unsigned bits = std::random_device{}();
  return {std::byte(bits >> 24U), std::byte(bits >> 16U & 0xFFU), std::byte(bits >> 8U & 0xFFU), std::byte(bits & 0xFFU)};
}

} // namespace

std::string deflated_frame(message_kind kind, std::string_view payload, side sender) {
  const frame_header header{opcode_of(kind), payload.size(), payload_form::deflated};
  std::string frame;
  if (sender == side::server) {
    frame.reserve(header.size() + payload.size());
    return frame.append(header.bytes()).append(payload);
  }
  constexpr unsigned masked = 0x80;
  const auto key = new_key();
  frame.reserve(header.size() + key.size() + payload.size());
  frame.append(header.bytes());
  frame[1] = static_cast<char>(static_cast<unsigned char>(frame[1]) | masked);
  for (const auto byte : key)
    frame.push_back(static_cast<char>(byte));
  const auto begin = frame.size();
  frame.append(payload);
  apply_mask(std::as_writable_bytes(std::span{frame}.subspan(begin)), key);
  return frame;
}

} // namespace harpia::websocket
