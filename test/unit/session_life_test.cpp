// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/session.hpp"
#include "websocket/session_context.hpp"

#include "support/bytes.hpp"
#include "support/event_functions.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <system_error>
#include <vector>

// The life of a connection, transition by transition, with a clock and a kernel in the test's hands.

namespace net = harpia::net;
namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::errc;
using harpia::ready_state;
using harpia::send_status;
using phase = websocket::session::phase;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;
using lines = std::vector<std::string>;

const auto reset = std::make_error_code(std::errc::connection_reset);

std::string told(errc code) {
  return "failed: " + make_error_code(code).message();
}

/// A server's session that is open, and what its driver does.
class living final : test::event_functions {
public:
  explicit living(const harpia::route_options& options = {}, websocket::messages given = websocket::messages::whole)
      : session{shared, *this, options, now, given} {
    session.accept(test::opening_request(), {}, now);
    write();
  }

  /// The kernel takes at most `most` bytes of what it is offered. @return how many it took
  std::size_t write(std::size_t most = 1 << 30) {
    std::size_t taken = 0;
    while (taken < most && session.wants_to_write()) {
      std::array<iovec, 16> pieces;
      std::size_t offered = 0;
      for (const auto& piece : session.gather(pieces)) {
        const auto size = std::min(piece.iov_len, most - taken - offered);
        bytes.append(static_cast<const char*>(piece.iov_base), size);
        offered += size;
      }
      session.consume(offered, now);
      taken += offered;
    }
    session.offered();
    session.settle(now);
    return taken;
  }
  void receive(std::string_view wire) {
    auto copy = test::copy_of_bytes(wire);
    session.receive(copy, now);
    session.settle(now);
  }
  void end(std::error_code reason = {}) {
    session.receive_end(reason, now);
    session.settle(now);
  }
  void close(close_code code = close_code::normal, std::string_view reason = "bye") {
    session.close(code, reason, now);
    session.settle(now);
  }
  /// Lets time pass, and the session see to it whenever it wants to.
  void pass(std::chrono::milliseconds time, const net::socket_state& socket = {}) {
    const auto until = now + time;
    while (session.due() <= until) {
      now = std::max(now, session.due());
      session.expire(now, socket);
      session.settle(now);
    }
    now = until;
  }

  websocket::session::time_point now{1000h};
  websocket::session_context shared;
  websocket::session session;
  lines log;
  std::string bytes; // that the kernel took
  std::function<void()> in_message;

private:
  void on_message(harpia::message_view message) override {
    log.push_back("message: " + std::string{message.text()});
    if (in_message)
      in_message();
  }
  void on_part(harpia::message_view part, harpia::last_part) override {
    log.push_back("part: " + std::string{part.text()});
    if (in_message)
      in_message();
  }
  void on_drain() override { log.emplace_back("drain"); }
  void on_failed(const harpia::error& what) override { log.push_back("failed: " + what.code().message()); }
  void on_closed(close_code code, std::string_view reason) override {
    log.push_back("closed " + std::to_string(static_cast<int>(code)) + ": " + std::string{reason});
  }
};

std::string text(std::string payload) {
  return test::encode_frame({.opcode = test::opcode::text, .payload = std::move(payload)});
}
std::string closing(int code) {
  return test::encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(code)});
}

constexpr harpia::route_options roomy{.high_watermark = 1 << 26, .max_buffered = 1 << 26, .close_timeout = 5s};
const std::string large(std::size_t{12} << 20, 'x');

} // namespace

BOOST_AUTO_TEST_SUITE(session_life)

// From the end to the last byte

