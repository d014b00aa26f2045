// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/timeless_session.hpp"
#include "websocket/session_context.hpp"

#include "support/bytes.hpp"
#include "support/deflate_peer.hpp"
#include "support/event_functions.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"
#include "support/written.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <vector>

// What a session makes of what was agreed on for permessage-deflate. How it is agreed on: deflate_agreement.

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::compression;
using harpia::context_takeover;
using harpia::deflate_options;
using harpia::on_limit;
using harpia::send_status;
using test::encode_frame;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using lines = std::vector<std::string>;

const deflate_options both_take_over{
    .server_context_takeover = context_takeover::enabled, .client_context_takeover = context_takeover::enabled};

harpia::route_options with(const deflate_options& deflate) {
  return {.high_watermark = 1 << 20, .max_buffered = 1 << 26, .compression = compression::enabled, .deflate = deflate};
}

std::string noise(std::size_t size, unsigned seed = 1) {
  std::mt19937 random{seed};
  std::string bytes(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>('a' + random() % 26);
  return bytes;
}

std::string text(std::string_view topic, std::size_t size = 200) {
  std::string all;
  while (all.size() < size)
    all.append(topic).append(" and ").append(topic).append("; ");
  all.resize(size);
  return all;
}

/// A server's session with its peer's end in the test's hands.
class conversation final : harpia::test::event_functions {
public:
  explicit conversation(const harpia::route_options& options = with({}), std::shared_ptr<websocket::session_context> loop = {},
                        std::string_view offer = "permessage-deflate; client_max_window_bits")
      : context{loop ? std::move(loop) : std::make_shared<websocket::session_context>()}, session{*context, *this, options} {
    std::vector<harpia::request::field> fields;
    if (!offer.empty())
      fields.emplace_back("Sec-WebSocket-Extensions", offer);
    session.accept(test::opening_request(fields), {});
    answer = session.written();
  }

  void receive(std::string_view bytes) {
    auto copy = test::copy_of_bytes(bytes);
    session.receive(copy);
  }
  void receive_byte_by_byte(std::string_view bytes) {
    for (const char& byte : bytes)
      receive({&byte, 1});
  }

  std::vector<test::frame> frames() {
    auto bytes = session.written();
    std::vector<test::frame> found;
    while (auto frame = test::take_frame(bytes))
      found.push_back(*std::move(frame));
    BOOST_TEST(bytes.empty());
    return found;
  }
  test::frame only_frame() {
    auto found = frames();
    BOOST_REQUIRE(found.size() == 1u);
    return found.front();
  }

  const void* first_piece() {
    std::array<iovec, 4> pieces;
    const auto filled = session.out().gather(pieces);
    BOOST_REQUIRE(filled.size() == 1u);
    return filled.front().iov_base;
  }

  std::shared_ptr<websocket::session_context> context;
  std::string answer;
  lines log;
  test::timeless_session session;

private:
  void on_message(harpia::message_view message) override {
    log.push_back((message.is_text() ? "text: " : "binary: ") + std::string{message.text()});
  }
  void on_ping(std::string_view payload) override { log.push_back("ping: " + std::string{payload}); }
  void on_failed(const harpia::error& what) override { log.push_back("failed: " + what.code().message()); }
  void on_closed(close_code code, std::string_view) override { log.push_back("ended " + std::to_string(static_cast<int>(code))); }
};

std::string compressed(const std::string& deflated, bool fin = true) {
  return encode_frame({.fin = fin, .rsv1 = true, .payload = deflated});
}
std::string continued(const std::string& deflated, bool fin) {
  return encode_frame({.fin = fin, .opcode = test::opcode::continuation, .payload = deflated});
}

/// The messages in frames as `peer` reads them.
lines read(test::deflate_peer& peer, const std::vector<test::frame>& frames) {
  lines messages;
  for (const auto& frame : frames)
    messages.push_back(frame.rsv1 ? peer.inflated(frame.payload) : frame.payload);
  return messages;
}

} // namespace

BOOST_AUTO_TEST_SUITE(deflated_session)

// Context takeover

