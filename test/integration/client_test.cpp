// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/transport/acceptor.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::client_options;
using harpia::close_code;
using harpia::errc;
using harpia::message_view;
using harpia::no_data;
using harpia::send_status;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

using lines = std::vector<std::string>;

constexpr harpia::reconnect_options soon{.initial = 1ms, .max = 20ms};
constexpr harpia::reconnect_options never{.when = harpia::reconnect::never};

std::string number(close_code code) {
  return std::to_string(static_cast<int>(code));
}

/// Gives other threads time until `condition` holds.
bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + test::time_limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

bool has_ended(const harpia::client& peer) {
  return eventually([&] { return !as_actor(peer); });
}

/// Handlers that write down what they are called with.
template <class Data = no_data>
harpia::handlers<Data> logging(test::event_log& log) {
  return {
      .upgrade = [&log](auto&) { log.add("upgrade"); },
      .open = [&log](auto&) { log.add("open"); },
      .message =
          [&log](auto&, message_view message) {
            log.add((message.is_text() ? "text: " : "binary: ") + std::string{message.text()});
          },
      .close = [&log](auto&, close_code code,
                      std::string_view reason) { log.add("close " + number(code) + ": " + std::string{reason}); },
      .drain = [&log](auto&) { log.add("drain"); },
      .error = [&log](auto&, const harpia::error& what) { log.add("error: " + what.what()); },
      .ping = [&log](auto&, std::string_view payload) { log.add("ping: " + std::string{payload}); },
      .pong = [&log](auto&, std::string_view payload) { log.add("pong: " + std::string{payload}); },
  };
}

/// A server whose route "/" does what a text asks for, and echoes what else it gets.
std::unique_ptr<harpia::app> make_server(test::event_log& log, std::uint16_t port = 0) {
  auto server = std::make_unique<harpia::app>(harpia::app_options{.stop_timeout = 300ms});
  server->ws<no_data>(
      "/", {
               .open = [&log](auto&) { log.add("open"); },
               .message =
                   [&log](auto& ws, message_view message) {
                     if (message.text() == "cut me")
                       ws.terminate();
                     else if (message.text() == "close me")
                       ws.close(close_code{4001}, "as you wish");
                     else if (message.text() == "ping me")
                       ws.ping("hello?");
                     else
                       ws.send(message);
                     log.add("message: " + std::string{message.text().substr(0, 20)});
                   },
               .close = [&log](auto&, close_code code,
                               std::string_view reason) { log.add("close " + number(code) + ": " + std::string{reason}); },
           });
  server->start({.port = port, .hostname = "127.0.0.1", .threads = 1});
  return server;
}

struct fixture {
  [[nodiscard]] std::string url(std::string_view path = "/") const {
    return "ws://127.0.0.1:" + std::to_string(server->port()) + std::string{path};
  }
  [[nodiscard]] client_options failing_into(test::event_log& into, harpia::reconnect_options again = soon) const {
    return {.reconnect = again, .on_failure = [&into](const harpia::error& why) { into.add("failure: " + why.what()); }};
  }

  test::event_log log;        // of the clients
  test::event_log server_log; // both outlive those that write to them
  std::unique_ptr<harpia::app> server = make_server(server_log);
  caf::actor_system_config config;
  std::optional<caf::actor_system> system{std::in_place, config};
};

/// A server in the test's hands.
struct bare_server {
  [[nodiscard]] std::string url() const { return "ws://" + listening.address(); }

  /// Takes a connection and accepts its handshake.
  test::raw_client accept() {
    harpia::transport::accept_result accepted;
    BOOST_REQUIRE(eventually([&] {
      accepted = listening.accept();
      return accepted.outcome == harpia::transport::accept_outcome::accepted;
    }));
    BOOST_REQUIRE(::fcntl(accepted.socket.get(), F_SETFL, 0) == 0); // raw_client blocks
    auto peer = test::raw_client::over(std::move(accepted.socket));
    const auto asked = peer.read_until("\r\n\r\n");
    const auto name = "Sec-WebSocket-Key: "s;
    const auto key = asked.substr(asked.find(name) + name.size(), 24);
    peer.send_raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                  + test::accept_for_key(key) + "\r\n\r\n");
    return peer;
  }

  harpia::transport::acceptor listening{{.port = 0, .hostname = "127.0.0.1"}};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(client, fixture)

