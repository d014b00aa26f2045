// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/envelope.hpp"

#include "input.hpp"

// An envelope has one spelling: what is parsed is made again to the letter, and what is made is parsed again.

using harpia::fuzz::require;
namespace websocket = harpia::websocket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harpia::fuzz::input in{data, size};
  const auto what = static_cast<websocket::verb>(in.byte() % 3);
  const std::size_t digits = in.byte() % 9U;
  std::uint64_t id = 0;
  for (const char byte : in.take(digits))
    id = id << 8U | static_cast<std::uint8_t>(byte);
  const auto text = in.rest();

  if (const auto parsed = websocket::parse_envelope(text))
    require(websocket::make_envelope(parsed->verb, parsed->id, parsed->payload) == text, "what was parsed is made again");
  const auto made = websocket::make_envelope(what, id, text);
  const auto again = websocket::parse_envelope(made);
  require(again && again->verb == what && again->id == id && again->payload == text, "what was made is parsed again");
  return 0;
}
