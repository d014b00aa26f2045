// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <time.h>

/// What the servers and the clients of the crowd benchmark agree on.
namespace crowd {

/// Field of the 101 response that tells which of the servers answered.
inline constexpr std::string_view server_field = "Crowd-Server";

/// Bytes of every message, so that clients need not parse frames: the number of the broadcast, in decimal, filled up.
inline constexpr std::size_t message_size = 32;
/// Such a message in a frame from a server (RFC 6455, 5.2).
inline constexpr std::size_t frame_size = 2 + message_size;

inline std::string encode(std::uint32_t round) {
  auto message = std::to_string(round);
  message.resize(message_size, ' ');
  return message;
}

/// @return the number of the broadcast; 0 for a frame that is none of ours
inline std::uint32_t decode(std::string_view frame) {
  std::uint32_t round = 0;
  if (frame.size() == frame_size && frame.starts_with("\x81\x20"))
    std::from_chars(frame.data() + 2, frame.data() + frame.size(), round);
  return round;
}

/// Nanoseconds of the clock that all processes of a machine share.
inline std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

} // namespace crowd