// Conversations

BOOST_AUTO_TEST_CASE(it_talks_to_a_server_as_a_server_talks_to_a_client) {
  auto callbacks = logging(log);
  callbacks.open = [this](auto& ws) {
    log.add("open");
    ws.send("caf\xc3\xa9");
    ws.send(message_view{std::as_bytes(std::span{"\0\xff", 2})});
    ws.ping("p");
    ws.send("ping me");
    ws.send("close me");
  };
  const auto peer = harpia::connect(*system, url(), std::move(callbacks), {.reconnect = never});
  log.wait_for("close");
  const lines expected{"open", "text: caf\xc3\xa9", "binary: \0\xff"s, "pong: p", "ping: hello?", "close 4001: as you wish"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  server_log.wait_for("close 4001: as you wish");
}

BOOST_AUTO_TEST_CASE(every_handler_is_optional) {
  const auto peer = harpia::connect<no_data>(*system, url(), {});
  server_log.wait_for("open");
  BOOST_TEST(eventually([&] { return peer.is_open(); }));
  BOOST_TEST((peer.send("x") == send_status::sent));
  server_log.wait_for("message: x");
}

BOOST_AUTO_TEST_CASE(other_threads_send_over_the_handle_in_order_and_before_they_close) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = soon});
  log.wait_for("open");
  constexpr int count = 1000;
  for (int i = 0; i < count; ++i)
    peer.send(std::to_string(i));
  peer.close(close_code{4002}, "done");
  BOOST_TEST((peer.send("late") == send_status::closed));
  BOOST_TEST(!peer.is_open());
  server_log.wait_for("close 4002: done");
  lines expected{"open"};
  for (int i = 0; i < count; ++i)
    expected.push_back("message: " + std::to_string(i));
  expected.push_back("close 4002: done");
  BOOST_TEST(server_log.lines() == expected, boost::test_tools::per_element());
  log.wait_for("close 4002: done");
}

BOOST_AUTO_TEST_CASE(what_is_asked_for_reaches_the_server_and_the_handlers) {
  test::event_log asked;
  harpia::app other;
  other.ws<no_data>("/room/:name",
                    {.open =
                         [&asked](auto& ws) {
                           asked.add("room=" + std::string{ws.request().param("name")} + " q=" + *ws.request().query("q"));
                           asked.add("token=" + std::string{*ws.request().header("authorization")});
                           asked.add("host=" + std::string{*ws.request().header("host")});
                         }},
                    {.subprotocols = {"v2"}});
  other.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  const auto port = std::to_string(other.port());
  harpia::connect<no_data>(
      *system, "ws://localhost:" + port + "/room/lobby?q=1",
      {.open =
           [this](auto& ws) {
             log.add("protocol=" + std::string{ws.subprotocol()} + " path=" + std::string{ws.request().path()} + " token="
                     + std::string{*ws.request().header("authorization")} + " from=" + std::string{ws.remote_address()});
           }},
      {.headers = {{"Authorization", "Bearer 1"}}, .subprotocols = {"v1", "v2"}});
  log.wait_for("protocol=v2 path=/room/lobby token=Bearer 1 from=127.0.0.1");
  asked.wait_for("host=localhost:" + port);
  const lines expected{"room=lobby q=1", "token=Bearer 1", "host=localhost:" + port};
  BOOST_TEST(asked.lines() == expected, boost::test_tools::per_element());
  system.reset(); // before what its handlers refer to
}

