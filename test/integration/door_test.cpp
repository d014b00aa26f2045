// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <caf/actor.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::message_view;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// Gives other threads time until `condition` holds.
void eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + test::time_limit;
  while (!condition() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  BOOST_REQUIRE(condition());
}

/// An app with a route that echoes on /echo, which "stop" ends from within, and a page on /page.
struct served {
  explicit served(const harpia::app_options& options, unsigned threads = 1) : app{options}, threads_{threads} {
    app.ws<no_data>("/echo", {.upgrade = [this](auto&) { log.add("asked"); },
                              .message =
                                  [this](auto& ws, message_view message) {
                                    if (message.text() == "terminate")
                                      ws.terminate();
                                    else if (message.text() == "throw")
                                      throw std::runtime_error{"thrown by a test"};
                                    else if (message.text() == "keep")
                                      kept.set_value(harpia::as_actor(ws.handle()));
                                    ws.send(message);
                                  },
                              .close = [this](auto&, harpia::close_code, std::string_view) { log.add("closed"); }});
    app.get("/page", [](const harpia::request&) { return harpia::http_response{.body = "a page"}; });
  }

  void start() { app.start({.port = 0, .hostname = "127.0.0.1", .threads = threads_}); }

  [[nodiscard]] test::raw_client socket() const { return test::raw_client::tcp(app.port()); }

  /// From another of this machine's addresses.
  [[nodiscard]] test::raw_client socket_from(const char* address) const {
    harpia::transport::unique_fd made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in ours{};
    ours.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &ours.sin_addr);
    auto theirs = ours;
    theirs.sin_port = htons(app.port());
    theirs.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&ours), sizeof ours) != 0
        || ::connect(made.get(), reinterpret_cast<const sockaddr*>(&theirs), sizeof theirs) != 0)
      throw std::system_error{errno, std::system_category(), address};
    return test::raw_client::over(std::move(made));
  }

  [[nodiscard]] test::raw_client open() const {
    auto client = socket();
    BOOST_REQUIRE(client.upgrade("/echo").status == 101);
    return client;
  }

  test::event_log log;
  std::promise<caf::actor> kept; // the actor of a connection that said "keep"
  harpia::app app;               // goes first: its handlers use what is above

private:
  unsigned threads_;
};

void check_echo(test::raw_client& client) {
  client.send_text("hello");
  BOOST_TEST(client.read_text() == "hello");
}

/// Answers the close frame that comes, and sees the end.
void end_with(test::raw_client& client, int code) {
  BOOST_TEST(client.read_close().first == code);
  client.send_close(code);
  BOOST_TEST(client.at_eof());
}

void end(test::raw_client& client) {
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
  BOOST_TEST(client.at_eof());
}

/// Checks that a client, which may have asked for something, got `status` and the end.
void check_refused(test::raw_client& client, const test::http_reply& reply, int status) {
  BOOST_TEST(reply.status == status);
  BOOST_TEST(reply.body.starts_with(std::to_string(status) + " "));
  BOOST_TEST(reply.header("Connection") == "close");
  BOOST_TEST(client.at_eof());
}

void check_refused_for_now(test::raw_client client, const test::http_reply& reply, int status) {
  check_refused(client, reply, status);
  BOOST_TEST(reply.header("Retry-After") == "5");
}

/// Of this process: the app's and the clients'.
std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

struct with_origins : served {
  with_origins() : served{{}} {
    app.use("/guarded", {.upgrade = [this](auto&) { log.add("asked"); }});
    app.ws<no_data>("/guarded", {.message = [](auto& ws, message_view message) { ws.send(message); }},
                    {.origins = {"https://friend.example"}});
  }

