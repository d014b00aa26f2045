// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frame_script.hpp"
#include "session_story.hpp"

#include "support/compared_readers.hpp"

#include <cstddef>
#include <optional>
#include <random>
#include <string>

// Whatever a peer sends, and however it is cut, a session of either side tells and answers the same as Boost.Beast does, which shares no
// code with it. What the two do differently on purpose is listed in compared_readers.cpp.

using harpia::fuzz::require;
using harpia::fuzz::sender;
namespace test = harpia::test;

namespace {

test::piece_sizes sizes_of(const harpia::fuzz::pieces& how) {
  if (how.max_size == 0)
    return [] { return std::string::npos; };
  return [random = std::minstd_rand{how.seed + 1}, most = how.max_size]() mutable { return random() % most + 1; };
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harpia::fuzz::input in{data, size};
  const harpia::fuzz::session_choice choice{in};
  const unsigned roles = in.byte(); // bits: the readers are clients, Beast is given the stream whole
  const auto from = (roles & 1U) != 0 ? sender::server : sender::client;
  const auto stream = choice.raw ? std::string{in.rest()} : frames_of(in, from, choice.deflate_of(from));

  const test::comparison how{
      .reader = from == sender::server ? test::role::client : test::role::server,
      .max_message = choice.options.max_payload,
      .deflate = choice.peer_deflates ? std::optional{choice.options.deflate} : std::nullopt,
      .given = choice.of_whole.takes_parts ? harpia::websocket::messages::in_parts : harpia::websocket::messages::whole};
  const auto cut = choice.cut(stream.size());
  const auto difference =
      test::find_difference(how, stream, sizes_of(cut), sizes_of((roles & 2U) != 0 ? harpia::fuzz::pieces{0} : cut));
  require(!difference, difference ? difference->c_str() : "");
  return 0;
}