BOOST_AUTO_TEST_CASE(a_close_goes_through_its_phases) {
  living peer;
  BOOST_TEST((peer.session.at() == phase::open));
  peer.close();
  BOOST_TEST((peer.session.at() == phase::close_sent));
  BOOST_TEST((peer.session.state() == ready_state::closing));
  peer.write();
  peer.receive(closing(1000));
  BOOST_TEST((peer.session.at() == phase::lingering)); // nothing was owed
  BOOST_TEST((peer.session.state() == ready_state::closed));
  BOOST_TEST(peer.log == lines{"closed 1000: bye"}, boost::test_tools::per_element());
  peer.end();
  BOOST_TEST((peer.session.at() == phase::ended));
  BOOST_TEST((peer.session.due() == websocket::session::time_point::max()));
}

BOOST_AUTO_TEST_CASE(what_is_owed_after_the_end_is_written_before_the_direction_is_shut) {
  living peer{roomy};
  peer.session.send(std::string_view{large});
  peer.receive(closing(1000));
  BOOST_TEST((peer.session.at() == phase::flushing));
  BOOST_TEST(peer.log == lines{"closed 1000: "}, boost::test_tools::per_element());
  peer.write(1 << 20);
  BOOST_TEST((peer.session.at() == phase::flushing));
  BOOST_TEST(!peer.session.writes_last());
  peer.write(peer.session.out().size() - 4);
  BOOST_TEST(peer.session.writes_last());
  peer.write();
  BOOST_TEST((peer.session.at() == phase::lingering));
  BOOST_TEST(peer.bytes.size() > large.size());
}

BOOST_AUTO_TEST_CASE(a_peer_that_has_ended_its_direction_gets_the_rest_and_nobody_waits_for_it) {
  living peer{roomy};
  peer.session.send(std::string_view{large});
  peer.receive(closing(1000));
  peer.end();
  BOOST_TEST((peer.session.at() == phase::flushing));
  BOOST_TEST(!peer.session.wants_to_read());
  peer.write();
  BOOST_TEST((peer.session.at() == phase::ended));
}

BOOST_AUTO_TEST_CASE(a_lost_connection_discards_what_is_owed) {
  living peer{roomy};
  peer.session.send(std::string_view{large});
  peer.end(reset);
  BOOST_TEST((peer.session.at() == phase::ended));
  BOOST_TEST((peer.log == lines{told(errc::read_failed), "closed 1006: "}));
  living later{roomy};
  later.session.send(std::string_view{large});
  later.receive(closing(1000));
  later.end(reset);
  BOOST_TEST((later.session.at() == phase::ended));
  BOOST_TEST(later.session.out().empty());
}

BOOST_AUTO_TEST_CASE(last_bytes_are_a_life_of_their_own) {
  websocket::session_context shared;
  websocket::session::time_point now{1000h};
  websocket::session page{shared, "HTTP/1.1 404 Not Found\r\n\r\n", {.close_timeout = 5s}, now};
  BOOST_TEST((page.at() == phase::flushing));
  BOOST_TEST((page.state() == ready_state::closed));
  BOOST_TEST(page.writes_last());
  std::array<iovec, 4> pieces;
  page.consume(page.gather(pieces).front().iov_len, now);
  page.settle(now);
  BOOST_TEST((page.at() == phase::lingering));
  now = page.due();
  page.expire(now, {});
  page.expire(page.due(), {});
  BOOST_TEST((page.at() == phase::ended));
}

// Deadlines count from progress

