// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frame_script.hpp"
#include "session_story.hpp"

#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

// Whatever a client sends, and however it is cut, a server's session tells the same, writes the same, and writes what a server may.

using harpia::fuzz::owner_plan;
using harpia::fuzz::pieces;
using harpia::fuzz::require;
using harpia::fuzz::session_story;
namespace protocol = harpia::protocol;
namespace test = harpia::test;

namespace {

/// The frames that a session wrote; without its close frame where that depends on how the stream was cut, see `require_same`.
std::string checked(std::string bytes, const session_story& story, harpia::compression used) {
  const bool compresses = used == harpia::compression::enabled;
  std::string frames;
  std::string sent;
  bool closed = false;
  while (const auto frame = test::take_frame(bytes)) {
    require(!closed, "a close frame is the last");
    require(!frame->rsv1 || compresses, "nothing is compressed unasked");
    closed = frame->opcode == test::opcode::close;
    if (!closed || !compresses || !story.has_failed())
      frames += test::encode_frame(*frame, std::nullopt);
    if (frame->opcode <= test::opcode::binary)
      sent += frame->payload;
  }
  require(bytes.empty(), "frames are written whole");
  require(compresses || sent == story.echoed(), "what was sent is written");
  return frames;
}

/// Opens a session and gives it the stream. @return what it wrote
std::string run(session_story& story, std::string_view stream, const pieces& how, harpia::compression used) {
  require(!story.session().accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}), {}),
          "the opening handshake is accepted");
  (void)story.take_written();
  story.receive(stream, how);
  return checked(story.take_written(), story, used);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::size_t, 4> limits{1U << 20U, 70'000, 1000, 100};
  constexpr std::array<std::size_t, 4> max_sizes{5000, 40, 7, 1};
  harpia::fuzz::input in{data, size};
  const unsigned choice = in.byte(); // bits: raw, compression, echo, two of the limit, two of the sizes
  const unsigned seed = in.byte();
  const unsigned owner = in.byte(); // bits: two of pauses, three of their length, three of the closing message
  const harpia::route_options options{
      .max_payload = limits[choice / 8 % 4],
      .high_watermark = 1U << 28U,
      .max_buffered = 1U << 29U,
      .compression = (choice & 2U) != 0 ? harpia::compression::enabled : harpia::compression::disabled};
  owner_plan plan{.echoes = (choice & 4U) != 0, .close_after = owner / 32};
  const auto stream = (choice & 1U) != 0 ? std::string{in.rest()} : frames_of(in, harpia::fuzz::sender::client);

  protocol::session_context shared; // by both, so that the second may get an engine that the first had
  session_story whole{shared, options, plan};
  const auto written = run(whole, stream, {0}, options.compression);
  plan.pause_every = owner % 4;
  plan.resume_after = owner / 4 % 8;
  // A long stream in single bytes would take seconds.
  const auto max_size = std::max(max_sizes[choice / 32 % 4], stream.size() / 4096);
  session_story cut{shared, options, plan};
  require(run(cut, stream, {max_size, seed}, options.compression) == written, "pieces make no difference to what is written");
  require_same(whole, cut, options.compression);
  return 0;
}
