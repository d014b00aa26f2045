// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/transport/link.hpp>

#include "support/bytes.hpp"
#include "support/event_log.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <array>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

namespace protocol = harpia::protocol;
namespace test = harpia::test;
namespace transport = harpia::transport;
using harpia::close_code;
using harpia::errc;
using harpia::ready_state;
using harpia::send_status;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

using lines = std::vector<std::string>;

/// A link on a loop of its own, with the peer's end in the test's hands. The test's thread is the peer; what concerns the link
/// is done with `on_loop`.
class linked final : transport::link_events {
public:
  explicit linked(const harpia::route_options& options = {}, int send_buffer = 0) {
    std::array<int, 2> both{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) == 0);
    transport::unique_fd ours{both[0]};
    peer.emplace(test::raw_client::over(transport::unique_fd{both[1]}));
    BOOST_REQUIRE(::fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0);
    if (send_buffer > 0)
      ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    link = std::make_unique<transport::link>(
        loop, transport::channel{std::move(ours), "here"}, static_cast<transport::link_events&>(*this), options);
    link->accept(test::opening_request(), {});
    runner_ = std::thread{[this] { loop.run(); }};
    BOOST_REQUIRE(peer->read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  }

  ~linked() {
    loop.stop();
    runner_.join();
  }

  /// Runs `work` on the loop's thread and waits for what it returns.
  template <class Function>
  auto on_loop(Function work) {
    std::packaged_task<decltype(work())()> task{std::move(work)};
    auto result = task.get_future();
    loop.post([&task] { task(); });
    return result.get();
  }

  /// Waits until the link has heard everything that the peer sent before, and the peer everything that the link wrote.
  void exchange_pings() {
    peer->send_frame(test::opcode::ping, "sync");
    while (peer->read_frame().opcode != test::opcode::pong) {
    }
  }

  transport::event_loop loop;
  std::optional<test::raw_client> peer;
  std::unique_ptr<transport::link> link; // destroyed one turn after it closed, as its owner does
  test::event_log log;
  std::function<void(harpia::message_view)> in_message; // set on the loop
  std::function<void()> in_drain;
  std::optional<harpia::error> failure;
  std::size_t waiting_at_drain = 0;
  bool keep_closed = false;

private:
  template <class Function>
  void enter(std::string line, Function then) {
    if (inside_)
      log.add("nested!");
    inside_ = true;
    log.add(std::move(line));
    then();
    inside_ = false;
  }

  void on_message(harpia::message_view message) override {
    enter("message: " + std::string{message.text()}, [&] {
      if (in_message)
        in_message(message);
    });
  }
  void on_ping(std::string_view) override {}
  void on_pong(std::string_view payload) override {
    enter("pong: " + std::string{payload}, [] {});
  }
  void on_dropped(std::size_t count, std::size_t bytes) override {
    enter("dropped: " + std::to_string(count) + ' ' + std::to_string(bytes), [] {});
  }
  void on_outcome(const protocol::delivery_ptr&, harpia::delivery_outcome outcome) override {
    enter("outcome: " + std::to_string(static_cast<int>(outcome)), [] {});
  }
  void on_drain() override {
    waiting_at_drain = link->buffered();
    enter("drain", [&] {
      if (in_drain)
        in_drain();
    });
  }
  void on_failed(const harpia::error& what) override {
    failure = what;
    enter("failed: " + what.code().message(), [] {});
  }
  void on_closed(close_code code, std::string_view reason) override {
    enter("closed " + std::to_string(static_cast<int>(code)) + ": " + std::string{reason}, [&] {
      if (!keep_closed)
        loop.post([this] { link.reset(); });
    });
  }

  bool inside_ = false;
  std::thread runner_;
};

std::string failed(errc code) {
  return "failed: " + harpia::make_error_code(code).message();
}

constexpr int tiny_buffer = 4096;
const harpia::route_options pressed{.high_watermark = 64 << 10, .low_watermark = 16 << 10, .max_buffered = 1 << 20};

const harpia::route_options large_queue{.high_watermark = 1 << 24, .max_buffered = 1 << 24};
const std::string owed(100'000, 'x'); // each of twenty

void owe_to_a_peer_that_closed(linked& both) {
  both.on_loop([&] {
    for (int i = 0; i < 20; ++i)
      both.link->send(std::string_view{owed});
  });
  both.peer->send_close(1000);
  both.log.wait_for("closed 1000");
}

void read_what_is_owed(linked& both, const std::function<void()>& before_each) {
  for (int i = 0; i < 20; ++i) {
    before_each();
    BOOST_REQUIRE((both.peer->read_text() == owed));
  }
  BOOST_TEST(both.peer->read_close().first == 1000);
  BOOST_TEST(both.peer->at_eof());
}

} // namespace