  [[nodiscard]] int status_for(std::string_view path, const test::header_list& fields) const {
    auto client = socket();
    const auto reply = client.upgrade(path, fields);
    if (reply.status != 101)
      check_refused(client, reply, reply.status);
    return reply.status;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(door)

// Origins

BOOST_FIXTURE_TEST_CASE(a_strangers_page_gets_403_before_any_handler_is_asked, with_origins) {
  start();
  auto other = socket();
  BOOST_REQUIRE(other.upgrade("/guarded", {{"Origin", "https://friend.example"}}).status == 101);
  BOOST_TEST(log.count("asked") == 1u);
  auto client = socket();
  const auto reply = client.upgrade("/guarded", {{"Origin", "https://stranger.example"}});
  check_refused(client, reply, 403);
  BOOST_TEST(reply.body == "403 Forbidden: pages of this origin may not connect here\n");
  BOOST_TEST(log.count("asked") == 1u);
  BOOST_TEST(app.statistics().refused_origins == 1u);
  check_echo(other);
}

BOOST_FIXTURE_TEST_CASE(friends_the_servers_own_pages_and_programs_are_let_in, with_origins) {
  start();
  const auto own = "127.0.0.1:" + std::to_string(app.port());
  BOOST_TEST(status_for("/guarded", {{"Origin", "https://friend.example"}}) == 101);
  BOOST_TEST(status_for("/guarded", {{"Origin", "http://" + own}}) == 101);
  BOOST_TEST(status_for("/guarded", {}) == 101);
  BOOST_TEST(app.statistics().refused_origins == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_repeated_or_unreadable_origin_gets_403, with_origins) {
  start();
  BOOST_TEST(status_for("/guarded", {{"Origin", "https://friend.example"}, {"Origin", "https://friend.example"}}) == 403);
  for (const auto* bad :
       {"", "null", "friend.example", "https://friend.example/", "https://friend.example https://friend.example"})
    BOOST_TEST(status_for("/guarded", {{"Origin", bad}}) == 403);
  BOOST_TEST(app.statistics().refused_origins == 6u);
  BOOST_TEST(status_for("/guarded", {{"Origin", "https://friend.example"}}) == 101);
}

BOOST_FIXTURE_TEST_CASE(other_routes_and_pages_are_open_to_every_origin, with_origins) {
  start();
  BOOST_TEST(status_for("/echo", {{"Origin", "https://stranger.example"}}) == 101);
  BOOST_TEST(status_for("/echo", {{"Origin", "garbage"}}) == 101);
  auto client = socket();
  BOOST_TEST(client.http("GET /page HTTP/1.1\r\nHost: x\r\nOrigin: https://stranger.example\r\n\r\n").status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_function_may_decide_by_origin_and_request, with_origins) {
  app.ws<no_data>("/of/:tenant", {}, {.origins = [](std::string_view origin, const harpia::request& asked) {
                    return origin == "https://" + std::string{asked.param("tenant")} + ".example";
                  }});
  start();
  BOOST_TEST(status_for("/of/ann", {{"Origin", "https://ann.example"}}) == 101);
  BOOST_TEST(status_for("/of/bob", {{"Origin", "https://ann.example"}}) == 403);
  BOOST_TEST(app.statistics().refused_origins == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_function_that_throws_lets_nobody_in_and_harms_nobody, with_origins) {
  app.ws<no_data>("/broken", {}, {.origins = [](std::string_view, const harpia::request&) -> bool {
                    throw std::runtime_error{"thrown by a test"};
                  }});
  start();
  auto other = open();
  BOOST_TEST(status_for("/broken", {{"Origin", "https://friend.example"}}) == 500);
  BOOST_TEST(status_for("/broken", {}) == 101); // it was not asked
  check_echo(other);
}

BOOST_AUTO_TEST_CASE(the_apps_own_origins_count_for_routes_without_options) {
  served one{{.route = {.origins = harpia::same_origin}}};
  one.app.ws<no_data>("/own", {}, {.max_payload = 1});
  one.start();
  BOOST_TEST(one.socket().upgrade("/echo", {{"Origin", "https://stranger.example"}}).status == 403);
  BOOST_TEST(one.socket().upgrade("/own", {{"Origin", "https://stranger.example"}}).status == 101);
}

BOOST_AUTO_TEST_CASE(an_origin_that_is_none_is_named_where_the_route_is_declared) {
  harpia::app app;
  BOOST_CHECK_EXCEPTION((app.ws<no_data>("/", {}, {.origins = {"https://good.example", "bad.example"}})), std::invalid_argument,
                        [](const auto& thrown) { return std::string{thrown.what()}.find("'bad.example'") != std::string::npos; });
}

// Connections in all

BOOST_AUTO_TEST_CASE(one_connection_too_many_gets_503_before_any_handler_is_asked) {
  served one{{.max_connections = 2}};
  one.start();
  auto first = one.open();
  auto second = one.open();
  auto third = one.socket();
  const auto reply = third.upgrade("/echo");
  check_refused_for_now(std::move(third), reply, 503);
  BOOST_TEST(one.log.count("asked") == 2u);
  const auto now = one.app.statistics();
  BOOST_TEST(now.refused_full == 1u);
  BOOST_TEST(now.connections == 2u);
  check_echo(first);
  check_echo(second);
}

BOOST_AUTO_TEST_CASE(a_full_server_still_answers_pages) {
  served one{{.max_connections = 1}};
  one.start();
  auto only = one.open();
  BOOST_TEST(one.socket().get("/page").body == "a page");
  BOOST_TEST(one.socket().upgrade("/nowhere").status == 404);
  BOOST_TEST(one.app.statistics().refused_full == 0u);
  check_echo(only);
}

BOOST_AUTO_TEST_CASE(a_place_is_free_when_the_client_sees_the_end) {
  served one{{.max_connections = 1, .max_connections_per_address = 1}, 2};
  one.start();
  for (int i = 0; i < 50; ++i) {
    auto client = one.open();
    end(client);
  }
  for (const auto* how : {"terminate", "throw"}) {
    auto client = one.open();
    client.send_text(how);
    if (how == "throw"s)
      end_with(client, 1011);
    else
      BOOST_TEST(client.at_eof());
  }
  auto last = one.open();
  check_echo(last);
  BOOST_TEST(one.app.statistics().refused_full == 0u);
  BOOST_TEST(one.app.statistics().refused_address == 0u);
}

BOOST_AUTO_TEST_CASE(a_place_is_free_when_the_client_has_vanished) {
  served one{{.max_connections = 1, .max_connections_per_address = 1}, 2};
  one.start();
  for (std::size_t i = 1; i <= 20; ++i) {
    auto client = one.open();
    client.reset();
    one.log.wait_for("closed", i);
  }
  auto last = one.open();
  check_echo(last);
}

BOOST_AUTO_TEST_CASE(an_actor_that_somebody_keeps_keeps_no_place) {
  served one{{.max_connections = 1, .max_connections_per_address = 1}};
  one.start();
  auto client = one.open();
  client.send_text("keep");
  BOOST_TEST(client.read_text() == "keep");
  const auto kept = one.kept.get_future().get();
  end(client);
  auto next = one.open();
  check_echo(next);
}

BOOST_AUTO_TEST_CASE(an_upgrade_has_its_place_while_it_is_decided_on_and_gives_it_back_if_it_is_rejected) {
  served one{{.max_connections = 1}};
  std::promise<harpia::deferred_upgrade<no_data>> asked;
  one.app.ws<no_data>("/later", {.upgrade = [&](auto& request) { asked.set_value(request.defer()); }});
  one.app.ws<no_data>("/never", {.upgrade = [](auto& request) { request.reject(401); }});
  one.start();
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(one.socket().upgrade("/never").status == 401);
  auto waiting = one.socket();
  auto answer = std::async(std::launch::async, [&] { return waiting.upgrade("/later").status; });
  const auto later = asked.get_future().get();
  BOOST_TEST(one.socket().upgrade("/echo").status == 503);
  later.reject(403);
  BOOST_TEST(answer.get() == 403);
  auto next = one.open();
  check_echo(next);
  BOOST_TEST(one.app.statistics().refused_full == 1u);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_while_its_upgrade_is_decided_on_gives_its_place_back) {
  served one{{.max_connections = 1, .max_connections_per_address = 1}};
  test::event_log asked;
  std::vector<harpia::deferred_upgrade<no_data>> kept;
  one.app.ws<no_data>("/later", {.upgrade = [&](auto& request) {
                        kept.push_back(request.defer());
                        asked.add("asked");
                      }});
  one.start();
  auto waiting = one.socket();
  waiting.send_raw("GET /later HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  asked.wait_for("asked");
  waiting.reset();
  eventually([&] { return one.app.statistics().handshakes == 0; });
  auto next = one.open();
  check_echo(next);
}

BOOST_AUTO_TEST_CASE(exactly_as_many_connections_are_let_in_as_there_may_be_on_any_number_of_loops) {
  constexpr std::size_t limit = 7;
  constexpr std::size_t each_thread = 10;
  served one{{.max_connections = limit}, 4};
  one.start();
  std::vector<std::future<std::vector<std::pair<int, test::raw_client>>>> threads;
  for (int i = 0; i < 4; ++i)
    threads.push_back(std::async(std::launch::async, [&one] {
      std::vector<std::pair<int, test::raw_client>> clients;
      for (std::size_t k = 0; k < each_thread; ++k) {
        auto client = one.socket();
        const auto status = client.upgrade("/echo").status;
        clients.emplace_back(status, std::move(client));
      }
      return clients;
    }));
  std::size_t accepted = 0;
  std::size_t refused = 0;
  std::vector<test::raw_client> open;
  for (auto& each : threads)
    for (auto& [status, client] : each.get()) {
      accepted += status == 101;
      refused += status == 503;
      if (status == 101)
        open.push_back(std::move(client));
    }
  BOOST_TEST(accepted == limit);
  BOOST_TEST(refused == 4 * each_thread - limit);
  BOOST_TEST(one.app.statistics().refused_full == refused);
  for (auto& client : open)
    check_echo(client);
  for (auto& client : open)
    end(client);
  open.clear();
  for (std::size_t i = 0; i < limit; ++i)
    open.push_back(one.open());
  BOOST_TEST(one.socket().upgrade("/echo").status == 503);
}

// Connections of an address

BOOST_AUTO_TEST_CASE(an_address_with_too_many_sockets_gets_429_and_others_are_served) {
  served one{{.max_connections_per_address = 2}};
  one.start();
  auto open = one.open();
  auto silent = one.socket(); // a socket without a request counts, too
  auto third = one.socket();
  const auto reply = third.read_reply();
  BOOST_TEST(reply.body == "429 Too Many Requests: this address has as many connections as it may have\n");
  check_refused_for_now(std::move(third), reply, 429);
  BOOST_TEST(one.log.count("asked") == 1u);
  BOOST_TEST(one.app.statistics().refused_address == 1u);
  auto other = one.socket_from("127.0.0.2");
  BOOST_REQUIRE(other.upgrade("/echo").status == 101);
  check_echo(other);
  BOOST_REQUIRE(silent.upgrade("/echo").status == 101);
  check_echo(silent);
  check_echo(open);
}

BOOST_AUTO_TEST_CASE(a_refused_client_may_have_sent_its_request_already) {
  served one{{.max_connections_per_address = 1}};
  one.start();
  auto only = one.open();
  for (int i = 0; i < 20; ++i) {
    auto client = one.socket();
    const auto reply = client.upgrade("/echo");
    check_refused_for_now(std::move(client), reply, 429);
  }
  BOOST_TEST(one.app.statistics().refused_address == 20u);
  check_echo(only);
}

BOOST_AUTO_TEST_CASE(an_address_has_its_place_back_with_the_answer_to_a_request_that_became_no_connection) {
  served one{{.max_connections_per_address = 1}, 2};
  one.start();
  for (int i = 0; i < 50; ++i) {
    BOOST_TEST(one.socket().get("/page").status == 200);
    BOOST_TEST(one.socket().upgrade("/nowhere").status == 404);
  }
  BOOST_TEST(one.app.statistics().refused_address == 0u);
}

BOOST_AUTO_TEST_CASE(an_address_has_its_place_back_when_its_client_went_without_a_request) {
  served one{{.max_connections_per_address = 1}};
  one.start();
  auto silent = one.socket();
  eventually([&] { return one.app.statistics().handshakes == 1; });
  silent.reset();
  eventually([&] { return one.app.statistics().handshakes == 0; });
  auto next = one.open();
  check_echo(next);
}

BOOST_AUTO_TEST_CASE(an_address_has_its_place_back_when_its_client_never_asked) {
  served one{{.handshake_timeout = 100ms, .max_connections_per_address = 1}};
  one.start();
  auto silent = one.socket();
  BOOST_TEST(silent.read_reply().status == 408);
  auto next = one.open();
  check_echo(next);
}

BOOST_AUTO_TEST_CASE(unix_sockets_have_no_address_to_count) {
  const test::temporary_folder folder;
  served one{{.max_connections_per_address = 1}};
  one.app.start({.unix = folder.file("s"), .threads = 1});
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(test::raw_client::unix_socket(folder.file("s")));
    BOOST_TEST(clients.back().upgrade("/echo").status == 101);
  }
  for (auto& client : clients)
    check_echo(client);
}

BOOST_AUTO_TEST_CASE(every_address_gets_exactly_its_share_on_any_number_of_loops) {
  constexpr std::size_t limit = 5;
  served one{{.max_connections_per_address = limit}, 4};
  one.start();
  std::vector<std::future<std::vector<test::raw_client>>> addresses;
  for (const auto* address : {"127.0.0.1", "127.0.0.2", "127.0.0.3"})
    addresses.push_back(std::async(std::launch::async, [&one, address] {
      std::vector<test::raw_client> accepted;
      for (int k = 0; k < 20; ++k) {
        auto client = one.socket_from(address);
        if (client.upgrade("/echo").status == 101)
          accepted.push_back(std::move(client));
      }
      return accepted;
    }));
  for (auto& each : addresses) {
    auto accepted = each.get();
    BOOST_TEST(accepted.size() == limit);
    for (auto& client : accepted)
      check_echo(client);
  }
  BOOST_TEST(one.app.statistics().refused_address == 3 * (20 - limit));
}

BOOST_AUTO_TEST_CASE(refused_clients_that_do_not_go_take_up_few_sockets) {
  served one{{.handshake_timeout = 60s, .max_connections_per_address = 1}};
  one.start();
  auto only = one.open();
  const auto before = open_descriptors();
  std::vector<test::raw_client> refused;
  for (int i = 0; i < 200; ++i) {
    refused.push_back(one.socket());
    BOOST_REQUIRE(refused.back().read_reply().status == 429);
  }
  check_echo(only); // the loop is through with the others
  BOOST_TEST(open_descriptors() <= before + refused.size() + 128);
  BOOST_TEST(one.app.statistics().refused_address == refused.size());
}

// Handshakes

BOOST_AUTO_TEST_CASE(refused_handshakes_are_counted) {
  served one{{.max_handshakes = 1}};
  one.start();
  auto silent = one.socket();
  eventually([&] { return one.app.statistics().handshakes == 1; });
  auto second = one.socket();
  const auto reply = second.read_reply();
  check_refused_for_now(std::move(second), reply, 503);
  BOOST_TEST(one.app.statistics().refused_handshakes == 1u);
  BOOST_TEST(silent.upgrade("/echo").status == 101);
}

// Statistics

BOOST_AUTO_TEST_CASE(an_app_without_limits_refuses_nobody_and_says_so) {
  served one{{}};
  const auto before = one.app.statistics();
  BOOST_TEST(before.connections + before.handshakes == 0u);
  one.start();
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 20; ++i)
    clients.push_back(one.open());
  const auto now = one.app.statistics();
  BOOST_TEST(now.connections == 20u);
  BOOST_TEST(now.refused_origins + now.refused_full + now.refused_address + now.refused_handshakes == 0u);
  for (auto& client : clients)
    end(client);
  eventually([&] { return one.app.statistics().connections == 0; });
}

BOOST_AUTO_TEST_SUITE_END()
