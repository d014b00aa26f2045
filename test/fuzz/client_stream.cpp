// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "deflate/deflate_agreement.hpp"

#include "frame_script.hpp"
#include "session_story.hpp"
#include "written_frames.hpp"

#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <string>
#include <utility>

// Whatever a server answers to an opening handshake and sends then, and however it is cut, a client's session tells the same, writes the
// same, and writes what a client may.

using harpia::fuzz::require;
using harpia::fuzz::sender;
namespace deflate = harpia::deflate;
namespace test = harpia::test;

namespace {

std::string value_of(std::string_view head, std::string_view field) {
  const auto name = "\r\n" + std::string{field} + ": ";
  const auto begin = head.find(name);
  require(begin != std::string_view::npos, "an opening handshake has its fields");
  const auto value = head.substr(begin + name.size());
  return std::string{value.substr(0, value.find("\r\n"))};
}

/// With what belongs to the client's key in the place of the first "@". Behind the handshake it would be something else in each run.
std::string signed_answer(std::string text, std::string_view asked) {
  if (const auto mark = text.find('@'); mark != std::string::npos)
    text.replace(mark, 1, test::accept_for_key(value_of(asked, "Sec-WebSocket-Key")));
  return text;
}

/// What a server with the same options says to what the client offers.
std::string extension_for(std::string_view asked, const harpia::deflate_options& options) {
  const auto offer = test::opening_request({{"Sec-WebSocket-Extensions", value_of(asked, "Sec-WebSocket-Extensions")}});
  const auto answer = deflate::accept_deflate(offer, options);
  require(answer.has_value(), "a server with the same options accepts what is offered");
  return "Sec-WebSocket-Extensions: " + answer->extension + "\r\n";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view usual =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n";
  harpia::fuzz::input in{data, size};
  const harpia::fuzz::session_choice choice{in};
  const auto text = in.take_until('\0'); // the whole answer, or further fields
  const auto frames = frames_of(in, sender::server, choice.deflate_of(sender::server));

  compare_stories(choice, frames.size(), [&](harpia::fuzz::session_story& story, const harpia::fuzz::pieces& how) {
    story.session().connect({.host = "localhost", .target = "/", .subprotocols = {"a", "b"}});
    const auto asked = story.take_written();
    require(asked.starts_with("GET / HTTP/1.1\r\n") && asked.ends_with("\r\n\r\n"), "a client begins with a request");
    std::string answer{choice.raw ? std::string_view{} : usual};
    if (!choice.raw && choice.peer_deflates)
      answer += extension_for(asked, choice.options.deflate);
    answer.append(text).append(choice.raw ? "" : "\r\n");
    story.receive(signed_answer(std::move(answer), asked).append(frames), how);
    return checked_frames(story.take_written(), sender::client, story, choice);
  });
  return 0;
}