BOOST_AUTO_TEST_CASE(messages_are_compressed_if_both_want_it) {
  harpia::app other;
  other.ws<no_data>("/", {.message = [](auto& ws, message_view message) { ws.send(message); }},
                    {.compression = harpia::compression::enabled});
  other.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  const std::string payload(100'000, 'z');
  harpia::connect<no_data>(
      *system, "ws://127.0.0.1:" + std::to_string(other.port()),
      {.open = [&payload](auto& ws) { ws.send(payload); },
       .message =
           [this, &payload](auto&, message_view message) { log.add(message.text() == payload ? "the same" : "something else"); }},
      {.route = {.compression = harpia::compression::enabled}});
  log.wait_for("the same");
  system.reset(); // before what its handlers refer to
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_read_is_noticed_and_its_return_is_a_drain) {
  bare_server slow;
  const auto peer = harpia::connect(*system, slow.url(), logging(log), {.reconnect = never});
  auto reader = slow.accept();
  log.wait_for("open");
  const std::string piece(100'000, 'x');
  std::size_t count = 0;
  auto status = send_status::sent;
  for (; status == send_status::sent; ++count)
    status = peer.send(piece);
  BOOST_TEST((status == send_status::buffered));
  constexpr std::size_t header = 2 + 8 + 4; // with its mask
  BOOST_TEST(reader.read_exactly(count * (header + piece.size())).size() > 0u);
  log.wait_for("drain");
  BOOST_TEST(log.count("drain") == 1u);
  BOOST_TEST((peer.send("more") == send_status::sent));
}

// Data

struct visit {
  visit() { ++made; }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;
  ~visit() { ++destroyed; }

  int messages = 0;
  static inline std::atomic<int> made = 0;
  static inline std::atomic<int> destroyed = 0;
};

BOOST_AUTO_TEST_CASE(each_connection_has_fresh_data_that_lives_as_long_as_it_does) {
  visit::made = visit::destroyed = 0;
  const auto peer = harpia::connect<visit>(
      *system, url(),
      {.open = [](auto& ws) { ws.send("one"); },
       .message =
           [this](auto& ws, message_view) {
             log.add("message " + std::to_string(++ws.data.messages));
             ws.send(ws.data.messages == 1 ? "two" : "cut me");
           }},
      {.reconnect = soon});
  log.wait_for("message 2", 3);
  BOOST_TEST(log.count("message 1") >= 3u);
  peer.close();
  BOOST_TEST(has_ended(peer));
  BOOST_TEST(visit::made >= 3);
  BOOST_TEST(eventually([] { return visit::made == visit::destroyed; }));
}

// Connecting again

BOOST_AUTO_TEST_CASE(it_connects_again_after_the_server_cut_it) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = soon});
  log.wait_for("open");
  peer.send("cut me");
  log.wait_for("open", 2);
  const lines expected{"open", "error: the peer vanished without a close frame", "close 1006: ", "open"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  BOOST_TEST(eventually([&] { return peer.send("again") == send_status::sent; }));
  log.wait_for("text: again");
}

BOOST_AUTO_TEST_CASE(it_connects_again_after_the_server_closed_it_whatever_the_code) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = soon});
  log.wait_for("open");
  peer.send("close me");
  log.wait_for("close 4001: as you wish");
  log.wait_for("open", 2);
}

BOOST_AUTO_TEST_CASE(it_finds_a_server_that_was_restarted_and_sends_nothing_meanwhile) {
  const auto port = server->port();
  const auto peer = harpia::connect(*system, url(), logging(log), failing_into(log));
  log.wait_for("open");
  server.reset();
  log.wait_for("close 1001");
  log.wait_for("failure: ws://127.0.0.1:" + std::to_string(port) + "/ cannot be reached: Connection refused", 2);
  BOOST_TEST(!peer.is_open());
  BOOST_TEST((peer.send("into the void") == send_status::closed));
  server = make_server(server_log, port);
  log.wait_for("open", 2);
  BOOST_TEST(eventually([&] { return peer.send("here again") == send_status::sent; }));
  log.wait_for("text: here again");
  BOOST_TEST(server_log.count("message: into the void") == 0u);
}

BOOST_AUTO_TEST_CASE(it_connects_again_after_a_handler_threw) {
  std::atomic<int> opened = 0;
  auto callbacks = logging(log);
  callbacks.open = [&](auto&) {
    log.add("open");
    if (++opened == 1)
      throw std::runtime_error{"boom"};
  };
  harpia::connect(*system, url(), std::move(callbacks), {.reconnect = soon});
  log.wait_for("open", 2);
  BOOST_TEST(log.count("error: the handler 'open' of route '" + url() + "' threw: boom") == 1u);
  server_log.wait_for("close 1011: ");
  system.reset(); // before what its handlers refer to
}