namespace harpia::specification { // `link` alone is a function of POSIX

BOOST_AUTO_TEST_SUITE(link)

// Messages

BOOST_AUTO_TEST_CASE(messages_go_both_ways) {
  linked both;
  both.in_message = [&](harpia::message_view message) { both.link->send(message); };
  both.peer->send_text("caf\xc3\xa9");
  BOOST_TEST(both.peer->read_text() == "caf\xc3\xa9");
  const std::string large(1 << 20, 'x');
  both.peer->send_binary(large);
  BOOST_TEST((both.peer->read_binary() == large));
  BOOST_TEST(both.on_loop([&] { return both.link->remote_address(); }) == "here");
}

BOOST_AUTO_TEST_CASE(bytes_of_the_opening_handshake_are_taken) {
  linked both;
  const auto early = test::encode_frame({.payload = "early"});
  both.on_loop([&] {
    auto bytes = test::copy_of_bytes(early);
    both.link->receive(bytes);
  });
  BOOST_TEST(both.log.lines() == lines{"message: early"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_turn_sends_waits_for_its_end_or_for_flush) {
  linked both;
  both.on_loop([&] {
    both.link->send("first"sv);
    BOOST_TEST(both.link->buffered() == 7u);
    both.link->flush();
    BOOST_TEST(both.link->buffered() == 0u);
    both.link->send("second"sv);
    BOOST_TEST(both.link->buffered() == 8u);
  });
  BOOST_TEST(both.peer->read_text() == "first");
  BOOST_TEST(both.peer->read_text() == "second");
  BOOST_TEST(both.on_loop([&] { return both.link->buffered(); }) == 0u);
}

BOOST_AUTO_TEST_CASE(pings_and_pongs_can_be_sent) {
  linked both;
  both.on_loop([&] {
    both.link->send_control(protocol::opcode::ping, "p");
    both.link->send_control(protocol::opcode::pong, "q");
  });
  BOOST_TEST(both.peer->read_frame().opcode == test::opcode::ping);
  BOOST_TEST(both.peer->read_frame().payload == "q");
  both.peer->send_frame(test::opcode::pong, "p");
  both.log.wait_for("pong: p");
}

// Back-pressure

BOOST_AUTO_TEST_CASE(a_drain_comes_once_after_back_pressure) {
  linked both{pressed, tiny_buffer};
  const std::string payload(10'000, 'x');
  for (std::size_t round = 1; round <= 3; ++round) {
    const auto sent = both.on_loop([&] {
      int count = 1;
      while (both.link->send(std::string_view{payload}) == send_status::sent)
        ++count;
      return count;
    });
    BOOST_TEST(both.on_loop([&] { return both.link->buffered(); }) > pressed.high_watermark);
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
  linked both{pressed};
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST((both.on_loop([&] { return both.link->send("small"sv); }) == send_status::sent));
    BOOST_TEST(both.peer->read_text() == "small");
  }
  both.exchange_pings();
  BOOST_TEST(both.log.count("drain") == 0u);
}

BOOST_AUTO_TEST_CASE(a_producer_that_pauses_until_drain_gets_everything_through) {
  linked both{pressed, tiny_buffer};
  constexpr std::size_t total = 2000;
  std::size_t next = 0;
  const auto produce = [&] {
    while (next < total
           && both.link->send(std::string_view{std::to_string(next++) + std::string(4000, ' ')}) != send_status::buffered) {
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
  linked both{pressed, tiny_buffer};
  const auto payload = [](int i) { return std::to_string(i) + ":" + std::string(10'000, 'x'); };
  const auto accepted = both.on_loop([&] {
    int count = 0;
    while (both.link->send(std::string_view{payload(count)}) != send_status::dropped)
      ++count;
    BOOST_TEST((both.link->send(std::string_view{payload(0)}) == send_status::dropped));
    BOOST_TEST(both.link->buffered() <= pressed.max_buffered);
    BOOST_TEST((both.link->state() == ready_state::open));
    return count;
  });
  for (int i = 0; i < accepted; ++i)
    BOOST_REQUIRE((both.peer->read_text() == payload(i)));
  both.exchange_pings();
  const auto size = std::to_string(payload(accepted).size() + 4 + payload(0).size() + 4);
  BOOST_TEST((both.log.lines() == lines{"dropped: 2 " + size, "drain"}));
}

BOOST_AUTO_TEST_CASE(the_policy_close_fails_the_link_with_1013) {
  auto options = pressed;
  options.on_limit = harpia::on_limit::close;
  linked both{options, tiny_buffer};
  const std::string payload(10'000, 'x');
  both.on_loop([&] {
    auto status = send_status::sent;
    while (status != send_status::dropped && status != send_status::closed)
      status = both.link->send(std::string_view{payload});
    BOOST_TEST((status == send_status::dropped));
    BOOST_TEST((both.link->state() == ready_state::closing));
    BOOST_TEST((both.link->send("late"sv) == send_status::closed));
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
  linked both{options, tiny_buffer};
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
  BOOST_TEST(both.on_loop([&] { return both.link->buffered(); })
             <= options.max_buffered + transport::event_loop::read_buffer_size);

  const auto ping_size = pings.size() / 500;
  for (std::size_t i = 0; i < sent / ping_size; ++i) // it goes on where it paused, and nothing is lost
    BOOST_REQUIRE(both.peer->read_frame().opcode == test::opcode::pong);
}

// Ending

BOOST_AUTO_TEST_CASE(the_peers_close_is_answered_and_the_socket_closed) {
  linked both;
  both.peer->send_close(4000, "enough");
  BOOST_TEST(both.peer->read_close().first == 4000);
  BOOST_TEST(both.peer->at_eof());
  BOOST_TEST(both.log.lines() == lines{"closed 4000: enough"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_pings_while_it_reads_the_rest_loses_nothing) {
  linked both{large_queue};
  owe_to_a_peer_that_closed(both);
  read_what_is_owed(both, [&] {
    both.peer->send_frame(test::opcode::ping, "still here"); // RFC 6455, 5.5.1, forbids data frames after a close, and no others
  });
}

BOOST_AUTO_TEST_CASE(a_close_waits_for_the_answer) {
  linked both;
  both.on_loop([&] {
    both.link->send("last"sv);
    both.link->close(close_code::normal, "bye");
    both.link->close(close_code::going_away, "ignored");
    BOOST_TEST((both.link->state() == ready_state::closing));
  });
  BOOST_TEST(both.peer->read_text() == "last");
  BOOST_TEST((both.peer->read_close() == std::pair{1000, "bye"s}));
  BOOST_TEST(both.log.lines().empty());
  both.peer->send_close(1000);
  BOOST_TEST(both.peer->at_eof());
  BOOST_TEST(both.log.lines() == lines{"closed 1000: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_others_were_granted_leaves_before_the_close) {
  linked both;
  const auto frame = protocol::make_frame(harpia::message_view{"granted"});
  const auto size = frame->wire().size();
  const auto others = both.on_loop([&] { return both.link->open_to_others(); });
  BOOST_TEST((others->request(size) == send_status::sent));
  both.on_loop([&] {
    both.link->close(close_code::normal, "bye");
    BOOST_TEST((both.link->state() == ready_state::closing));
    BOOST_TEST((both.link->send("late"sv) == send_status::closed));
    BOOST_TEST((both.link->send_control(protocol::opcode::ping, "late") == send_status::closed));
  });
  BOOST_TEST((others->request(size) == send_status::closed));
  both.peer->send_text("not heard any more");
  both.on_loop([&] {
    others->arrived(size);
    both.link->send(frame, {.admitted = protocol::admitted::yes});
  });
  BOOST_TEST(both.peer->read_text() == "granted");
  BOOST_TEST((both.peer->read_close() == std::pair{1000, "bye"s}));
  both.peer->send_close(1000);
  BOOST_TEST(both.peer->at_eof());
  BOOST_TEST(both.log.lines() == lines{"closed 1000: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_close_after_a_failure_waits_for_nobody) {
  linked both;
  const auto others = both.on_loop([&] { return both.link->open_to_others(); });
  BOOST_TEST((others->request(10) == send_status::sent));
  both.on_loop([&] { both.link->close(close_code::internal_error, {}); }); // as when the connection's actor was killed
  BOOST_TEST(both.peer->read_close().first == 1011);
}

BOOST_AUTO_TEST_CASE(a_close_that_waits_goes_once_nobody_will_bring_what_it_waits_for) {
  linked both;
  const auto others = both.on_loop([&] { return both.link->open_to_others(); });
  BOOST_TEST((others->request(10) == send_status::sent));
  both.on_loop([&] {
    both.link->close(close_code::normal, "bye");
    both.link->close(close_code::internal_error, {}); // the actor has ended
  });
  BOOST_TEST((both.peer->read_close() == std::pair{1000, "bye"s}));
}

BOOST_AUTO_TEST_CASE(a_close_that_waits_for_others_is_told_as_it_was_whatever_ends_the_link) {
  linked both;
  const auto others = both.on_loop([&] { return both.link->open_to_others(); });
  BOOST_TEST((others->request(10) == send_status::sent));
  both.on_loop([&] { both.link->close(close_code::normal, "bye"); });
  both.peer->reset();
  both.log.wait_for("closed");
  BOOST_TEST(both.log.count("closed 1000: bye") == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_owed_to_a_peer_that_closed_is_still_written) {
  linked both{large_queue, tiny_buffer};
  owe_to_a_peer_that_closed(both);
  BOOST_TEST(both.on_loop([&] { return both.link == nullptr; })); // what lingers is the loop's now
  read_what_is_owed(both, [] {});
}

BOOST_AUTO_TEST_CASE(lingering_ends_at_its_deadline) {
  linked both{{.high_watermark = 1 << 24, .max_buffered = 1 << 24, .close_timeout = 200ms}, tiny_buffer};
  both.on_loop([&] { both.link->send(std::string_view{std::string(1 << 20, 'x')}); });
  both.peer->send_close(1000);
  both.log.wait_for("closed 1000");
  // The peer reads only once it was given up on: less comes than was sent, and then the end.
  while (::send(both.peer->fd(), "x", 1, MSG_NOSIGNAL) == 1) {
  }
  BOOST_TEST(both.peer->read_to_end().size() < (1u << 20));
}

BOOST_AUTO_TEST_CASE(terminate_inside_a_message_closes_once_and_not_nested) {
  std::atomic<bool> as_promised = false;
  linked both;
  both.in_message = [&](harpia::message_view) {
    both.link->terminate();
    both.link->terminate();
    as_promised = both.link->state() == ready_state::closed && both.link->send("late"sv) == send_status::closed
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
    linked both;
    both.in_message = [&](harpia::message_view) { both.link->terminate(); };
    both.peer->send_raw(test::encode_frame({.payload = "a"}) + behind);
    BOOST_TEST(both.peer->at_eof());
    both.log.wait_for("closed");
    const lines expected{"message: a", "closed 1006: "};
    BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(terminate_after_close_tells_what_was_sent) {
  linked both;
  both.on_loop([&] { both.link->close(close_code::going_away, "bye"); });
  BOOST_TEST(both.peer->read_close().first == 1001);
  both.on_loop([&] { both.link->terminate(); });
  BOOST_TEST(both.peer->at_eof());
  both.log.wait_for("closed");
  BOOST_TEST(both.log.lines() == lines{"closed 1001: bye"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(terminate_loses_what_waits) {
  linked both{{.high_watermark = 1 << 24, .max_buffered = 1 << 24}, tiny_buffer};
  both.on_loop([&] {
    both.link->send(std::string_view{std::string(1 << 20, 'x')});
    both.link->terminate();
    BOOST_TEST(both.link->buffered() == 0u);
  });
  both.log.wait_for("closed 1006");
  BOOST_TEST(both.peer->read_to_end().size() < (1u << 20));
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_before_the_end_and_sends_its_code) {
  std::atomic<bool> told_inside = true;
  linked both;
  both.in_message = [&](harpia::message_view) {
    both.link->fail({errc::handler_threw, "it threw"}, close_code::internal_error);
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

BOOST_AUTO_TEST_CASE(a_failure_is_told_even_if_the_link_is_closing_or_cut) {
  for (const bool cut : {false, true}) {
    linked both;
    both.in_message = [&, cut](harpia::message_view) {
      cut ? both.link->terminate() : both.link->close(close_code::normal, "bye");
      both.link->fail({errc::handler_threw, "it threw"}, close_code::internal_error);
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
  linked both;
  both.peer->send_raw(test::encode_frame({.opcode = 3}));
  BOOST_TEST(both.peer->read_close().first == 1002);
  BOOST_TEST(both.peer->at_eof());
  const lines expected{failed(errc::protocol_violation), "closed 1002: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_vanishes_is_a_lost_connection) {
  for (const bool in_both_directions : {false, true}) {
    linked both;
    in_both_directions ? both.peer->close() : both.peer->shutdown_write();
    both.log.wait_for("closed");
    const lines expected{failed(errc::connection_lost), "closed 1006: "};
    BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_is_told_once) {
  linked both;
  both.on_loop([&] {
    both.peer->close();
    both.link->send("into the void"sv);
    both.link->flush();
    BOOST_TEST((both.link->state() == ready_state::closed));
    BOOST_TEST((both.link->send("again"sv) == send_status::closed));
    BOOST_TEST(both.log.lines().empty()); // not from inside
  });
  both.log.wait_for("closed");
  const lines expected{failed(errc::write_failed), "closed 1006: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reset_is_a_failed_read) {
  linked both;
  both.on_loop([&] { both.link->send("never read"sv); });
  char byte = 0;
  BOOST_REQUIRE(::recv(both.peer->fd(), &byte, 1, MSG_PEEK) == 1);
  both.peer->close(); // with something unread: the kernel resets
  both.log.wait_for("closed");
  const lines expected{failed(errc::read_failed), "closed 1006: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_blocked_link_hears_of_its_peers_reset) {
  linked both{{.high_watermark = 1 << 16, .max_buffered = 1 << 16}, tiny_buffer};
  both.on_loop([&] { both.link->send(std::string_view{std::string(1 << 20, 'x')}); }); // more than the limit: it is not read now
  both.peer->close();
  both.log.wait_for("closed 1006");
  BOOST_TEST(both.log.count("failed") == 1u);
}

BOOST_AUTO_TEST_CASE(a_closed_link_answers_that_it_is_closed) {
  linked both;
  both.keep_closed = true;
  both.peer->send_close(1000);
  both.log.wait_for("closed");
  both.on_loop([&] {
    BOOST_TEST((both.link->state() == ready_state::closed));
    BOOST_TEST((both.link->send("late"sv) == send_status::closed));
    BOOST_TEST((both.link->send_control(protocol::opcode::ping, {}) == send_status::closed));
    both.link->close(close_code::normal, {});
    both.link->fail({errc::handler_threw, "late"}, close_code::internal_error);
    both.link->terminate();
    both.link->flush();
  });
  both.on_loop([&] { both.link.reset(); });
  BOOST_TEST(both.log.lines() == lines{"closed 1000: "}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_link_may_be_destroyed_while_it_is_open) {
  linked both;
  both.on_loop([&] {
    both.link->send("lost"sv);
    both.link.reset();
  });
  BOOST_TEST(both.peer->at_eof());
  BOOST_TEST(both.log.lines().empty());
}

// Deadlines

BOOST_AUTO_TEST_CASE(silence_ends_a_link_after_a_ping) {
  linked both{{.idle_timeout = 300ms}};
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(both.peer->read_frame().opcode == test::opcode::ping);
  BOOST_TEST(both.peer->at_eof());
  both.log.wait_for("closed");
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 200ms)); // began a moment before `begin`
  const lines expected{failed(errc::idle_timeout), "closed 1006: "};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_answers_pings_is_not_idle) {
  linked both{{.idle_timeout = 300ms}};
  for (int i = 0; i < 6; ++i) { // some 150 ms apart, twice the time-out and more in all
    BOOST_TEST(both.peer->read_frame().opcode == test::opcode::ping);
    both.peer->send_frame(test::opcode::pong, {});
  }
  both.log.wait_for("pong", 6);
  BOOST_TEST(both.log.count("failed") == 0u);
  BOOST_TEST((both.on_loop([&] { return both.link->state(); }) == ready_state::open));
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_answer_a_close_is_cut) {
  linked both{{.close_timeout = 200ms}};
  both.on_loop([&] { both.link->close(close_code::normal, "bye"); });
  BOOST_TEST(both.peer->read_close().first == 1000);
  both.peer->send_text("not an answer");
  BOOST_TEST(both.peer->at_eof());
  both.log.wait_for("closed");
  const lines expected{failed(errc::close_timeout), "closed 1000: bye"};
  BOOST_TEST(both.log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_peer_that_reads_nothing_is_cut_after_a_close_all_the_same) {
  linked both{{.high_watermark = 1 << 24, .max_buffered = 1 << 24, .close_timeout = 200ms}, tiny_buffer};
  both.on_loop([&] {
    both.link->send(std::string_view{std::string(1 << 20, 'x')});
    both.link->close(close_code::going_away, {});
  });
  both.log.wait_for("closed 1001");
  BOOST_TEST(both.log.count(failed(errc::close_timeout)) == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace harpia::specification