BOOST_AUTO_TEST_CASE(with_takeover_a_message_refers_to_those_sent_before) {
  conversation server{with(both_take_over)};
  BOOST_TEST(server.answer.find("no_context_takeover") == std::string::npos);
  test::deflate_peer peer;
  std::size_t first = 0;
  for (int i = 0; i < 5; ++i) {
    const auto payload = noise(1000) + std::to_string(i);
    i % 2 == 0 ? server.session.send(std::string_view{payload})
               : server.session.send(websocket::make_frame(std::string_view{payload}));
    const auto frame = server.only_frame();
    BOOST_TEST(frame.rsv1);
    BOOST_TEST((peer.inflated(frame.payload) == payload));
    if (i == 0)
      first = frame.payload.size();
    else
      BOOST_TEST(frame.payload.size() < first / 10);
  }
}

BOOST_AUTO_TEST_CASE(without_takeover_none_does) {
  conversation server;
  const auto payload = text("something");
  server.session.send(std::string_view{payload});
  server.session.send(std::string_view{payload});
  const auto frames = server.frames();
  BOOST_REQUIRE(frames.size() == 2u);
  BOOST_TEST(frames[0].rsv1);
  BOOST_TEST(frames[0].payload == frames[1].payload);
}

BOOST_AUTO_TEST_CASE(with_takeover_messages_of_the_peer_refer_to_those_before_however_they_come) {
  conversation server{with(both_take_over)};
  test::deflate_peer peer;
  lines expected;
  for (int i = 0; i < 6; ++i) {
    const auto payload = noise(300) + std::to_string(i);
    const auto bytes = peer.deflated(payload);
    if (i > 0)
      BOOST_TEST(bytes.size() < 50u);
    if (i % 3 == 0) {
      server.receive(compressed(bytes));
    } else if (i % 3 == 1) {
      server.receive_byte_by_byte(compressed(bytes));
    } else {
      server.receive(compressed(bytes.substr(0, 3), false) + encode_frame({.opcode = test::opcode::ping, .payload = "p"})
                     + continued("", false) + continued(bytes.substr(3), true));
      expected.push_back("ping: p");
    }
    expected.push_back("text: " + payload);
  }
  BOOST_TEST(server.log == expected, boost::test_tools::per_element());
}

// What a policy drops must not be referred to by what comes after it.
BOOST_AUTO_TEST_CASE(with_takeover_messages_that_are_dropped_harm_none_that_are_not) {
  for (const auto policy : {on_limit::drop_newest, on_limit::drop_oldest, on_limit::conflate}) {
    auto options = with(both_take_over);
    options.high_watermark = 1000;
    options.low_watermark = 1000;
    options.max_buffered = 3000;
    options.on_limit = policy;
    conversation server{options};
    test::deflate_peer peer;
    std::mt19937 random{3};
    std::size_t dropped = 0;
    std::size_t read_so_far = 0;
    for (int round = 0; round < 50; ++round) {
      lines sent;
      for (unsigned i = 0; i < 40; ++i) {
        sent.push_back(noise(150, static_cast<unsigned>(random()))
                       + noise(150, static_cast<unsigned>(random() % 4))); // half of which was sent before
        const auto key = std::to_string(random() % 5);
        if (i % 2 == 0)
          server.session.send(std::string_view{sent.back()}, {.key = key});
        else
          server.session.send(websocket::make_frame(std::string_view{sent.back()}), {.key = key});
        BOOST_TEST_REQUIRE(server.session.out().size() <= options.max_buffered + 400);
      }
      dropped += server.session.out().take_dropped().messages;
      for (const auto& message : read(peer, server.frames())) {
        BOOST_TEST_REQUIRE((std::ranges::find(sent, message) != sent.end()));
        ++read_so_far;
      }
    }
    BOOST_TEST(read_so_far > 100u);
    BOOST_TEST((dropped > 100 || policy == on_limit::conflate));
    BOOST_TEST((read_so_far < 50u * 40));
  }
}

