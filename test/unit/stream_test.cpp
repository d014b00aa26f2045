// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "driven_stream.hpp"

#include "support/bytes.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace net = harpia::net;
namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::errc;
using harpia::ready_state;
using harpia::send_status;
using test::driven_stream;
using test::failed;
using test::lines;
using test::pressed;
using test::tiny_buffer;

using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace harpia::specification { // `stream` alone is a function of POSIX

BOOST_AUTO_TEST_SUITE(stream)

// Messages

BOOST_AUTO_TEST_CASE(messages_go_both_ways) {
  driven_stream both;
  both.in_message = [&](harpia::message_view message) { both.stream->send(message); };
  both.peer->send_text("caf\xc3\xa9");
  BOOST_TEST(both.peer->read_text() == "caf\xc3\xa9");
  const std::string large(1 << 20, 'x');
  both.peer->send_binary(large);
  BOOST_TEST((both.peer->read_binary() == large));
  BOOST_TEST(both.on_loop([&] { return both.stream->remote_address(); }) == "here");
}

BOOST_AUTO_TEST_CASE(bytes_of_the_opening_handshake_are_taken) {
  driven_stream both;
  const auto early = test::encode_frame({.payload = "early"});
  both.on_loop([&] {
    auto bytes = test::copy_of_bytes(early);
    both.stream->receive(bytes);
  });
  BOOST_TEST(both.log.lines() == lines{"message: early"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_turn_sends_waits_for_its_end_or_for_flush) {
  driven_stream both;
  both.on_loop([&] {
    both.stream->send("first"sv);
    BOOST_TEST(both.stream->buffered() == 7u);
    both.stream->flush();
    BOOST_TEST(both.stream->buffered() == 0u);
    both.stream->send("second"sv);
    BOOST_TEST(both.stream->buffered() == 8u);
  });
  BOOST_TEST(both.peer->read_text() == "first");
  BOOST_TEST(both.peer->read_text() == "second");
  BOOST_TEST(both.on_loop([&] { return both.stream->buffered(); }) == 0u);
}

BOOST_AUTO_TEST_CASE(a_large_message_is_written_at_once_as_far_as_the_kernel_takes_it) {
  driven_stream both{{}, tiny_buffer};
  const std::string large(200'000, 'x');
  const auto left = both.on_loop([&] {
    BOOST_TEST((both.stream->send(std::string_view{large}) != send_status::closed));
    const auto waiting = both.stream->buffered();
    both.stream->send("small"sv);
    return waiting;
  });
  BOOST_TEST(left > 0u);
  BOOST_TEST(left < large.size());
  BOOST_TEST((both.peer->read_text() == large));
  BOOST_TEST(both.peer->read_text() == "small");
}

BOOST_AUTO_TEST_CASE(a_large_message_leaves_at_once_if_nothing_waits_before_it) {
  driven_stream both;
  const std::string large(50'000, 'x');
  both.on_loop([&] {
    BOOST_TEST((both.stream->send(std::string_view{large}) == send_status::sent));
    BOOST_TEST(both.stream->buffered() == 0u); // it has not waited for the end of the turn
  });
  BOOST_TEST((both.peer->read_text() == large));
}

BOOST_AUTO_TEST_CASE(a_large_message_goes_behind_what_was_sent_before) {
  driven_stream both;
  const std::string large(50'000, 'x');
  both.on_loop([&] {
    both.stream->send("small"sv);
    both.stream->send(std::string_view{large});
    BOOST_TEST(both.stream->buffered() > large.size());
  });
  BOOST_TEST(both.peer->read_text() == "small");
  BOOST_TEST((both.peer->read_text() == large));
}

BOOST_AUTO_TEST_CASE(a_large_message_to_a_peer_that_is_gone_is_a_failure) {
  driven_stream both;
  both.on_loop([&] {
    both.peer.reset();
    const std::string large(50'000, 'x');
    BOOST_TEST((both.stream->send(std::string_view{large}) == send_status::closed));
    BOOST_TEST(both.log.count("closed 1006: ") == 0u); // events do not nest
  });
  both.log.wait_for("closed 1006: ");
  BOOST_TEST(both.log.count(failed(errc::write_failed)) == 1u);
}

BOOST_AUTO_TEST_CASE(pings_and_pongs_can_be_sent) {
  driven_stream both;
  both.on_loop([&] {
    both.stream->send_control(websocket::opcode::ping, "p");
    both.stream->send_control(websocket::opcode::pong, "q");
  });
  BOOST_TEST(both.peer->read_frame().opcode == test::opcode::ping);
  BOOST_TEST(both.peer->read_frame().payload == "q");
  both.peer->send_frame(test::opcode::pong, "p");
  both.log.wait_for("pong: p");
}

// Back-pressure

BOOST_AUTO_TEST_CASE(a_drain_comes_once_after_back_pressure) {
  driven_stream both{pressed, tiny_buffer};
  const std::string payload(10'000, 'x');
  for (std::size_t round = 1; round <= 3; ++round) {
    const auto sent = both.on_loop([&] {
      int count = 1;
      while (both.stream->send(std::string_view{payload}) == send_status::sent)
        ++count;
      return count;
    });
    BOOST_TEST(both.on_loop([&] { return both.stream->buffered(); }) > pressed.high_watermark);
    BOOST_TEST(both.log.count("drain") == round - 1); // nothing was read yet
    for (int i = 0; i < sent; ++i)
      BOOST_REQUIRE((both.peer->read_text() == payload));
    both.log.wait_for("drain", round);
    both.exchange_pings();
    BOOST_TEST(both.log.count("drain") == round);
    BOOST_TEST(both.on_loop([&] { return both.waiting_at_drain; }) <= pressed.low_watermark);
  }
}

BOOST_AUTO_TEST_CASE(without_back_pressure_there_is_no_drain) {
  driven_stream both{pressed};
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST((both.on_loop([&] { return both.stream->send("small"sv); }) == send_status::sent));
    BOOST_TEST(both.peer->read_text() == "small");
  }
  both.exchange_pings();
  BOOST_TEST(both.log.count("drain") == 0u);
}

BOOST_AUTO_TEST_CASE(a_producer_that_pauses_until_drain_gets_everything_through) {
  driven_stream both{pressed, tiny_buffer};
  constexpr std::size_t total = 2000;
  std::size_t next = 0;
  const auto produce = [&] {
    while (next < total
           && both.stream->send(std::string_view{std::to_string(next++) + std::string(4000, ' ')}) != send_status::buffered) {
    }
  };
  both.on_loop([&] {
    both.in_drain = produce;
    produce();
  });
  for (std::size_t i = 0; i < total; ++i)
    BOOST_REQUIRE(both.peer->read_text().substr(0, std::to_string(i).size() + 1) == std::to_string(i) + " ");
  BOOST_TEST(both.log.count("nested!") == 0u);
}

BOOST_AUTO_TEST_CASE(over_the_limit_messages_are_dropped_and_the_rest_arrives) {
  driven_stream both{pressed, tiny_buffer};
  const auto payload = [](int i) { return std::to_string(i) + ":" + std::string(10'000, 'x'); };
  const auto accepted = both.on_loop([&] {
    int count = 0;
    while (both.stream->send(std::string_view{payload(count)}) != send_status::dropped)
      ++count;
    BOOST_TEST((both.stream->send(std::string_view{payload(0)}) == send_status::dropped));
    BOOST_TEST(both.stream->buffered() <= pressed.max_buffered);
    BOOST_TEST((both.stream->state() == ready_state::open));
    return count;
  });
  for (int i = 0; i < accepted; ++i)
    BOOST_REQUIRE((both.peer->read_text() == payload(i)));
  both.exchange_pings();
  const auto size = std::to_string(payload(accepted).size() + 4 + payload(0).size() + 4);
  BOOST_TEST((both.log.lines() == lines{"dropped: 2 " + size, "drain"}));
}

BOOST_AUTO_TEST_CASE(the_policy_close_fails_the_stream_with_1013) {
  auto options = pressed;
  options.on_limit = harpia::on_limit::close;
  driven_stream both{options, tiny_buffer};
  const std::string payload(10'000, 'x');
  both.on_loop([&] {
    auto status = send_status::sent;
    while (status != send_status::dropped && status != send_status::closed)
      status = both.stream->send(std::string_view{payload});
    BOOST_TEST((status == send_status::dropped));
    BOOST_TEST((both.stream->state() == ready_state::closing));
    BOOST_TEST((both.stream->send("late"sv) == send_status::closed));
  });
  both.log.wait_for(failed(errc::buffer_limit));
  auto frame = both.peer->read_frame();
  while (frame.opcode == test::opcode::text) // what was on its way leaves first
    frame = both.peer->read_frame();
  BOOST_TEST(test::decode_close(frame).first == 1013);
  both.peer->send_close(1013);
  both.log.wait_for("closed");
  const auto told = both.log.lines();
  BOOST_REQUIRE(told.size() == 3u);
  BOOST_TEST(told[0] == failed(errc::buffer_limit));
  BOOST_TEST(told[1].starts_with("dropped: "));
  BOOST_TEST(told[2] == "closed 1013: ");
}

BOOST_AUTO_TEST_CASE(a_peer_that_pings_and_never_reads_gets_a_bounded_number_of_answers) {
  auto options = pressed;
  options.max_buffered = 128 << 10;
  driven_stream both{options, tiny_buffer};
  std::string pings;
  for (int i = 0; i < 500; ++i)
    pings += test::encode_frame({.opcode = test::opcode::ping, .payload = std::string(125, 'p')});
  std::size_t sent = 0;
  const auto flood = [&] {
    const auto at = sent % pings.size();
    const auto taken = ::send(both.peer->fd(), pings.data() + at, pings.size() - at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken > 0)
      sent += static_cast<std::size_t>(taken);
    return taken > 0;
  };
  for (int refusals = 0; refusals < 20 && sent < (64 << 20);)
    refusals = flood() ? 0 : (both.on_loop([] {}), refusals + 1);
  BOOST_TEST(sent < (64u << 20)); // at some time it was read no more
  BOOST_TEST(both.on_loop([&] { return both.stream->buffered(); }) <= options.max_buffered + net::event_loop::read_buffer_size);

  const auto ping_size = pings.size() / 500;
  for (std::size_t i = 0; i < sent / ping_size; ++i) // it goes on where it paused, and nothing is lost
    BOOST_REQUIRE(both.peer->read_frame().opcode == test::opcode::pong);
}

// Deadlines

BOOST_AUTO_TEST_CASE(silence_ends_a_stream_after_a_ping) {
  driven_stream both{{.idle_timeout = 300ms}};
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(both.peer->read_frame().opcode == test::opcode::ping);
  BOOST_TEST(both.peer->at_eof());
  both.log.wait_for("closed");
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 200ms)); // began a moment before `begin`
  const lines expected{failed(errc::idle_timeout), "closed 1006: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_answers_pings_is_not_idle) {
  driven_stream both{{.idle_timeout = 300ms}};
  for (int i = 0; i < 6; ++i) { // some 150 ms apart, twice the time-out and more in all
    BOOST_TEST(both.peer->read_frame().opcode == test::opcode::ping);
    both.peer->send_frame(test::opcode::pong, {});
  }
  both.log.wait_for("pong", 6);
  BOOST_TEST(both.log.count("failed") == 0u);
  BOOST_TEST((both.on_loop([&] { return both.stream->state(); }) == ready_state::open));
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_answer_a_close_is_cut) {
  driven_stream both{{.close_timeout = 200ms}};
  both.on_loop([&] { both.stream->close(close_code::normal, "bye"); });
  BOOST_TEST(both.peer->read_close().first == 1000);
  both.peer->send_text("not an answer");
  BOOST_TEST(both.peer->at_eof());
  both.log.wait_for("closed");
  const lines expected{failed(errc::close_timeout), "closed 1000: bye"};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_reads_nothing_is_cut_after_a_close_all_the_same) {
  driven_stream both{{.high_watermark = 1 << 24, .max_buffered = 1 << 24, .close_timeout = 200ms}, tiny_buffer};
  both.on_loop([&] {
    both.stream->send(std::string_view{std::string(1 << 20, 'x')});
    both.stream->close(close_code::going_away, {});
  });
  both.log.wait_for("closed 1001");
  BOOST_TEST(both.log.count(failed(errc::close_timeout)) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace harpia::specification
