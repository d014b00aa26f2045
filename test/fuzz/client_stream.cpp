// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frame_script.hpp"
#include "session_story.hpp"

#include "support/raw_client.hpp"

#include <string>

// Whatever a server answers to an opening handshake and sends then, and however it is cut, a client's session tells the same.

using harpia::fuzz::pieces;
using harpia::fuzz::require;
using harpia::fuzz::session_story;
namespace protocol = harpia::protocol;
namespace test = harpia::test;

namespace {

std::string value_of(std::string_view head, std::string_view field) {
  const auto name = "\r\n" + std::string{field} + ": ";
  const auto begin = head.find(name);
  require(begin != std::string_view::npos, "an opening handshake has its fields");
  const auto value = head.substr(begin + name.size());
  return std::string{value.substr(0, value.find("\r\n"))};
}

/// With what belongs to the client's key in the place of "@".
std::string signed_answer(std::string_view text, std::string_view asked) {
  const auto accept = test::accept_for_key(value_of(asked, "Sec-WebSocket-Key"));
  std::string answer;
  for (const char c : text)
    c == '@' ? answer += accept : answer += c;
  return answer;
}

void run(session_story& story, std::string_view answer, std::string_view frames, const pieces& how) {
  story.session().connect({.host = "localhost", .target = "/", .subprotocols = {"a", "b"}});
  const auto asked = story.take_written();
  require(asked.starts_with("GET / HTTP/1.1\r\n") && asked.ends_with("\r\n\r\n"), "a client begins with a request");
  story.receive(signed_answer(answer, asked).append(frames), how);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view usual =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n";
  harpia::fuzz::input in{data, size};
  const harpia::fuzz::session_choice choice{in};
  std::string answer;
  if (choice.raw) // the whole answer is in the input
    answer = in.take_until('\0');
  else
    answer.append(usual).append(in.take_until('\0')).append("\r\n");
  const auto frames = frames_of(in, harpia::fuzz::sender::server);

  protocol::session_context shared;
  session_story whole{shared, choice.options, choice.of_whole};
  run(whole, answer, frames, {0});
  session_story cut{shared, choice.options, choice.of_cut};
  run(cut, answer, frames, choice.cut(frames.size()));
  require_same(whole, cut);
  return 0;
}
