// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "driven_stream.hpp"

#include "support/raw_client.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::errc;
using harpia::ready_state;
using harpia::send_status;
using test::driven_stream;
using test::failed;
using test::lines;
using test::tiny_buffer;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

const harpia::route_options large_queue{.high_watermark = 1 << 24, .max_buffered = 1 << 24};
const std::string owed(100'000, 'x'); // each of twenty

void owe_to_a_peer_that_closed(driven_stream& both) {
  both.on_loop([&] {
    for (int i = 0; i < 20; ++i)
      both.stream->send(std::string_view{owed});
  });
  both.peer->send_close(1000);
  both.log.wait_for("closed 1000");
}

void read_what_is_owed(driven_stream& both, const std::function<void()>& before_each) {
  for (int i = 0; i < 20; ++i) {
    before_each();
    BOOST_REQUIRE((both.peer->read_text() == owed));
  }
  BOOST_TEST(both.peer->read_close().first == 1000);
  BOOST_TEST(both.peer->at_eof());
}

} // namespace

BOOST_AUTO_TEST_SUITE(stream_endings)

BOOST_AUTO_TEST_CASE(the_peers_close_is_answered_and_the_socket_closed) {
  driven_stream both;
  both.peer->send_close(4000, "enough");
  BOOST_TEST(both.peer->read_close().first == 4000);
  BOOST_TEST(both.peer->at_eof());
  BOOST_TEST(both.log.lines() == lines{"closed 4000: enough"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_pings_while_it_reads_the_rest_loses_nothing) {
  driven_stream both{large_queue};
  owe_to_a_peer_that_closed(both);
  read_what_is_owed(both, [&] {
    both.peer->send_frame(test::opcode::ping, "still here"); // RFC 6455, 5.5.1, forbids data frames after a close, and no others
  });
}

BOOST_AUTO_TEST_CASE(a_close_waits_for_the_answer) {
  driven_stream both;
  both.on_loop([&] {
    both.stream->send("last"sv);
    both.stream->close(close_code::normal, "bye");
    both.stream->close(close_code::going_away, "ignored");
    BOOST_TEST((both.stream->state() == ready_state::closing));
  });
  BOOST_TEST(both.peer->read_text() == "last");
  BOOST_TEST((both.peer->read_close() == std::pair{1000, "bye"s}));
  BOOST_TEST(both.log.lines().empty());
  both.peer->send_close(1000);
  BOOST_TEST(both.peer->at_eof());
  BOOST_TEST(both.log.lines() == lines{"closed 1000: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_others_were_granted_leaves_before_the_close) {
  driven_stream both;
  const auto frame = websocket::make_frame(harpia::message_view{"granted"});
  const auto size = frame->bytes().size();
  const auto others = both.on_loop([&] { return both.stream->open_to_remote_senders(); });
  BOOST_TEST((others->request(size) == send_status::sent));
  both.on_loop([&] {
    both.stream->close(close_code::normal, "bye");
    BOOST_TEST((both.stream->state() == ready_state::closing));
    BOOST_TEST((both.stream->send("late"sv) == send_status::closed));
    BOOST_TEST((both.stream->send_control(websocket::opcode::ping, "late") == send_status::closed));
  });
  BOOST_TEST((others->request(size) == send_status::closed));
  both.peer->send_text("not heard any more");
  both.on_loop([&] {
    others->settle(size);
    both.stream->send(frame, {.granted = websocket::granted::yes});
  });
  BOOST_TEST(both.peer->read_text() == "granted");
  BOOST_TEST((both.peer->read_close() == std::pair{1000, "bye"s}));
  both.peer->send_close(1000);
  BOOST_TEST(both.peer->at_eof());
  BOOST_TEST(both.log.lines() == lines{"closed 1000: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_close_after_a_failure_waits_for_nobody) {
  driven_stream both;
  const auto others = both.on_loop([&] { return both.stream->open_to_remote_senders(); });
  BOOST_TEST((others->request(10) == send_status::sent));
  both.on_loop([&] { both.stream->close(close_code::internal_error, {}); }); // as when the connection's actor was killed
  BOOST_TEST(both.peer->read_close().first == 1011);
}

BOOST_AUTO_TEST_CASE(a_close_that_waits_goes_once_nobody_will_bring_what_it_waits_for) {
  driven_stream both;
  const auto others = both.on_loop([&] { return both.stream->open_to_remote_senders(); });
  BOOST_TEST((others->request(10) == send_status::sent));
  both.on_loop([&] {
    both.stream->close(close_code::normal, "bye");
    both.stream->close(close_code::internal_error, {}); // the actor has ended
  });
  BOOST_TEST((both.peer->read_close() == std::pair{1000, "bye"s}));
}

BOOST_AUTO_TEST_CASE(a_close_that_waits_for_others_is_told_as_it_was_whatever_ends_the_stream) {
  driven_stream both;
  const auto others = both.on_loop([&] { return both.stream->open_to_remote_senders(); });
  BOOST_TEST((others->request(10) == send_status::sent));
  both.on_loop([&] { both.stream->close(close_code::normal, "bye"); });
  both.peer->reset();
  both.log.wait_for("closed");
  BOOST_TEST(both.log.count("closed 1000: bye") == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_owed_to_a_peer_that_closed_is_still_written) {
  driven_stream both{large_queue, tiny_buffer};
  owe_to_a_peer_that_closed(both);
  BOOST_TEST(both.on_loop([&] { return both.stream == nullptr; })); // what lingers is the loop's now
  read_what_is_owed(both, [] {});
}

BOOST_AUTO_TEST_CASE(lingering_ends_at_its_deadline) {
  driven_stream both{{.high_watermark = 1 << 24, .max_buffered = 1 << 24, .close_timeout = 200ms}, tiny_buffer};
  both.on_loop([&] { both.stream->send(std::string_view{std::string(1 << 20, 'x')}); });
  both.peer->send_close(1000);
  both.log.wait_for("closed 1000");
  // The peer reads only once it was given up on: less comes than was sent, and then the end.
  while (::send(both.peer->fd(), "x", 1, MSG_NOSIGNAL) == 1) {
  }
  BOOST_TEST(both.peer->read_to_end().size() < (1u << 20));
}

BOOST_AUTO_TEST_CASE(terminate_inside_a_message_closes_once_and_not_nested) {
  std::atomic<bool> as_promised = false;
  driven_stream both;
  both.in_message = [&](harpia::message_view) {
    both.stream->terminate();
    both.stream->terminate();
    as_promised = both.stream->state() == ready_state::closed && both.stream->send("late"sv) == send_status::closed
                  && both.log.count("closed") == 0;
  };
  both.peer->send_raw(test::encode_frame({.payload = "a"}) + test::encode_frame({.payload = "b"}));
  BOOST_TEST(both.peer->at_eof());
  both.log.wait_for("closed");
  BOOST_TEST(as_promised);
  const lines expected{"message: a", "closed 1006: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(after_terminate_nothing_counts_that_the_peer_had_sent_behind) {
  for (const auto& behind : {test::encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(1000, "bye")}),
                             test::encode_frame({.opcode = 3}), test::encode_frame({.payload = "\xff"})}) {
    driven_stream both;
    both.in_message = [&](harpia::message_view) { both.stream->terminate(); };
    both.peer->send_raw(test::encode_frame({.payload = "a"}) + behind);
    BOOST_TEST(both.peer->at_eof());
    both.log.wait_for("closed");
    const lines expected{"message: a", "closed 1006: "};
    BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(terminate_after_close_tells_what_was_sent) {
  driven_stream both;
  both.on_loop([&] { both.stream->close(close_code::going_away, "bye"); });
  BOOST_TEST(both.peer->read_close().first == 1001);
  both.on_loop([&] { both.stream->terminate(); });
  BOOST_TEST(both.peer->at_eof());
  both.log.wait_for("closed");
  BOOST_TEST(both.log.lines() == lines{"closed 1001: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(terminate_loses_what_waits) {
  driven_stream both{{.high_watermark = 1 << 24, .max_buffered = 1 << 24}, tiny_buffer};
  both.on_loop([&] {
    both.stream->send(std::string_view{std::string(1 << 20, 'x')});
    both.stream->terminate();
    BOOST_TEST(both.stream->buffered() == 0u);
  });
  both.log.wait_for("closed 1006");
  BOOST_TEST(both.peer->read_to_end().size() < (1u << 20));
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_before_the_end_and_sends_its_code) {
  std::atomic<bool> told_inside = true;
  driven_stream both;
  both.in_message = [&](harpia::message_view) {
    both.stream->fail({errc::handler_threw, "it threw"}, close_code::internal_error);
    told_inside = both.log.count("failed") != 0;
  };
  both.peer->send_text("a");
  BOOST_TEST(both.peer->read_close().first == 1011);
  BOOST_TEST(!told_inside);
  both.peer->send_close(1011);
  BOOST_TEST(both.peer->at_eof());
  const lines expected{"message: a", failed(errc::handler_threw), "closed 1011: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_failure_that_will_not_be_told_says_so) {
  driven_stream both;
  both.keep_closed = true;
  const auto fail = [&] { return both.stream->fail({errc::handler_threw, "it threw"}, close_code::internal_error); };
  both.on_loop([&] {
    BOOST_TEST(fail());
    BOOST_TEST(!fail()); // the first one is still to be told
  });
  BOOST_TEST(both.peer->read_close().first == 1011);
  BOOST_TEST(both.on_loop(fail)); // while it waits for the peer's close
  both.peer->send_close(1011);
  both.log.wait_for("closed");
  BOOST_TEST(!both.on_loop(fail));
  BOOST_TEST(both.log.count("failed") == 2u);
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_even_if_the_stream_is_closing_or_cut) {
  for (const bool cut : {false, true}) {
    driven_stream both;
    both.in_message = [&, cut](harpia::message_view) {
      cut ? both.stream->terminate() : both.stream->close(close_code::normal, "bye");
      both.stream->fail({errc::handler_threw, "it threw"}, close_code::internal_error);
    };
    both.peer->send_text("a");
    if (!cut) {
      BOOST_TEST(both.peer->read_close().first == 1000);
      both.peer->send_close(1000);
    }
    both.log.wait_for("closed");
    const lines expected{"message: a", failed(errc::handler_threw), cut ? "closed 1006: " : "closed 1000: bye"};
    BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_breaks_the_protocol_gets_the_code_and_the_end) {
  driven_stream both;
  both.peer->send_raw(test::encode_frame({.opcode = 3}));
  BOOST_TEST(both.peer->read_close().first == 1002);
  BOOST_TEST(both.peer->at_eof());
  const lines expected{failed(errc::protocol_violation), "closed 1002: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_vanishes_is_a_lost_connection) {
  for (const bool in_both_directions : {false, true}) {
    driven_stream both;
    in_both_directions ? both.peer->close() : both.peer->shutdown_write();
    both.log.wait_for("closed");
    const lines expected{failed(errc::connection_lost), "closed 1006: "};
    BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_is_told_once) {
  driven_stream both;
  both.on_loop([&] {
    both.peer->close();
    both.stream->send("into the void"sv);
    both.stream->flush();
    BOOST_TEST((both.stream->state() == ready_state::closed));
    BOOST_TEST((both.stream->send("again"sv) == send_status::closed));
    BOOST_TEST(both.log.lines().empty()); // not from inside
  });
  both.log.wait_for("closed");
  const lines expected{failed(errc::write_failed), "closed 1006: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_closed_before_a_write_to_it_failed_is_heard) {
  driven_stream both;
  both.on_loop([&] {
    both.peer->send_text("last words");
    both.peer->send_close(4000, "enough");
    both.peer->close();
    both.stream->send("into the void"sv);
    both.stream->flush();
  });
  both.log.wait_for("closed");
  const lines expected{"message: last words", "closed 4000: enough"};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reset_is_a_failed_read) {
  driven_stream both;
  both.on_loop([&] { both.stream->send("never read"sv); });
  char byte = 0;
  BOOST_REQUIRE(::recv(both.peer->fd(), &byte, 1, MSG_PEEK) == 1);
  both.peer->close(); // with something unread: the kernel resets
  both.log.wait_for("closed");
  const lines expected{failed(errc::read_failed), "closed 1006: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_blocked_stream_learns_of_its_peers_reset) {
  driven_stream both{{.high_watermark = 1 << 16, .max_buffered = 1 << 16}, tiny_buffer};
  both.on_loop([&] {
    both.stream->send(std::string_view{std::string(1 << 20, 'x')});
  }); // more than the limit: it is not read now
  both.peer->close();
  both.log.wait_for("closed 1006");
  BOOST_TEST(both.log.count("failed") == 1u);
}

BOOST_AUTO_TEST_CASE(a_closed_stream_answers_that_it_is_closed) {
  driven_stream both;
  both.keep_closed = true;
  both.peer->send_close(1000);
  both.log.wait_for("closed");
  both.on_loop([&] {
    BOOST_TEST((both.stream->state() == ready_state::closed));
    BOOST_TEST((both.stream->send("late"sv) == send_status::closed));
    BOOST_TEST((both.stream->send_control(websocket::opcode::ping, {}) == send_status::closed));
    both.stream->close(close_code::normal, {});
    both.stream->fail({errc::handler_threw, "late"}, close_code::internal_error);
    both.stream->terminate();
    both.stream->flush();
  });
  both.on_loop([&] { both.stream.reset(); });
  BOOST_TEST(both.log.lines() == lines{"closed 1000: "}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_stream_may_be_destroyed_while_it_is_open) {
  driven_stream both;
  both.on_loop([&] {
    both.stream->send("lost"sv);
    both.stream.reset();
  });
  BOOST_TEST(both.peer->at_eof());
  BOOST_TEST(both.log.lines().empty());
}

BOOST_AUTO_TEST_SUITE_END()