BOOST_AUTO_TEST_CASE(a_slow_but_healthy_reader_gets_everything_after_a_close) {
  living peer{roomy};
  peer.session.send(std::string_view{large});
  peer.close();
  for (int second = 0; second < 11; ++second) { // a mebibyte a second
    peer.write(1 << 20);
    peer.pass(1s, {.unsent = 1 << 20});
    BOOST_REQUIRE((peer.session.at() == phase::close_sent));
  }
  peer.write();
  peer.pass(4s);
  peer.receive(closing(1000));
  BOOST_TEST(peer.log == lines{"closed 1000: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_slow_but_healthy_reader_gets_everything_after_its_own_close) {
  living peer{roomy};
  peer.session.send(std::string_view{large});
  peer.receive(closing(1000));
  while (peer.session.at() == phase::flushing) {
    peer.write(100 << 10);
    peer.pass(4s, {.unsent = 100 << 10});
  }
  BOOST_TEST(peer.bytes.size() > large.size());
  BOOST_TEST((peer.session.at() == phase::lingering));
}

BOOST_AUTO_TEST_CASE(a_peer_that_takes_nothing_after_a_close_is_cut) {
  living peer{roomy};
  peer.session.send(std::string_view{large});
  peer.close();
  peer.pass(4900ms);
  BOOST_TEST((peer.session.at() == phase::close_sent));
  peer.pass(200ms);
  BOOST_TEST((peer.session.at() == phase::ended));
  BOOST_TEST((peer.log == lines{told(errc::close_timeout), "closed 1000: bye"}));
}

BOOST_AUTO_TEST_CASE(a_peer_that_speaks_but_does_not_answer_a_close_is_cut) {
  living peer{roomy};
  peer.close();
  peer.write();
  for (int i = 0; i < 49; ++i) {
    peer.receive(text("not an answer"));
    peer.pass(100ms);
  }
  BOOST_TEST((peer.session.at() == phase::close_sent));
  peer.pass(200ms);
  BOOST_TEST((peer.log == lines{told(errc::close_timeout), "closed 1000: bye"}));
}

BOOST_AUTO_TEST_CASE(a_peer_that_never_closes_its_side_is_waited_for_no_longer_than_the_close_timeout) {
  living peer{roomy};
  peer.receive(closing(1000));
  peer.write();
  BOOST_TEST((peer.session.at() == phase::lingering));
  peer.pass(4900ms);
  peer.receive(text("more")); // is no progress
  BOOST_TEST((peer.session.at() == phase::lingering));
  peer.pass(200ms);
  BOOST_TEST((peer.session.at() == phase::ended));
}

BOOST_AUTO_TEST_CASE(an_upload_keeps_a_connection_and_so_does_a_download) {
  living uploads{{.idle_timeout = 60s}};
  for (int i = 0; i < 100; ++i) {
    uploads.receive(text("a piece"));
    uploads.write();
    uploads.pass(10s);
  }
  BOOST_TEST((uploads.session.at() == phase::open));
  living downloads{{.high_watermark = 1 << 26, .max_buffered = 1 << 26, .idle_timeout = 60s}};
  downloads.session.send(std::string_view{large});
  while (downloads.write(500'000) > 0) // 50 kB/s
    downloads.pass(10s, {.unsent = 400'000});
  BOOST_TEST((downloads.session.at() == phase::open));
  BOOST_TEST(downloads.bytes.size() > large.size());
}

BOOST_AUTO_TEST_CASE(silence_ends_a_connection_after_a_ping) {
  living peer{{.idle_timeout = 60s, .ping_interval = 0s}};
  peer.bytes.clear();
  peer.pass(30s);
  peer.write();
  BOOST_TEST(peer.bytes == "\x89\x00"s);
  peer.pass(31s);
  BOOST_TEST((peer.log == lines{told(errc::idle_timeout), "closed 1006: "}));
  BOOST_TEST((peer.session.at() == phase::ended));
}

BOOST_AUTO_TEST_CASE(a_paused_connection_is_pinged_so_that_a_reset_is_noticed) {
  living peer{{.idle_timeout = 60s, .ping_interval = 0s}};
  peer.session.pause();
  for (int i = 0; i < 1000; ++i) {
    peer.bytes.clear();
    peer.pass(30s);
    peer.write();
    BOOST_REQUIRE(peer.bytes == "\x89\x00"s);
  }
  peer.pass(30s);
  BOOST_TEST(peer.session.wants_to_write());
  peer.session.fail_write(reset); // as the kernel says to a ping
  peer.session.settle(peer.now);
  BOOST_TEST((peer.log == lines{told(errc::write_failed), "closed 1006: "}));
}

BOOST_AUTO_TEST_CASE(a_lifetime_ends_with_going_away) {
  living peer{{.max_lifetime = 10min, .max_lifetime_jitter = 0}};
  for (int i = 0; i < 59; ++i) {
    peer.pass(10s);
    peer.receive(text("still here"));
  }
  BOOST_TEST((peer.session.at() == phase::open));
  peer.pass(10s);
  BOOST_TEST((peer.session.at() == phase::close_sent));
}

BOOST_AUTO_TEST_CASE(the_lifetimes_of_connections_that_were_opened_together_differ) {
  websocket::session_context shared;
  std::vector<double> shares;
  for (int i = 0; i < 200; ++i)
    shares.push_back(shared.next_share());
  std::ranges::sort(shares);
  BOOST_TEST(shares.front() >= 0);
  BOOST_TEST(shares.back() <= 1);
  for (std::size_t i = 1; i < shares.size(); ++i)
    BOOST_TEST(shares[i] - shares[i - 1] < 0.02);
}

// A close that waits

BOOST_AUTO_TEST_CASE(a_close_that_waits_for_messages_in_vain_is_sent_in_the_end) {
  living peer;
  BOOST_TEST((peer.session.out().open_to_remote_senders()->request(10) == send_status::sent));
  peer.close();
  BOOST_TEST((peer.session.at() == phase::close_held));
  peer.pass(6s);
  BOOST_TEST((peer.session.at() == phase::close_sent));
  peer.write();
  peer.receive(closing(1000));
  BOOST_TEST(peer.log == lines{"closed 1000: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_peers_close_is_the_first_while_ours_is_held_back) {
  living peer;
  BOOST_TEST((peer.session.out().open_to_remote_senders()->request(10) == send_status::sent));
  peer.close(close_code::normal, "ours");
  peer.receive(closing(4000));
  BOOST_TEST(peer.log == lines{"closed 4000: "}, boost::test_tools::per_element());
}

// Paused

BOOST_AUTO_TEST_CASE(a_fault_behind_a_part_whose_handler_paused_ends_the_pause) {
  living peer{{}, websocket::messages::in_parts};
  peer.in_message = [&] { peer.session.pause(); };
  peer.receive(test::encode_frame({.fin = false, .payload = "\xc3"}));
  peer.receive(test::encode_frame({.opcode = test::opcode::continuation, .payload = "\xa9\xff"}));
  BOOST_TEST((peer.log == lines{"part: \xc3\xa9", told(errc::invalid_text), "closed 1007: "}));
  BOOST_TEST(!peer.session.paused());
  peer.write();
  peer.end();
  BOOST_TEST((peer.session.at() == phase::ended));
}

BOOST_AUTO_TEST_CASE(the_end_of_the_stream_waits_for_a_handler_that_pauses_again) {
  living peer;
  peer.in_message = [&] { peer.session.pause(); };
  peer.receive(text("a") + text("b") + closing(4000));
  peer.session.resume();
  peer.end(); // before anything was settled
  BOOST_TEST((peer.log == lines{"message: a", "message: b"}));
  peer.session.resume();
  peer.session.settle(peer.now);
  BOOST_TEST(peer.log.back() == "closed 4000: ");
}

// Cut

BOOST_AUTO_TEST_CASE(after_terminate_nothing_is_read_or_written) {
  living peer;
  peer.in_message = [&] { peer.session.terminate(); };
  peer.session.send("lost"sv);
  peer.receive(text("a") + text("b"));
  BOOST_TEST((peer.log == lines{"message: a", "closed 1006: "}));
  BOOST_TEST(!peer.session.wants_to_write());
  BOOST_TEST(!peer.session.wants_to_read());
  BOOST_TEST((peer.session.at() == phase::ended));
}

// A write that fails

BOOST_AUTO_TEST_CASE(a_write_that_fails_is_told_once_and_not_from_inside) {
  living peer;
  peer.session.send("lost"sv);
  peer.session.fail_write(reset);
  BOOST_TEST(peer.log.empty());
  BOOST_TEST((peer.session.report() == send_status::closed));
  BOOST_TEST((peer.session.send("again"sv) == send_status::closed));
  BOOST_TEST(!peer.session.wants_to_write());
  peer.end();
  peer.session.settle(peer.now);
  BOOST_TEST((peer.log == lines{told(errc::write_failed), "closed 1006: "}));
}

BOOST_AUTO_TEST_CASE(what_a_peer_sent_before_a_write_to_it_failed_is_heard) {
  living peer;
  peer.session.fail_write(reset);
  BOOST_TEST(peer.session.wants_to_read());
  peer.in_message = [&] { BOOST_TEST((peer.session.send("answer"sv) == send_status::closed)); };
  peer.receive(text("last words") + test::encode_frame({.opcode = test::opcode::ping}) + closing(4000));
  BOOST_TEST((peer.log == lines{"message: last words", "closed 4000: "}));
  BOOST_TEST((peer.session.at() == phase::ended));
}

BOOST_AUTO_TEST_CASE(a_failure_to_read_tells_more_than_the_failure_to_write_before_it) {
  living peer;
  peer.session.fail_write(reset);
  peer.receive(text("last words"));
  peer.end(std::make_error_code(std::errc::permission_denied));
  BOOST_TEST((peer.log == lines{"message: last words", told(errc::read_failed), "closed 1006: "}));
}

BOOST_AUTO_TEST_CASE(after_a_failed_write_a_fault_of_the_peer_ends_the_connection) {
  living peer;
  peer.session.fail_write(reset);
  peer.receive("\xf1\x80\0\0\0\0"s);
  BOOST_TEST((peer.log == lines{told(errc::write_failed), "closed 1006: "}));
}

BOOST_AUTO_TEST_CASE(after_a_failed_write_the_programs_own_failure_is_told) {
  living peer;
  peer.session.fail_write(reset);
  peer.in_message = [&] {
    BOOST_TEST(peer.session.fail(harpia::error{errc::handler_threw, "oops"}, close_code::internal_error, peer.now));
  };
  peer.receive(text("a") + text("b"));
  BOOST_TEST((peer.log == lines{"message: a", told(errc::handler_threw), "closed 1006: "}));
}

BOOST_AUTO_TEST_CASE(after_a_failed_write_the_end_is_not_waited_for_without_end) {
  living peer{roomy};
  peer.session.fail_write(reset);
  peer.session.settle(peer.now);
  BOOST_TEST(peer.log.empty());
  peer.pass(6s);
  BOOST_TEST((peer.log == lines{told(errc::write_failed), "closed 1006: "}));
  BOOST_TEST((peer.session.at() == phase::ended));
}

BOOST_AUTO_TEST_CASE(after_a_failed_write_nothing_is_delivered_behind_a_close_or_a_pause) {
  for (const bool closes : {true, false}) {
    living peer;
    peer.session.fail_write(reset);
    peer.in_message = [&] {
      if (closes)
        peer.session.close(close_code::normal, "bye", peer.now);
      else
        peer.session.pause();
    };
    peer.receive(text("a") + text("b"));
    BOOST_TEST((peer.log == lines{"message: a", told(errc::write_failed), "closed 1006: "}));
  }
}

BOOST_AUTO_TEST_CASE(a_failed_write_ends_a_connection_that_is_closing_at_once) {
  living peer;
  peer.close();
  peer.session.fail_write(reset);
  peer.session.settle(peer.now);
  BOOST_TEST(peer.log == lines{"closed 1000: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_client_waits_for_its_answer_no_longer_than_it_is_told_to) {
  websocket::session_context shared;
  struct final_events final : test::event_functions {
  } deaf;
  websocket::session::time_point now{1000h};
  websocket::session client{shared, deaf, {}, now};
  client.connect({.host = "localhost"}, now + 3s);
  BOOST_TEST((client.at() == phase::opening));
  BOOST_TEST((client.due() == now + 3s));
  client.expire(now + 3s, {});
  BOOST_TEST((client.at() == phase::ended));
}

BOOST_AUTO_TEST_SUITE_END()