BOOST_AUTO_TEST_CASE(one_that_is_never_to_connect_again_ends_with_its_connection) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = never});
  log.wait_for("open");
  peer.send("cut me");
  log.wait_for("close 1006");
  BOOST_TEST(has_ended(peer));
  BOOST_TEST((peer.send("x") == send_status::closed));
  BOOST_TEST(server_log.count("open") == 1u);
}

// Failures

BOOST_AUTO_TEST_CASE(a_refused_handshake_is_told_with_its_status_and_tried_again) {
  const auto peer = harpia::connect(*system, url("/nowhere"), logging(log), failing_into(log));
  log.wait_for("failure: the server refused the WebSocket: 404 Not Found", 2);
  BOOST_TEST(log.lines().size() == log.count("failure")); // no handler was called
  BOOST_TEST(!peer.is_open());
}

BOOST_AUTO_TEST_CASE(one_attempt_is_one_failure) {
  const auto peer = harpia::connect(*system, url("/nowhere"), logging(log), failing_into(log, never));
  BOOST_TEST(has_ended(peer));
  const lines expected{"failure: the server refused the WebSocket: 404 Not Found"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_has_is_a_failure) {
  const auto peer = harpia::connect(*system, "ws://nowhere..at-all/", logging(log), failing_into(log, never));
  log.wait_for("failure: ws://nowhere..at-all/ cannot be reached: ");
  BOOST_TEST(has_ended(peer));
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_is_given_up) {
  const harpia::transport::acceptor silent{{.port = 0, .hostname = "127.0.0.1"}};
  std::atomic<bool> timed_out = false;
  const auto peer = harpia::connect(*system, "ws://" + silent.address(), logging(log),
                                    {.reconnect = never, .connect_timeout = 200ms, .on_failure = [&](const harpia::error& why) {
                                       timed_out = why.code() == errc::connect_timeout;
                                       log.add("failure");
                                     }});
  log.wait_for("failure");
  BOOST_TEST(timed_out);
  BOOST_TEST(has_ended(peer));
}

BOOST_AUTO_TEST_CASE(an_on_failure_that_throws_changes_nothing) {
  harpia::connect(*system, url("/nowhere"), logging(log), {.reconnect = soon, .on_failure = [this](const harpia::error&) {
                                                             log.add("failure");
                                                             throw std::runtime_error{"boom"};
                                                           }});
  log.wait_for("failure", 2);
}

BOOST_AUTO_TEST_CASE(what_cannot_work_is_refused_at_once) {
  const auto connect = [this](std::string_view to, client_options options = {}) {
    (void)harpia::connect(*system, to, logging(log), std::move(options));
  };
  BOOST_CHECK_THROW(connect("https://127.0.0.1/"), std::invalid_argument);
  BOOST_CHECK_THROW(connect("127.0.0.1"), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.reconnect = {.initial = 0ms}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.reconnect = {.factor = 0.5}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.reconnect = {.initial = 2s, .max = 1s}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.reconnect = {.jitter = 2}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.connect_timeout = 0ms}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.headers = {{"Host", "x"}}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.headers = {{"X", "a\r\nb"}}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.subprotocols = {"two words"}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.route = {.subprotocols = {"x"}}}), std::invalid_argument);
  BOOST_CHECK_THROW(connect(url(), {.route = {.high_watermark = 1, .low_watermark = 2}}), std::invalid_argument);
}

// Closing

BOOST_AUTO_TEST_CASE(one_that_closed_itself_does_not_come_back) {
  for (const bool cuts : {false, true}) {
    test::event_log its;
    auto callbacks = logging(its);
    callbacks.message = [cuts](auto& ws, message_view) { cuts ? ws.terminate() : ws.close(close_code{4003}, "enough"); };
    const auto peer = harpia::connect(*system, url(), std::move(callbacks), {.reconnect = soon});
    its.wait_for("open");
    peer.send("go");
    its.wait_for(cuts ? "close 1006: " : "close 4003: enough");
    BOOST_TEST(has_ended(peer));
    BOOST_TEST(its.count("open") == 1u);
  }
}

