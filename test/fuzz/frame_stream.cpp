// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frame_script.hpp"
#include "session_story.hpp"
#include "written_frames.hpp"

#include "support/opening.hpp"

#include <string>

// Whatever a client sends, and however it is cut, a server's session tells the same, writes the same, and writes what a server may.

using harpia::fuzz::require;
using harpia::fuzz::sender;
namespace test = harpia::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harpia::fuzz::input in{data, size};
  const harpia::fuzz::session_choice choice{in};
  const auto stream = choice.raw ? std::string{in.rest()} : frames_of(in, sender::client, choice.deflate_of(sender::client));
  const auto offer = choice.peer_deflates ? "permessage-deflate; client_max_window_bits" : "unheard-of";

  compare_stories(choice, stream.size(), [&](harpia::fuzz::session_story& story, const harpia::fuzz::pieces& how) {
    story.session().accept(test::opening_request({{"Sec-WebSocket-Extensions", offer}}), {});
    (void)story.take_written();
    story.receive(stream, how);
    return checked_frames(story.take_written(), sender::server, story, choice);
  });
  return 0;
}