BOOST_AUTO_TEST_CASE(with_takeover_what_waits_is_compressed_though_its_session_has_ended) {
  auto options = with(both_take_over);
  options.high_watermark = options.low_watermark = 100;
  conversation server{options};
  lines sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back(noise(300) + std::to_string(i));
    server.session.send(std::string_view{sent.back()});
  }
  server.receive(encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(1000)}));
  BOOST_TEST(server.log.back() == "ended 1000");
  test::deflate_peer peer;
  lines received;
  for (const auto& frame : server.frames())
    if (frame.opcode != test::opcode::close) {
      BOOST_TEST(frame.rsv1);
      received.push_back(peer.inflated(frame.payload));
    }
  BOOST_TEST(received == sent, boost::test_tools::per_element());
}

// Windows

BOOST_AUTO_TEST_CASE(a_small_window_is_kept_to) {
  const auto payload = noise(2000) + noise(2000);
  const auto size_with = [&](int bits, context_takeover takeover) {
    auto options = with({.server_context_takeover = takeover});
    conversation server{options, {}, "permessage-deflate; server_max_window_bits=" + std::to_string(bits)};
    BOOST_TEST(server.answer.find("server_max_window_bits=" + std::to_string(bits)) != std::string::npos);
    server.session.send(std::string_view{payload});
    const auto frame = server.only_frame();
    BOOST_TEST((test::deflate_peer{15, bits}.inflated(frame.payload) == payload));
    return frame.payload.size();
  };
  for (const auto takeover : {context_takeover::disabled, context_takeover::enabled}) {
    BOOST_TEST(size_with(15, takeover) < 1500u);
    BOOST_TEST(size_with(9, takeover) > 2200u);
  }
}

BOOST_AUTO_TEST_CASE(a_client_that_was_given_a_small_window_is_understood) {
  for (const auto takeover : {context_takeover::disabled, context_takeover::enabled}) {
    conversation server{with({.client_max_window_bits = 9, .client_context_takeover = takeover})};
    BOOST_TEST(server.answer.find("client_max_window_bits=9") != std::string::npos);
    test::deflate_peer peer{9};
    for (int i = 0; i < 3; ++i) {
      const auto payload = noise(5000, 1) + std::to_string(i);
      server.receive(compressed(peer.deflated(payload)));
      BOOST_TEST((server.log.back() == "text: " + payload));
      if (takeover == context_takeover::disabled)
        peer.forget();
    }
  }
}

// What travels as it is

BOOST_AUTO_TEST_CASE(below_the_threshold_messages_travel_as_they_are) {
  for (const auto takeover : {context_takeover::disabled, context_takeover::enabled}) {
    conversation server{with({.server_context_takeover = takeover, .threshold = 100})};
    test::deflate_peer peer;
    const auto below = text("short", 99);
    const auto exact = text("short", 100);
    server.session.send(std::string_view{below});
    server.session.send(websocket::make_frame(std::string_view{below}));
    server.session.send(std::string_view{exact});
    server.session.send(websocket::make_frame(std::string_view{exact}));
    const auto frames = server.frames();
    BOOST_REQUIRE(frames.size() == 4u);
    BOOST_TEST(!frames[0].rsv1);
    BOOST_TEST(!frames[1].rsv1);
    BOOST_TEST(frames[2].rsv1);
    BOOST_TEST(frames[3].rsv1);
    if (takeover == context_takeover::enabled)
      BOOST_TEST((read(peer, frames) == lines{below, below, exact, exact}));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_message_is_not_compressed_whatever_the_threshold) {
  conversation server{with({.server_context_takeover = context_takeover::enabled, .threshold = 0})};
  server.session.send(""sv);
  server.session.send(websocket::make_frame(""sv));
  for (const auto& frame : server.frames())
    BOOST_TEST((!frame.rsv1 && frame.payload.empty()));
}

BOOST_AUTO_TEST_CASE(a_message_may_opt_out_and_those_after_it_are_none_the_worse) {
  for (const auto takeover : {context_takeover::disabled, context_takeover::enabled}) {
    auto options = with({.server_context_takeover = takeover});
    options.high_watermark = options.low_watermark = 300; // so that some wait in the backlog
    conversation server{options};
    test::deflate_peer peer;
    const auto payload = text("anything");
    for (int i = 0; i < 5; ++i) {
      server.session.send(std::string_view{payload});
      server.session.send(std::string_view{payload}, {.compression = compression::disabled});
      server.session.send(websocket::make_frame(std::string_view{payload}, compression::disabled));
    }
    const auto frames = server.frames();
    BOOST_REQUIRE(frames.size() == 15u);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      BOOST_TEST(frames[i].rsv1 == (i % 3 == 0));
      BOOST_TEST(((frames[i].rsv1 ? peer.inflated(frames[i].payload) : frames[i].payload) == payload));
      if (takeover == context_takeover::disabled)
        peer.forget();
    }
  }
}