BOOST_AUTO_TEST_CASE(closing_ends_it_also_while_there_is_no_connection) {
  const auto waiting = harpia::connect(*system, url("/nowhere"), logging(log), failing_into(log, {.initial = 1min, .max = 1min}));
  log.wait_for("failure");
  const harpia::transport::acceptor silent{{.port = 0, .hostname = "127.0.0.1"}};
  const auto opening = harpia::connect(*system, "ws://" + silent.address(), logging(log), failing_into(log));
  const auto fresh = harpia::connect(*system, url(), logging(log));
  for (const auto& each : {waiting, opening, fresh}) {
    each.close();
    each.close(); // once is enough
    BOOST_TEST(has_ended(each));
  }
  BOOST_TEST(log.count("failure") == 1u);
  BOOST_TEST(log.count("open") == log.count("close"));
}

BOOST_AUTO_TEST_CASE(a_close_that_must_not_be_sent_is_refused) {
  const auto peer = harpia::connect(*system, url(), logging(log));
  BOOST_CHECK_THROW(peer.close(close_code::no_status), std::invalid_argument);
  BOOST_CHECK_THROW(peer.close(close_code::normal, std::string(124, 'x')), std::invalid_argument);
  log.wait_for("open");
}

BOOST_AUTO_TEST_CASE(a_handle_of_no_client_is_closed) {
  const harpia::client none;
  BOOST_TEST((none.send("x") == send_status::closed));
  BOOST_TEST(!none.is_open());
  none.close();
  BOOST_TEST(!as_actor(none));
}

// Actors, systems, apps

BOOST_AUTO_TEST_CASE(clients_of_a_system_share_one_loop) {
  std::mutex mutex;
  std::set<std::thread::id> threads; // guarded by mutex
  auto callbacks = logging(log);
  callbacks.open = [&](auto&) {
    const std::scoped_lock lock{mutex};
    threads.insert(std::this_thread::get_id());
    log.add("open");
  };
  const auto first = harpia::connect(*system, url(), callbacks);
  const auto second = harpia::connect(*system, url(), callbacks);
  log.wait_for("open", 2);
  first.close();
  BOOST_TEST(has_ended(first));
  BOOST_TEST((second.send("still here") == send_status::sent));
  server_log.wait_for("message: still here");
  second.close();
  BOOST_TEST(has_ended(second));
  const auto third = harpia::connect(*system, url(), callbacks);
  log.wait_for("open", 3);
  system.reset(); // before what its handlers refer to
  BOOST_TEST(threads.size() == 1u);
  BOOST_TEST(threads.count(std::this_thread::get_id()) == 0u);
}

BOOST_AUTO_TEST_CASE(a_system_that_ends_closes_its_clients_with_1001) {
  const auto peer = harpia::connect(*system, url(), logging(log), {.reconnect = soon});
  log.wait_for("open");
  system.reset();
  const lines expected{"open", "close 1001: "};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  server_log.wait_for("close 1001: ");
  // The handle outlives it.
  BOOST_TEST((peer.send("x") == send_status::closed));
  BOOST_TEST(!peer.is_open());
  peer.close();
  BOOST_TEST(!as_actor(peer));
}

BOOST_AUTO_TEST_CASE(a_system_ends_whatever_its_clients_are_doing) {
  const harpia::transport::acceptor silent{{.port = 0, .hostname = "127.0.0.1"}};
  const auto address = "ws://" + silent.address();
  for (const auto& to : {url(), url("/nowhere"), address, "ws://localhost:1"s, "ws://nowhere..at-all"s}) {
    (void)harpia::connect(*system, to, logging(log), {.reconnect = soon});
    (void)harpia::connect(*system, to, logging(log), {.reconnect = {.initial = 1min, .max = 1min}});
    (void)harpia::connect(*system, to, logging(log), {.reconnect = never});
  }
  log.wait_for("open");
  system.reset();
  BOOST_TEST(log.count("open") == log.count("close"));
}

BOOST_AUTO_TEST_CASE(a_system_ends_though_a_server_does_not_answer_its_close_frame) {
  bare_server deaf;
  const auto peer = harpia::connect(*system, deaf.url(), logging(log));
  const auto silent = deaf.accept();
  log.wait_for("open");
  system.reset();
  log.wait_for("close 1001");
}

