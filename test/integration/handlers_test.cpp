// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "logged_app.hpp"

#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <harpia/harpia.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::message_view;
using harpia::no_data;
using harpia::send_status;
using test::lines;
using test::logging;

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

BOOST_FIXTURE_TEST_SUITE(handlers, test::logged_app)

// What they are called with

BOOST_AUTO_TEST_CASE(each_is_called_in_order_with_what_came) {
  auto callbacks = logging(log);
  callbacks.message = [&](auto&, message_view message) {
    log.add((message.is_text() ? "text: " : "binary: ") + std::string{message.text()});
  };
  app.ws("/", std::move(callbacks));
  start();
  auto client = connect("/");
  client.send_text("caf\xc3\xa9");
  client.send_binary("\0\xff"sv);
  client.send_text("");
  client.send_frame(test::opcode::ping, "p");
  client.send_frame(test::opcode::pong, "q");
  BOOST_TEST(client.read_frame().opcode == test::opcode::pong);
  client.send_close(4000, "enough");
  BOOST_TEST(client.read_close().first == 4000);
  log.wait_for("close");
  const lines expected{"open", "text: caf\xc3\xa9", "binary: \0\xff"s, "text: ", "ping: p", "pong: q", "close 4000: enough"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_handler_is_optional) {
  app.ws("/", harpia::handlers<no_data>{});
  start();
  auto client = connect("/");
  client.send_text("into the void");
  client.send_frame(test::opcode::ping, "p");
  BOOST_TEST(client.read_frame().opcode == test::opcode::pong);
  client.send_raw(test::encode_frame({.opcode = 3}));
  BOOST_TEST(client.read_close().first == 1002);
}

BOOST_AUTO_TEST_CASE(the_opening_request_can_be_read_as_long_as_the_connection_lives) {
  const auto tell = [this](auto& ws) {
    const auto& asked = ws.request();
    log.add("room=" + std::string{asked.param("room")} + " rest=" + std::string{asked.param("*")}
            + " none=" + std::string{asked.param("none")});
    log.add("path=" + std::string{asked.path()} + " q=" + asked.query("q").value_or("-")
            + " z=" + asked.query("z").value_or("-"));
    log.add("agent=" + std::string{asked.header("user-agent").value_or("-")}
            + " id=" + std::string{asked.cookie("id").value_or("-")});
    log.add("from=" + std::string{ws.remote_address()} + " protocol=" + std::string{ws.subprotocol()});
  };
  app.ws<no_data>("/rooms/:room/*", {
                                        .open = tell,
                                        .message = [=](auto& ws, message_view) { tell(ws); },
                                        .close = [=](auto& ws, close_code, std::string_view) { tell(ws); },
                                    });
  start();
  auto client = connect("/rooms/caf%C3%A9%2Fbar/a%20b/c?q=1+2%21", {{"User-Agent", "test"}, {"Cookie", "a=b; id=42"}});
  client.send_text("tell");
  close(client);
  log.wait_for("from=", 3);
  lines expected;
  for (int i = 0; i < 3; ++i)
    expected.insert(expected.end(), {"room=caf\xc3\xa9/bar rest=a b/c none=", "path=/rooms/caf%C3%A9%2Fbar/a%20b/c q=1 2! z=-",
                                     "agent=test id=42", "from=127.0.0.1 protocol="});
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_most_specific_route_gets_the_connection) {
  for (const auto* pattern : {"/a/b", "/a/:x", "/a/*", "/*"})
    app.ws<no_data>(pattern, {.open = [pattern](auto& ws) { ws.send(std::string_view{pattern}); }});
  start();
  BOOST_TEST(connect("/a/b").read_text() == "/a/b");
  BOOST_TEST(connect("/a/c").read_text() == "/a/:x");
  BOOST_TEST(connect("/a/b/c").read_text() == "/a/*");
  BOOST_TEST(connect("/other").read_text() == "/*");
}

BOOST_AUTO_TEST_CASE(a_router_can_be_mounted_several_times) {
  harpia::router routes{"/api"};
  routes.ws<no_data>("/:id", {.open = [](auto& ws) { ws.send(ws.request().path()); }});
  app.routes(routes);
  app.routes("/v2", routes);
  start();
  BOOST_TEST(connect("/api/1").read_text() == "/api/1");
  BOOST_TEST(connect("/v2/api/1").read_text() == "/v2/api/1");
}

BOOST_AUTO_TEST_CASE(a_peer_over_a_unix_socket_has_no_address) {
  const test::temporary_folder folder;
  app.ws<no_data>("/", {.open = [](auto& ws) { ws.send("from '" + std::string{ws.remote_address()} + "'"); }});
  app.start({.unix = folder.file("s"), .threads = 1});
  auto client = test::raw_client::unix_socket(folder.file("s"));
  BOOST_REQUIRE(client.upgrade("/").status == 101);
  BOOST_TEST(client.read_text() == "from ''");
}

// Which thread they run on

BOOST_AUTO_TEST_CASE(a_connection_stays_on_one_thread_and_its_handlers_never_overlap) {
  struct watched {
    std::thread::id home = std::this_thread::get_id();
    std::atomic<bool> inside = false;
  };
  std::mutex mutex;
  std::set<std::thread::id> homes;
  std::atomic<int> faults = 0;
  const auto enter = [&](auto& ws, auto work) {
    if (ws.data.home != std::this_thread::get_id() || ws.data.inside.exchange(true))
      ++faults;
    work();
    ws.data.inside = false;
  };
  app.ws<watched>(
      "/", {
               .upgrade = [&](auto& request) { faults += request.data.home != std::this_thread::get_id(); },
               .open =
                   [&](auto& ws) {
                     enter(ws, [&] {
                       const std::scoped_lock lock{mutex};
                       homes.insert(ws.data.home);
                     });
                   },
               .message = [&](auto& ws, message_view message) { enter(ws, [&] { ws.send(message); }); },
               .close = [&](auto& ws, close_code, std::string_view) { enter(ws, [&] { log.add("close"); }); },
               .ping = [&](auto& ws, std::string_view) { enter(ws, [] {}); },
           });
  start(3);
  constexpr int clients = 9;
  constexpr int rounds = 50;
  std::vector<test::raw_client> connected; // before any of them begins, so that all loops get some
  for (int c = 0; c < clients; ++c)
    connected.push_back(connect("/"));
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (int c = 0; c < clients; ++c)
    threads.emplace_back([&, c] {
      try {
        auto& client = connected[static_cast<std::size_t>(c)];
        for (int round = 0; round < rounds; ++round) {
          std::string burst;
          for (int i = 0; i < 20; ++i)
            burst += test::encode_frame({.payload = std::to_string(c) + "/" + std::to_string(i)});
          client.send_raw(burst + test::encode_frame({.opcode = test::opcode::ping}));
          for (int i = 0; i < 20; ++i)
            wrong += client.read_text() != std::to_string(c) + "/" + std::to_string(i);
          wrong += client.read_frame().opcode != test::opcode::pong;
        }
        client.send_close(1000);
        wrong += client.read_close().first != 1000;
      } catch (const std::exception&) {
        ++wrong;
      }
    });
  threads.clear();
  log.wait_for("close", clients);
  BOOST_TEST(wrong == 0);
  BOOST_TEST(faults == 0);
  const std::scoped_lock lock{mutex};
  BOOST_TEST(homes.size() == 3u);
}

// What they can do

BOOST_AUTO_TEST_CASE(a_ping_goes_out_and_its_pong_comes_back) {
  auto callbacks = logging(log);
  callbacks.open = [](auto& ws) {
    ws.ping("are you there");
    ws.pong("unasked");
  };
  app.ws("/", std::move(callbacks));
  start();
  auto client = connect("/");
  const auto ping = client.read_frame();
  BOOST_TEST(ping.opcode == test::opcode::ping);
  BOOST_TEST(ping.payload == "are you there");
  const auto pong = client.read_frame();
  BOOST_TEST(pong.opcode == test::opcode::pong);
  BOOST_TEST(pong.payload == "unasked");
  client.send_frame(test::opcode::pong, ping.payload);
  log.wait_for("pong: are you there");
}

BOOST_AUTO_TEST_CASE(every_kind_of_payload_can_be_sent) {
  app.ws<no_data>("/", {.open = [](auto& ws) {
                    ws.send("a literal");
                    ws.send("a string"s);
                    ws.send("a view"sv);
                    ws.send(std::as_bytes(std::span{"bytes", 5}));
                    const std::vector<unsigned char> bytes{0, 255};
                    ws.send(bytes);
                  }});
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "a literal");
  BOOST_TEST(client.read_text() == "a string");
  BOOST_TEST(client.read_text() == "a view");
  BOOST_TEST(client.read_binary() == "bytes");
  BOOST_TEST(client.read_binary() == "\0\xff"s);
}