BOOST_AUTO_TEST_CASE(what_compression_would_not_make_smaller_travels_as_it_is) {
  conversation server;
  std::string bytes(5000, '\0');
  std::mt19937 random{5};
  for (auto& byte : bytes)
    byte = static_cast<char>(random());
  const harpia::message_view message{test::as_bytes(bytes)};
  server.session.send(message);
  server.session.send(websocket::make_frame(message));
  for (const auto& frame : server.frames())
    BOOST_TEST((!frame.rsv1 && frame.payload == bytes));
}

// Groups

BOOST_AUTO_TEST_CASE(a_shared_frame_is_compressed_once_for_all_who_agreed_on_the_same) {
  const std::array loops{std::make_shared<websocket::session_context>(), std::make_shared<websocket::session_context>()};
  const auto count = [&] { return loops[0]->deflaters().count() + loops[1]->deflaters().count(); };
  std::vector<std::unique_ptr<conversation>> alike;
  for (std::size_t i = 0; i < 10; ++i)
    alike.push_back(std::make_unique<conversation>(with({}), loops[i % 2]));
  conversation small_window{with({}), loops[0], "permessage-deflate; server_max_window_bits=10"};
  conversation plain{with({}), loops[1], ""};
  conversation remembering{with(both_take_over), loops[1]};

  const auto payload = text("to all of you", 5000);
  const auto frame = websocket::make_frame(std::string_view{payload});
  for (const auto& each : alike)
    BOOST_TEST((each->session.send(frame) == send_status::sent));
  BOOST_TEST(count() == 1u);
  for (const auto& each : alike)
    BOOST_TEST(each->first_piece() == alike.front()->first_piece()); // not even copied
  small_window.session.send(frame);
  plain.session.send(frame);
  remembering.session.send(frame);
  BOOST_TEST(count() == 2u);
  BOOST_TEST(plain.first_piece() == frame->bytes().data());

  for (const auto& each : alike) {
    BOOST_TEST(each->session.out().size() < 200u); // what the policies see is what will be written
    const auto got = each->only_frame();
    BOOST_TEST(got.rsv1);
    BOOST_TEST((test::deflate_peer{}.inflated(got.payload) == payload));
  }
  BOOST_TEST((test::deflate_peer{15, 10}.inflated(small_window.only_frame().payload) == payload));
  BOOST_TEST(plain.only_frame().payload == payload);
  const auto own = remembering.only_frame();
  BOOST_TEST(own.rsv1);
  BOOST_TEST((test::deflate_peer{}.inflated(own.payload) == payload));
}

BOOST_AUTO_TEST_CASE(a_threshold_is_each_members_own) {
  const auto loop = std::make_shared<websocket::session_context>();
  conversation low{with({.threshold = 100}), loop};
  conversation high{with({.threshold = 1000}), loop};
  const auto frame = websocket::make_frame(std::string_view{text("something", 500)});
  low.session.send(frame);
  high.session.send(frame);
  BOOST_TEST(low.only_frame().rsv1);
  BOOST_TEST(!high.only_frame().rsv1);
}

// Faults

