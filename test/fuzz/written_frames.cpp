// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "written_frames.hpp"

#include "support/deflate_peer.hpp"
#include "support/raw_client.hpp"

#include <optional>
#include <string_view>

namespace harpia::fuzz {

namespace {

/// The same frames as a server would write them.
std::string unmasked(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : std::size_t{0}; };
  std::string frames;
  while (!bytes.empty()) {
    require((at(1) & 0x80U) != 0, "a client's frames have masks");
    auto size = at(1) & 0x7FU;
    const std::size_t extended = size < 126 ? 0 : size == 126 ? 2 : 8; // RFC 6455, 5.2
    if (extended > 0)
      size = 0;
    for (std::size_t i = 0; i < extended; ++i)
      size = size << 8U | at(2 + i);
    const auto head = 2 + extended;
    require(bytes.size() >= head + 4 && bytes.size() - head - 4 >= size, "frames are written whole");
    frames.append(bytes.substr(0, head));
    frames[frames.size() - head + 1] = static_cast<char>(at(1) & 0x7FU);
    for (std::size_t i = 0; i < size; ++i)
      frames += static_cast<char>(at(head + 4 + i) ^ at(head + i % 4));
    bytes.remove_prefix(head + 4 + size);
  }
  return frames;
}

} // namespace

std::string checked_frames(std::string bytes, sender from, const session_story& story, const session_choice& choice) {
  const auto how = choice.deflate_of(from);
  std::optional<test::deflate_peer> peer; // since it is large
  if (from == sender::client)
    bytes = unmasked(bytes);
  std::string frames;
  std::string sent;
  bool closed = false;
  while (const auto frame = test::take_frame(bytes)) {
    require(!closed, "a close frame is the last");
    require(!frame->rsv1 || choice.options.compression == compression::enabled, "nothing is compressed unasked");
    closed = frame->opcode == test::opcode::close;
    frames += test::encode_frame(*frame, std::nullopt);
    if (frame->opcode > test::opcode::binary)
      continue;
    require(frame->fin, "a message is written in one frame");
    if (!frame->rsv1) {
      sent += frame->payload;
      continue;
    }
    if (!peer)
      peer.emplace(how.window_bits, how.window_bits);
    else if (how.takeover == context_takeover::disabled)
      peer->forget();
    sent += peer->inflated(frame->payload);
  }
  require(bytes.empty(), "frames are written whole");
  require(sent == story.echoed(), "what was sent is written");
  return frames;
}

} // namespace harpia::fuzz
