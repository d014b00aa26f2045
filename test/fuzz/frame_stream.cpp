// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frame_script.hpp"
#include "session_story.hpp"

#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <optional>
#include <string>

// Whatever a client sends, and however it is cut, a server's session tells the same, writes the same, and writes what a server may.

using harpia::fuzz::pieces;
using harpia::fuzz::require;
using harpia::fuzz::session_story;
namespace protocol = harpia::protocol;
namespace test = harpia::test;

namespace {

/// The frames that a session wrote.
std::string checked(std::string bytes, const session_story& story, harpia::compression used) {
  const bool compresses = used == harpia::compression::enabled;
  std::string frames;
  std::string sent;
  bool closed = false;
  while (const auto frame = test::take_frame(bytes)) {
    require(!closed, "a close frame is the last");
    require(!frame->rsv1 || compresses, "nothing is compressed unasked");
    closed = frame->opcode == test::opcode::close;
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
  story.session().accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}), {});
  (void)story.take_written();
  story.receive(stream, how);
  return checked(story.take_written(), story, used);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harpia::fuzz::input in{data, size};
  const harpia::fuzz::session_choice choice{in};
  const auto used = choice.options.compression;
  const auto stream = choice.raw ? std::string{in.rest()} : frames_of(in, harpia::fuzz::sender::client);

  protocol::session_context shared; // by both, so that the second may get an engine that the first had
  session_story whole{shared, choice.options, choice.of_whole};
  const auto written = run(whole, stream, {0}, used);
  session_story cut{shared, choice.options, choice.of_cut};
  require(run(cut, stream, choice.cut(stream.size()), used) == written, "pieces make no difference to what is written");
  require_same(whole, cut);
  return 0;
}