BOOST_AUTO_TEST_CASE(its_actor_speaks_for_the_present_connection) {
  const auto answer = [this](const harpia::client& to) {
    caf::scoped_actor self{*system};
    auto code = caf::sec::none;
    self->request(as_actor(to), test::time_limit, "hello"s)
        .receive([] {}, [&](const caf::error& why) { code = static_cast<caf::sec>(why.code()); });
    return to_string(code);
  };
  const auto absent = harpia::connect(*system, url("/nowhere"), logging(log), failing_into(log));
  log.wait_for("failure");
  BOOST_TEST(answer(absent) == to_string(caf::sec::request_receiver_down));
  const auto present = harpia::connect(*system, url(), logging(log));
  log.wait_for("open");
  BOOST_TEST(answer(present) == to_string(caf::sec::unexpected_message)); // the connection's own
}

BOOST_AUTO_TEST_CASE(its_actor_ends_it_when_it_is_told_to_exit_or_killed) {
  for (const auto reason : {caf::exit_reason::user_shutdown, caf::exit_reason::kill}) {
    test::event_log its;
    const auto peer = harpia::connect(*system, url(), logging(its), {.reconnect = soon});
    its.wait_for("open");
    caf::anon_send_exit(as_actor(peer), reason);
    its.wait_for(reason == caf::exit_reason::kill ? "close 1006" : "close 1001");
    BOOST_TEST(has_ended(peer));
    BOOST_TEST(!peer.is_open());
    BOOST_TEST(its.count("open") == 1u);
  }
}

BOOST_AUTO_TEST_CASE(an_app_runs_clients_on_its_loops_and_shares_its_groups_with_them) {
  harpia::app relay{{.stop_timeout = 300ms}};
  BOOST_CHECK_THROW((void)harpia::connect(relay, url(), logging(log)), std::logic_error);
  relay.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
  auto callbacks = logging(log);
  callbacks.open = [this](auto& ws) {
    ws.subscribe("everybody");
    log.add("open");
  };
  const auto first = harpia::connect(relay, url(), callbacks, {.reconnect = soon});
  const auto second = harpia::connect(relay, url(), callbacks, {.reconnect = soon});
  log.wait_for("open", 2);
  relay.publish("everybody", "hello");
  log.wait_for("text: hello", 2); // sent to the server, and echoed
  BOOST_TEST(relay.connections() == 0u);
  relay.stop();
  relay.wait();
  BOOST_TEST(log.count("close 1001") == 2u);
  BOOST_TEST(log.count("open") == 2u);
  BOOST_TEST(!first.is_open());
  BOOST_CHECK_THROW((void)harpia::connect(relay, url(), logging(log)), std::logic_error);
}

BOOST_AUTO_TEST_CASE(an_app_ends_whatever_its_clients_are_doing) {
  const harpia::transport::acceptor silent{{.port = 0, .hostname = "127.0.0.1"}};
  for (const auto& to : {url(), url("/nowhere"), "ws://" + silent.address(), "ws://localhost:1"s}) {
    harpia::app relay{{.stop_timeout = 300ms}};
    relay.start({.port = 0, .hostname = "127.0.0.1", .threads = 2});
    (void)harpia::connect(relay, to, logging(log), {.reconnect = soon});
    (void)harpia::connect(relay, to, logging(log), {.reconnect = {.initial = 1min, .max = 1min}});
  }
  BOOST_TEST(log.count("open") == log.count("close"));
}

BOOST_AUTO_TEST_CASE(a_client_can_have_a_behaviour) {
  auto peer = harpia::connect(*system, url(), [this](harpia::connection<harpia::no_data>* self) -> caf::behavior {
    return {
        [=](harpia::opened) { self->send("hello"); },
        [=, this](const harpia::text& message) {
          log.add("got " + message.str());
          self->quit();
        },
        [this](const harpia::closed& end) { log.add("closed " + std::to_string(static_cast<int>(end.code))); },
    };
  });
  log.wait_for("got ");
  log.wait_for("closed 1000");
  BOOST_TEST((peer.send("gone") == harpia::send_status::closed));
}

BOOST_AUTO_TEST_SUITE_END()
