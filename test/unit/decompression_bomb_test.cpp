// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/session_context.hpp"

#include "support/bytes.hpp"
#include "support/counted_memory.hpp"
#include "support/deflate_peer.hpp"
#include "support/event_functions.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"
#include "support/timeless_session.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::context_takeover;

namespace {

// zlib allocates in a way that is not counted, but not by the message. Neither are pages counted, so the limit is less than what gets pages.
constexpr std::size_t limit = std::size_t{48} << 10;
// The place where messages in one piece are inflated, a close frame.
constexpr std::size_t constant = std::size_t{128} << 10;

/// What makes `mebibytes` MiB of zeros.
std::string bomb(std::size_t mebibytes) {
  const auto one = test::deflate_peer{}.deflated(std::string(std::size_t{1} << 20, '\0'));
  std::string all;
  for (std::size_t i = 0; i < mebibytes; ++i)
    all.append(i == 0 ? std::string_view{} : std::string_view{"\0\0\xff\xff", 4}).append(one);
  return all;
}

struct target : harpia::test::event_functions {
  explicit target(context_takeover takeover, std::size_t max_payload = limit,
                  websocket::messages given = websocket::messages::whole)
      : options{.max_payload = max_payload,
                .compression = harpia::compression::enabled,
                .deflate = {.client_context_takeover = takeover}},
        session{context, *this, options, given} {
    session.accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}), {});
    (void)session.written();
  }

  void on_message(harpia::message_view) override { ++messages; }
  void on_part(harpia::message_view part, harpia::last_part last) override {
    bytes += part.size();
    messages += last == harpia::last_part::yes ? 1 : 0;
  }
  void on_failed(const harpia::error& what) override { failure = what.code(); }
  void on_closed(close_code code, std::string_view) override { ended = code; }

  harpia::route_options options;
  websocket::session_context context;
  int messages = 0;
  std::size_t bytes = 0; // of parts
  std::error_code failure;
  close_code ended = close_code::normal;
  test::timeless_session session;
};

/// Gives the bytes of frames to a session in pieces, as a socket would, and checks that it is over at little cost.
void check(std::string_view wire, std::size_t piece) {
  for (const auto takeover : {context_takeover::disabled, context_takeover::enabled}) {
    target under{takeover};
    auto bytes = test::copy_of_bytes(wire);
    const test::memory_watch memory;
    for (std::span rest{bytes}; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size())))
      under.session.receive(rest.first(std::min(piece, rest.size())));
    BOOST_TEST(memory.most() <= limit + constant);
    BOOST_TEST(under.messages == 0);
    BOOST_TEST((under.failure == harpia::errc::message_too_big));
    BOOST_TEST((under.ended == close_code::message_too_big));
    auto written = under.session.written();
    BOOST_TEST(test::decode_close(test::take_frame(written).value()).first == 1009);
    BOOST_TEST(written.empty());
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(decompression_bomb)

BOOST_AUTO_TEST_CASE(a_gibibyte_in_one_frame_costs_no_more_than_the_limit) {
  const auto payload = bomb(1024);
  BOOST_TEST(payload.size() < (2u << 20));
  const auto frame = test::encode_frame({.rsv1 = true, .payload = payload});
  check(frame, std::size_t{64} << 10);
  check(frame, 1000);
}

BOOST_AUTO_TEST_CASE(a_bomb_that_is_there_at_once_costs_no_more_than_the_limit) {
  const auto frame = test::encode_frame({.rsv1 = true, .payload = bomb(400)});
  check(frame, frame.size());
}

BOOST_AUTO_TEST_CASE(a_bomb_in_many_fragments_costs_no_more_than_the_limit) {
  const auto payload = bomb(1024);
  std::string frames;
  for (std::size_t at = 0; at < payload.size(); at += 700)
    frames += test::encode_frame({.fin = at + 700 >= payload.size(),
                                  .rsv1 = at == 0,
                                  .opcode = at == 0 ? test::opcode::text : test::opcode::continuation,
                                  .payload = payload.substr(at, 700)});
  check(frames, 5000);
}

BOOST_AUTO_TEST_CASE(a_gibibyte_in_parts_costs_next_to_nothing) {
  for (const auto takeover : {context_takeover::disabled, context_takeover::enabled}) {
    target under{takeover, std::size_t{1} << 30, websocket::messages::in_parts};
    auto bytes = test::copy_of_bytes(test::encode_frame({.rsv1 = true, .opcode = test::opcode::binary, .payload = bomb(1024)}));
    const test::memory_watch memory;
    under.session.receive(bytes);
    BOOST_TEST(memory.most() <= constant);
    BOOST_TEST(under.messages == 1);
    BOOST_TEST(under.bytes == std::size_t{1} << 30);
  }
}

BOOST_AUTO_TEST_CASE(what_is_just_within_the_limit_is_no_bomb) {
  target under{context_takeover::disabled};
  auto bytes =
      test::copy_of_bytes(test::encode_frame({.rsv1 = true, .payload = test::deflate_peer{}.deflated(std::string(limit, '\0'))}));
  under.session.receive(bytes);
  BOOST_TEST(under.messages == 1);
}

BOOST_AUTO_TEST_SUITE_END()
