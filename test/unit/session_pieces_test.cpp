// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/session.hpp>

#include "support/bytes.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"
#include "support/written.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// A frame that arrives whole takes another way through a session than one that comes in pieces. Nobody may be able to tell.

namespace protocol = harpia::protocol;
namespace test = harpia::test;
using harpia::close_code;
using test::encode_frame;

namespace {

using namespace std::string_literals;

/// What a session tells and writes.
class subject final : private protocol::session_events {
public:
  subject(protocol::session_context& shared, const harpia::route_options& options)
      : out_{pool_, options.sending()}, session_{shared, out_, *this, options} {
    BOOST_REQUIRE(!session_.accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}), {}));
  }

  void receive(std::string_view piece) {
    auto bytes = test::copy_of_bytes(piece);
    session_.receive(bytes);
    while (session_.paused())
      session_.resume(); // which delivers what was kept, and may lead to the next pause
  }

  std::string story() { return events_ + "wrote " + test::take_written(out_); }

  int pause_every = 0; // messages

private:
  void on_message(harpia::message_view message) override {
    events_.append(message.is_text() ? "text " : "binary ").append(message.text()).append("\n");
    session_.send(message);
    if (pause_every > 0 && ++messages_ % pause_every == 0)
      session_.pause();
  }
  void on_ping(std::string_view payload) override { events_.append("ping ").append(payload).append("\n"); }
  void on_pong(std::string_view payload) override { events_.append("pong ").append(payload).append("\n"); }
  void on_failed(const harpia::error& what) override { events_.append("failed: ").append(what.what()).append("\n"); }
  void on_ended(close_code code, std::string_view reason) override {
    events_.append("ended ").append(std::to_string(static_cast<int>(code))).append(reason).append("\n");
  }

  protocol::buffer_pool pool_;
  protocol::outbound_queue out_;
  protocol::session session_;
  std::string events_;
  int messages_ = 0;
};

std::string random_payload(std::mt19937& random, std::size_t max) {
  std::string payload;
  for (auto size = random() % max; payload.size() < size;)
    payload += std::array{"a", "é", "漢", "\xf0\x9f\x98\x80"}[random() % 4];
  return payload;
}

/// Frames as a peer may send them; one in a hundred breaks the protocol somehow.
std::string random_frames(std::mt19937& random, int count) {
  std::string stream;
  bool in_message = false;
  for (int i = 0; i < count; ++i) {
    const auto kind = random() % 100;
    if (kind < 15) {
      stream += encode_frame(
          {.opcode = random() % 2 == 0 ? test::opcode::ping : test::opcode::pong, .payload = random_payload(random, 120)});
    } else if (kind == 15) {
      stream += encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(1000, "bye")});
    } else if (kind == 16) {
      stream += static_cast<char>(random());
    } else if (kind == 17) {
      stream += encode_frame({.opcode = test::opcode::text, .payload = "\xff" + random_payload(random, 20)});
    } else {
      const bool fin = random() % 4 != 0;
      auto payload = random() % 6 == 0 ? std::string{} : random_payload(random, random() % 20 == 0 ? 70'000 : 300);
      if (random() % 30 == 0 && !payload.empty())
        payload.pop_back(); // perhaps within a character
      const int opcode = in_message ? test::opcode::continuation : random() % 2 == 0 ? test::opcode::text : test::opcode::binary;
      stream += encode_frame({.fin = fin, .opcode = opcode, .payload = payload});
      in_message = !fin;
    }
  }
  return stream;
}

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
  protocol::session_context shared;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random{seed};
    const auto compression = seed % 3 == 0 ? harpia::compression::enabled : harpia::compression::disabled;
    const harpia::route_options options{
        .max_payload = 100'000, .high_watermark = 1 << 28, .max_buffered = 1 << 29, .compression = compression};
    const auto stream = random_frames(random, 60);
    subject whole{shared, options};
    whole.receive(stream);
    const auto expected = whole.story();
    for (const std::size_t max_piece : {1, 40, 5000, 200'000}) {
      if (max_piece == 1 && seed % 10 != 0)
        continue;
      subject cut{shared, options};
      cut.pause_every = static_cast<int>(seed % 4);
      feed(cut, stream, random, max_piece);
      BOOST_TEST_REQUIRE((cut.story() == expected), "seed " << seed << ", pieces of up to " << max_piece);
    }
  }
}

BOOST_AUTO_TEST_CASE(half_a_character_and_an_empty_frame_are_refused_and_harm_nobody_else) {
  protocol::session_context shared;
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

BOOST_AUTO_TEST_CASE(many_sessions_that_take_turns_share_engines_without_mixing_anything) {
  protocol::session_context shared;
  const harpia::route_options options{.max_payload = 100'000, .high_watermark = 1 << 28, .max_buffered = 1 << 29};
  std::mt19937 random{11};
  for (int round = 0; round < 10; ++round) {
    std::vector<std::string> streams;
    std::vector<std::string_view> rests;
    std::vector<std::unique_ptr<subject>> sessions;
    for (int i = 0; i < 100; ++i) {
      streams.push_back(random_frames(random, 30));
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