BOOST_AUTO_TEST_CASE(cork_hands_everything_over_when_it_returns) {
  app.ws<no_data>("/", {.open = [this](auto& ws) {
                    ws.send("first"sv);
                    const auto before = ws.buffered_amount();
                    ws.cork([&] {
                      ws.send("second"sv);
                      ws.send("third"sv);
                      log.add(ws.buffered_amount() > before ? "waits" : "does not wait");
                    });
                    log.add(ws.buffered_amount() == 0 ? "nothing waits" : "still waits");
                  }});
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "first");
  BOOST_TEST(client.read_text() == "second");
  BOOST_TEST(client.read_text() == "third");
  log.wait_for("", 2);
  const lines expected{"waits", "nothing waits"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_producer_that_pauses_until_drain_gets_everything_through) {
  struct progress {
    int next = 0;
    int total = 0;
  };
  const auto send_next = [](auto& ws) { return ws.send(std::to_string(ws.data.next++) + std::string(10'000, ' ')); };
  app.ws<progress>(
      "/", {
               .open =
                   [this, send_next](auto& ws) {
                     while (send_next(ws) != send_status::buffered) {
                     }
                     ws.data.total = ws.data.next + 1000;
                     log.add("buffered");
                   },
               .drain =
                   [this, send_next](auto& ws) {
                     log.add("drain");
                     while (ws.data.next < ws.data.total)
                       if (send_next(ws) == send_status::buffered)
                         return;
                     ws.send("end");
                   },
           });
  start();
  auto client = test::raw_client::tcp(app.port(), {.receive_buffer = 4096});
  BOOST_REQUIRE(client.upgrade("/").status == 101);
  log.wait_for("buffered"); // nothing is read before
  int count = 0;
  for (auto text = client.read_text(); text != "end"; text = client.read_text())
    BOOST_REQUIRE(text.starts_with(std::to_string(count++) + " "));
  BOOST_TEST(count > 1000);
  BOOST_TEST(log.count("drain") >= 1u);
}

BOOST_AUTO_TEST_CASE(limits_of_a_route_hold_for_its_connections) {
  app.ws("/small", logging(log), {.max_payload = 10});
  app.ws("/large", logging(log));
  start();
  auto small = connect("/small");
  small.send_text("0123456789");
  small.send_text("0123456789a");
  BOOST_TEST(small.read_close().first == 1009);
  auto large = connect("/large");
  large.send_text("0123456789a");
  log.wait_for("message: 0123456789a");
  BOOST_TEST(log.count("message: 0123456789") == 2u);
}

BOOST_AUTO_TEST_CASE(a_silent_peer_is_told_as_an_error_and_cut) {
  app.ws("/", logging(log), {.idle_timeout = 300ms});
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_frame().opcode == test::opcode::ping);
  BOOST_TEST(client.at_eof());
  log.wait_for("close 1006");
  BOOST_TEST(log.count("error") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