BOOST_AUTO_TEST_CASE(rsv1_belongs_to_the_first_frame_of_a_message_and_no_other_bit_to_any) {
  const auto bytes = test::deflate_peer{}.deflated("hello");
  const auto rsv1_again = [&] {
    auto frame = continued(bytes.substr(2), true);
    frame[0] = static_cast<char>(0xC0);
    return compressed(bytes.substr(0, 2), false) + frame;
  }();
  auto rsv2_too = compressed(bytes);
  rsv2_too[0] = static_cast<char>(0xE1);
  auto reserved_opcode = compressed(bytes);
  reserved_opcode[0] = static_cast<char>(0xC3);
  for (const auto& wrong : {rsv1_again, rsv2_too, reserved_opcode, compressed(bytes.substr(0, 2), false) + compressed(bytes),
                            encode_frame({.fin = false, .payload = "plain"}) + compressed(bytes)}) {
    for (const bool at_once : {true, false}) {
      conversation server;
      at_once ? server.receive(wrong) : server.receive_byte_by_byte(wrong);
      BOOST_TEST((server.log == lines{"failed: the peer broke the WebSocket protocol", "ended 1002"}));
      BOOST_TEST(test::decode_close(server.only_frame()).first == 1002);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_message_that_cannot_be_inflated_ends_it_however_it_comes_and_behind_what_waits) {
  auto options = with({});
  options.high_watermark = options.low_watermark = 100;
  for (const bool at_once : {true, false}) {
    conversation server{options};
    for (int i = 0; i < 5; ++i)
      server.session.send(std::string_view{noise(60)}); // most of it waits in the backlog
    const auto wrong = compressed("\xff\xff\xff\xff\xff\xff garbage");
    at_once ? server.receive(wrong) : server.receive_byte_by_byte(wrong);
    BOOST_TEST((server.log == lines{"failed: the peer broke the WebSocket protocol", "ended 1007"}));
    const auto frames = server.frames();
    BOOST_REQUIRE(frames.size() == 6u);
    BOOST_TEST(test::decode_close(frames.back()).first == 1007);
  }
}

BOOST_AUTO_TEST_CASE(what_a_peer_still_sends_does_not_spoil_the_closing_handshake) {
  for (const bool at_once : {true, false}) {
    conversation server{with(both_take_over)};
    test::deflate_peer peer;
    const auto first = compressed(peer.deflated(text("begun")));
    server.receive(first.substr(0, 10));
    server.session.close(close_code::normal, "enough");
    const auto rest = first.substr(10) + compressed(peer.deflated(text("late")))
                      + encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(1000)});
    at_once ? server.receive(rest) : server.receive_byte_by_byte(rest);
    BOOST_TEST((server.log == lines{"ended 1000"}), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(compression_of_one_session_is_nothing_to_those_who_agreed_on_none) {
  const auto loop = std::make_shared<websocket::session_context>();
  conversation with_compression{with({}), loop};
  conversation without{with({}), loop, ""};
  const auto payload = text("anything");
  for (int i = 0; i < 3; ++i) {
    with_compression.receive_byte_by_byte(compressed(test::deflate_peer{}.deflated(payload)));
    without.receive_byte_by_byte(encode_frame({.fin = false, .payload = payload}) + continued("", true));
    with_compression.receive_byte_by_byte(encode_frame({.payload = payload}));
  }
  BOOST_TEST((with_compression.log == lines(6, "text: " + payload)));
  BOOST_TEST((without.log == lines(3, "text: " + payload)));
  without.receive(compressed(test::deflate_peer{}.deflated(payload)));
  BOOST_TEST(without.log.back() == "ended 1002");
}

// What inflates the messages of one session may be shared, what is in the middle of one is not.
BOOST_AUTO_TEST_CASE(sessions_that_take_turns_within_their_messages_do_not_mix_them) {
  const auto loop = std::make_shared<websocket::session_context>();
  std::vector<std::unique_ptr<conversation>> all;
  lines payloads;
  lines rests;
  for (unsigned i = 0; i < 60; ++i) {
    all.push_back(std::make_unique<conversation>(with(i % 2 == 0 ? deflate_options{} : both_take_over), loop));
    payloads.push_back(noise(3000, i));
    rests.push_back(compressed(test::deflate_peer{}.deflated(payloads.back())));
  }
  std::mt19937 random{9};
  for (std::size_t left = all.size(); left > 0;) {
    const auto i = random() % all.size();
    if (rests[i].empty())
      continue;
    const auto size = std::min<std::size_t>(rests[i].size(), random() % 500 + 1);
    all[i]->receive(rests[i].substr(0, size));
    rests[i].erase(0, size);
    left -= rests[i].empty() ? 1 : 0;
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    BOOST_TEST((all[i]->log == lines{"text: " + payloads[i]}));
}

BOOST_AUTO_TEST_SUITE_END()
