// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/session_context.hpp"

#include "support/bytes.hpp"
#include "support/event_functions.hpp"
#include "support/opening.hpp"
#include "support/random_frames.hpp"
#include "support/raw_client.hpp"
#include "support/timeless_session.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// A frame that arrives whole takes another way through a session than one that comes in pieces. Nobody may be able to tell.

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using test::encode_frame;

namespace {

using namespace std::string_literals;

/// What a session tells and writes.
class subject final : private harpia::test::event_functions {
public:
  subject(websocket::session_context& shared, const harpia::route_options& options) : session_{shared, *this, options} {
    session_.accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}), {});
  }

  void receive(std::string_view piece) {
    auto bytes = test::copy_of_bytes(piece);
    session_.receive(bytes);
    while (session_.paused())
      session_.resume(); // which delivers what was kept, and may lead to the next pause
  }

  std::string story() { return events_ + "wrote " + session_.written(); }

  int pause_every = 0; // messages
  int close_after = 0; // messages; 0: never

private:
  void on_message(harpia::message_view message) override {
    events_.append(message.is_text() ? "text " : "binary ").append(message.text()).append("\n");
    session_.send(message);
    ++messages_;
    if (pause_every > 0 && messages_ % pause_every == 0)
      session_.pause();
    if (messages_ == close_after)
      session_.close(close_code{4001}, "enough");
  }
  void on_ping(std::string_view payload) override { events_.append("ping ").append(payload).append("\n"); }
  void on_pong(std::string_view payload) override { events_.append("pong ").append(payload).append("\n"); }
  void on_failed(const harpia::error& what) override { events_.append("failed: ").append(what.what()).append("\n"); }
  void on_closed(close_code code, std::string_view reason) override {
    events_.append("ended ").append(std::to_string(static_cast<int>(code))).append(reason).append("\n");
  }

  test::timeless_session session_;
  std::string events_;
  int messages_ = 0;
};

void feed(subject& to, std::string_view stream, std::mt19937& random, std::size_t max_piece) {
  while (!stream.empty()) {
    const auto size = std::min<std::size_t>(stream.size(), random() % max_piece + 1);
    to.receive(stream.substr(0, size));
    stream.remove_prefix(size);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_pieces)

BOOST_AUTO_TEST_CASE(how_bytes_are_cut_makes_no_difference) {
  websocket::session_context shared;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random{seed};
    const auto compression = seed % 3 == 0 ? harpia::compression::enabled : harpia::compression::disabled;
    const harpia::route_options options{
        .max_payload = 100'000, .high_watermark = 1 << 28, .max_buffered = 1 << 29, .compression = compression};
    const auto stream = test::random_frames(random, 60);
    subject whole{shared, options};
    whole.receive(stream);
    const auto expected = whole.story();
    for (const auto max_piece : std::initializer_list<std::size_t>{1, 40, 5000, 200'000}) {
      if (max_piece == 1 && seed % 10 != 0)
        continue;
      subject cut{shared, options};
      cut.pause_every = static_cast<int>(seed % 4);
      feed(cut, stream, random, max_piece);
      BOOST_TEST_REQUIRE((cut.story() == expected), "seed " << seed << ", pieces of up to " << max_piece);
    }
  }
}

// What comes while this side is closing takes one of several ways, too: frames that are whole are done with in place.
BOOST_AUTO_TEST_CASE(how_bytes_are_cut_makes_no_difference_to_a_session_that_closes) {
  websocket::session_context shared;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random{seed};
    const harpia::route_options options{
        .max_payload = 100'000, .high_watermark = 1 << 28, .max_buffered = 1 << 29, .compression = harpia::compression::enabled};
    auto stream = test::random_frames_some_compressed(random, 40);
    stream += encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(4001, "yes")});
    subject whole{shared, options};
    whole.close_after = static_cast<int>(seed % 5 + 1);
    whole.receive(stream);
    const auto expected = whole.story();
    for (const auto max_piece : std::initializer_list<std::size_t>{1, 40, 5000}) {
      if (max_piece == 1 && seed % 20 != 0)
        continue;
      subject cut{shared, options};
      cut.close_after = whole.close_after;
      feed(cut, stream, random, max_piece);
      BOOST_TEST_REQUIRE((cut.story() == expected), "seed " << seed << ", pieces of up to " << max_piece);
    }
  }
}

BOOST_AUTO_TEST_CASE(half_a_character_and_an_empty_frame_are_refused_and_harm_nobody_else) {
  websocket::session_context shared;
  const harpia::route_options options{};
  subject bad{shared, options};
  bad.receive(encode_frame({.fin = false, .opcode = test::opcode::text, .payload = "\xc3"}));
  bad.receive(encode_frame({.opcode = test::opcode::continuation, .payload = ""}));
  BOOST_TEST(
      bad.story().starts_with("failed: " + harpia::make_error_code(harpia::errc::invalid_text).message() + "\nended 1007\n"));
  for (int i = 0; i < 3; ++i) {
    subject good{shared, options};
    const auto frame = encode_frame({.opcode = test::opcode::text, .payload = "hello"});
    good.receive(frame.substr(0, 8));
    good.receive(frame.substr(8));
    BOOST_TEST(good.story().starts_with("text hello\nwrote "));
  }
}

BOOST_AUTO_TEST_CASE(many_sessions_that_take_turns_mix_nothing) {
  websocket::session_context shared;
  const harpia::route_options options{.max_payload = 100'000, .high_watermark = 1 << 28, .max_buffered = 1 << 29};
  std::mt19937 random{11};
  for (int round = 0; round < 10; ++round) {
    std::vector<std::string> streams;
    std::vector<std::string_view> rests;
    std::vector<std::unique_ptr<subject>> sessions;
    for (int i = 0; i < 100; ++i) {
      streams.push_back(test::random_frames(random, 30));
      sessions.push_back(std::make_unique<subject>(shared, options));
    }
    rests.assign(streams.begin(), streams.end());
    for (std::size_t left = sessions.size(); left > 0;) {
      const auto i = random() % sessions.size();
      if (rests[i].empty())
        continue;
      const auto size = std::min<std::size_t>(rests[i].size(), random() % 2000 + 1);
      sessions[i]->receive(rests[i].substr(0, size));
      rests[i].remove_prefix(size);
      left -= rests[i].empty() ? 1 : 0;
    }
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      subject alone{shared, options};
      alone.receive(streams[i]);
      BOOST_TEST_REQUIRE((sessions[i]->story() == alone.story()), "round " << round << ", session " << i);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
