// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <harpia/harpia.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::errc;
using harpia::message_view;
using harpia::no_data;
using harpia::send_status;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

using lines = std::vector<std::string>;

std::string number(close_code code) {
  return std::to_string(static_cast<int>(code));
}

/// What most handlers here do: write down that they were called.
template <class Data = no_data>
harpia::handlers<Data> logging(test::event_log& log) {
  return {
      .open = [&log](auto&) { log.add("open"); },
      .message = [&log](auto&, message_view message) { log.add("message: " + std::string{message.text()}); },
      .close = [&log](auto&, close_code code,
                      std::string_view reason) { log.add("close " + number(code) + ": " + std::string{reason}); },
      .drain = [&log](auto&) { log.add("drain"); },
      .error = [&log](auto&, const harpia::error& what) { log.add("error: " + what.what()); },
      .ping = [&log](auto&, std::string_view payload) { log.add("ping: " + std::string{payload}); },
      .pong = [&log](auto&, std::string_view payload) { log.add("pong: " + std::string{payload}); },
  };
}

struct fixture {
  void start(unsigned threads = 1) { app.start({.port = 0, .hostname = "127.0.0.1", .threads = threads}); }

  [[nodiscard]] test::raw_client connect(std::string_view path, const test::header_list& headers = {}) const {
    auto client = test::raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade(path, headers).status == 101);
    return client;
  }
  [[nodiscard]] test::http_reply upgrade(std::string_view path, const test::header_list& headers = {}) const {
    auto client = test::raw_client::tcp(app.port());
    auto reply = client.upgrade(path, headers);
    if (reply.status != 101)
      BOOST_TEST(client.at_eof());
    return reply;
  }

  test::event_log log; // outlives the app, whose handlers write to it
  harpia::app app{{.handshake_timeout = 300ms, .stop_timeout = 300ms}};
};

void close(test::raw_client& client, int code = 1000) {
  client.send_close(code);
  BOOST_TEST(client.read_close().first == code);
  BOOST_TEST(client.at_eof());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(handlers, fixture)

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

// What they throw

struct throwing : fixture {
  /// Adds "/bad", whose `handlers` throw, and "/good" beside it; starts.
  void serve(harpia::handlers<no_data> bad, const harpia::route_options& options = {}) {
    app.ws("/bad", std::move(bad), options);
    app.ws<no_data>("/good", {.message = [](auto& ws, message_view message) { ws.send(message); }});
    start();
    good.emplace(connect("/good"));
  }

  void check_that_others_are_undisturbed() {
    good->send_text("hello");
    BOOST_TEST(good->read_text() == "hello");
    auto another = connect("/good");
    another.send_text("hello");
    BOOST_TEST(another.read_text() == "hello");
  }

  void check_failed(test::raw_client& client, std::string_view handler) {
    auto frame = client.read_frame();
    while (frame.opcode != test::opcode::close)
      frame = client.read_frame();
    BOOST_TEST(test::decode_close(frame).first == 1011);
    client.send_close(1011);
    BOOST_TEST(client.at_eof());
    log.wait_for("close");
    BOOST_TEST(log.count("error: the handler '" + std::string{handler} + "' of route '/bad' threw: boom") == 1u);
    BOOST_TEST(log.count("error") == 1u);
    BOOST_TEST(log.count("close") == 1u);
    BOOST_TEST(log.lines().back() == "close 1011: ");
    check_that_others_are_undisturbed();
  }

  std::optional<test::raw_client> good;
};

[[noreturn]] void boom() {
  throw std::runtime_error{"boom"};
}

BOOST_FIXTURE_TEST_CASE(open_may_throw, throwing) {
  auto bad = logging(log);
  bad.open = [](auto&) { boom(); };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("never delivered");
  check_failed(client, "open");
  BOOST_TEST(log.count("message") == 0u);
}

BOOST_FIXTURE_TEST_CASE(message_may_throw, throwing) {
  auto bad = logging(log);
  bad.message = [](auto& ws, message_view) {
    ws.send("sent before it threw"sv);
    boom();
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_raw(test::encode_frame({.payload = "a"}) + test::encode_frame({.payload = "b"}));
  BOOST_TEST(client.read_text() == "sent before it threw");
  check_failed(client, "message");
}

BOOST_FIXTURE_TEST_CASE(ping_may_throw, throwing) {
  auto bad = logging(log);
  bad.ping = [](auto&, std::string_view) { boom(); };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_frame(test::opcode::ping, "p");
  check_failed(client, "ping");
}

BOOST_FIXTURE_TEST_CASE(pong_may_throw, throwing) {
  auto bad = logging(log);
  bad.pong = [](auto&, std::string_view) { boom(); };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_frame(test::opcode::pong, "p");
  check_failed(client, "pong");
}

BOOST_FIXTURE_TEST_CASE(drain_may_throw, throwing) {
  auto bad = logging(log);
  bad.open = [](auto& ws) {
    ws.send(std::string(12 << 20, 'x')); // more than the kernel takes at once
  };
  bad.drain = [](auto&) { boom(); };
  serve(std::move(bad));
  auto client = connect("/bad");
  check_failed(client, "drain");
}

BOOST_FIXTURE_TEST_CASE(close_may_throw, throwing) {
  auto bad = logging(log);
  bad.close = [this](auto&, close_code code, std::string_view) {
    log.add("close " + number(code));
    boom();
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  close(client);
  log.wait_for("close");
  const lines expected{"open", "close 1000"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  check_that_others_are_undisturbed();
}

BOOST_FIXTURE_TEST_CASE(error_may_throw, throwing) {
  auto bad = logging(log);
  bad.message = [](auto&, message_view) { boom(); };
  bad.error = [this](auto&, const harpia::error& what) {
    log.add("error: " + what.what());
    boom();
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  check_failed(client, "message");
}

BOOST_FIXTURE_TEST_CASE(upgrade_may_throw, throwing) {
  auto bad = logging(log);
  bad.upgrade = [](auto&) { boom(); };
  serve(std::move(bad));
  const auto reply = upgrade("/bad");
  BOOST_TEST(reply.status == 500);
  BOOST_TEST(reply.body.find("boom") == std::string::npos);
  BOOST_TEST(log.lines().empty());
  check_that_others_are_undisturbed();
}

BOOST_FIXTURE_TEST_CASE(the_data_may_throw_when_it_is_made, throwing) {
  struct impossible {
    impossible() { boom(); }
  };
  app.ws<impossible>("/impossible", {});
  serve(logging(log));
  BOOST_TEST(upgrade("/impossible").status == 500);
  check_that_others_are_undisturbed();
}

BOOST_FIXTURE_TEST_CASE(anything_may_be_thrown, throwing) {
  auto bad = logging(log);
  bad.message = [](auto&, message_view) { throw 42; };
  std::promise<int> thrown;
  bad.error = [&](auto&, const harpia::error& what) {
    try {
      std::rethrow_exception(what.cause());
    } catch (int value) {
      thrown.set_value(what.code() == errc::handler_threw ? value : 0);
    }
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  BOOST_TEST(client.read_close().first == 1011);
  BOOST_TEST(thrown.get_future().get() == 42);
}

BOOST_FIXTURE_TEST_CASE(what_is_thrown_after_a_close_is_told_too, throwing) {
  auto bad = logging(log);
  bad.message = [](auto& ws, message_view) {
    ws.close(close_code{4000}, "bye");
    boom();
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  BOOST_TEST(client.read_close().first == 4000);
  client.send_close(4000);
  log.wait_for("close 4000: bye");
  BOOST_TEST(log.count("error: the handler 'message' of route '/bad' threw: boom") == 1u);
}

BOOST_FIXTURE_TEST_CASE(arguments_that_break_the_protocol_are_thrown_into_the_handler, throwing) {
  auto bad = logging(log);
  bad.message = [this](auto& ws, message_view) {
    const auto refused = [&](auto call) {
      try {
        call();
      } catch (const std::invalid_argument& thrown) {
        log.add("refused: "s + thrown.what());
      }
    };
    refused([&] { ws.close(close_code::no_status); });
    refused([&] { ws.close(close_code{999}); });
    refused([&] { ws.close(close_code{5000}); });
    refused([&] { ws.close(close_code::normal, std::string(124, 'x')); });
    refused([&] { ws.ping(std::string(126, 'x')); });
    refused([&] { ws.pong(std::string(126, 'x')); });
    ws.ping(std::string(125, 'x'));
    ws.close(close_code::normal, std::string(123, 'x'));
  };
  serve(std::move(bad));
  auto client = connect("/bad");
  client.send_text("a");
  BOOST_TEST(client.read_frame().payload == std::string(125, 'x'));
  BOOST_TEST((client.read_close() == std::pair{1000, std::string(123, 'x')}));
  BOOST_TEST(log.count("refused") == 6u);
  BOOST_TEST(log.count("error") == 0u);
}

// How a connection ends

BOOST_AUTO_TEST_CASE(close_is_called_once_for_each_open_however_it_ends) {
  std::atomic<send_status> late = send_status::sent;
  auto callbacks = logging(log);
  callbacks.message = [&late](auto& ws, message_view message) {
    if (message.text() == "close")
      ws.close(close_code{4001}, "as you wish");
    else if (message.text() == "terminate")
      ws.terminate();
    else if (message.text() == "both") {
      ws.close(close_code{4002}, "first");
      ws.close(close_code{4003}, "ignored");
      late = ws.send("late"sv);
    }
  };
  app.ws("/", std::move(callbacks));
  start();
  std::size_t opened = 0;
  const auto check = [&](const std::string& expected, std::size_t errors, const std::function<void(test::raw_client&)>& end) {
    const auto failures = log.count("error");
    auto client = connect("/");
    ++opened;
    log.wait_for("open", opened);
    end(client);
    log.wait_for("close", opened);
    BOOST_TEST(log.lines().back() == expected);
    BOOST_TEST(log.count("error") == failures + errors, expected);
  };
  check("close 4000: bye", 0, [](auto& client) {
    client.send_close(4000, "bye");
    BOOST_TEST(client.read_close().first == 4000);
  });
  check("close 1005: ", 0, [](auto& client) { client.send_frame(test::opcode::close, ""); });
  check("close 4001: as you wish", 0, [](auto& client) {
    client.send_text("close");
    BOOST_TEST((client.read_close() == std::pair{4001, "as you wish"s}));
    client.send_close(4001);
  });
  check("close 4002: first", 0, [&late](auto& client) {
    client.send_text("both");
    BOOST_TEST((client.read_close() == std::pair{4002, "first"s}));
    BOOST_TEST((late == send_status::closed));
    client.send_close(4002);
  });
  check("close 1006: ", 0, [](auto& client) {
    client.send_text("terminate");
    BOOST_TEST(client.at_eof());
  });
  check("close 1006: ", 1, [](auto& client) { client.reset(); });
  check("close 1006: ", 1, [](auto& client) { client.close(); });
  check("close 1006: ", 1, [](auto& client) { client.shutdown_write(); });
  check("close 1002: ", 1, [](auto& client) { client.send_raw(test::encode_frame({.opcode = 3})); });
  check("close 1007: ", 1, [](auto& client) { client.send_text("\xff"); });
  check("close 1001: ", 0, [this](auto& client) {
    app.stop();
    BOOST_TEST(client.read_close().first == 1001);
    client.send_close(1001);
  });
  app.wait();
  BOOST_TEST(log.count("open") == opened);
  BOOST_TEST(log.count("close") == opened);
}

BOOST_AUTO_TEST_CASE(nothing_can_be_sent_from_close) {
  app.ws<no_data>("/", {.close = [this](auto& ws, close_code, std::string_view) {
                    const bool refused = ws.ready_state() == harpia::ready_state::closed
                                         && ws.send("late"sv) == send_status::closed && ws.ping() == send_status::closed;
                    ws.close();
                    ws.terminate();
                    log.add(refused ? "close, refused" : "close, taken");
                  }});
  start();
  auto client = connect("/");
  close(client);
  log.wait_for("close, refused");
}

namespace {

struct counted {
  counted() { ++made; }
  counted(const counted&) = delete;
  ~counted() {
    ++destroyed;
    if (log)
      log->add("destroyed");
  }
  test::event_log* log = nullptr;
  std::string name = "before";
  static inline std::atomic<int> made = 0;
  static inline std::atomic<int> destroyed = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(the_data_lives_until_close_has_returned_and_dies_once) {
  app.ws<counted>("/", {
                           .open =
                               [this](auto& ws) {
                                 ws.data.log = &log;
                                 ws.data.name = "named";
                               },
                           .message = [](auto& ws, message_view) { ws.terminate(); },
                           .close = [this](auto& ws, close_code, std::string_view) { log.add("close " + ws.data.name); },
                       });
  start();
  auto first = connect("/");
  close(first);
  log.wait_for("destroyed", 1);
  auto second = connect("/");
  second.send_text("terminate");
  log.wait_for("destroyed", 2);
  auto third = connect("/");
  third.reset();
  log.wait_for("destroyed", 3);
  auto fourth = connect("/");
  app.stop(); // cut after `stop_timeout`
  app.wait();
  const lines expected{"close named", "destroyed", "close named", "destroyed",
                       "close named", "destroyed", "close named", "destroyed"};
  BOOST_TEST(log.lines() == expected, boost::test_tools::per_element());
  BOOST_TEST(counted::made == 4);
  BOOST_TEST(counted::destroyed == 4);
}

// Before they are connections

BOOST_AUTO_TEST_CASE(upgrade_may_reject_with_a_status_and_fields) {
  auto callbacks = logging(log);
  callbacks.upgrade = [](auto& request) {
    if (request.request().query("token") == "secret")
      return;
    request.set_header("WWW-Authenticate", "Bearer");
    request.reject(401, "who are you?");
  };
  app.ws("/", std::move(callbacks));
  start();
  const auto reply = upgrade("/");
  BOOST_TEST(reply.status == 401);
  BOOST_TEST(reply.body == "who are you?");
  BOOST_TEST(reply.header("WWW-Authenticate") == "Bearer");
  BOOST_TEST(log.lines().empty());
  auto client = connect("/?token=secret");
  log.wait_for("open");
}

BOOST_AUTO_TEST_CASE(upgrade_may_add_fields_fill_the_data_and_read_the_request) {
  struct named {
    std::string name;
  };
  app.ws<named>(
      "/users/:name",
      {
          .upgrade =
              [](auto& request) {
                request.data.name = std::string{request.request().param("name")} + "@" + std::string{request.remote_address()};
                request.set_header("X-Own", "1");
                request.set_header("Set-Cookie", "a=b");
              },
          .open = [](auto& ws) { ws.send(ws.data.name); },
      });
  start();
  auto client = test::raw_client::tcp(app.port());
  const auto reply = client.upgrade("/users/Ann");
  BOOST_REQUIRE(reply.status == 101);
  BOOST_TEST(reply.header("X-Own") == "1");
  BOOST_TEST(reply.header("Set-Cookie") == "a=b");
  BOOST_TEST(client.read_text() == "Ann@127.0.0.1");
}

BOOST_AUTO_TEST_CASE(upgrade_cannot_break_the_handshake) {
  app.ws<no_data>("/", {.upgrade = [this](auto& request) {
                    const auto refused = [&](auto call) {
                      try {
                        call();
                      } catch (const std::invalid_argument&) {
                        log.add("refused");
                      }
                    };
                    refused([&] { request.set_header("sec-websocket-accept", "x"); });
                    refused([&] { request.set_header("Connection", "close"); });
                    refused([&] { request.set_header("A", "b\r\nC: d"); });
                    refused([&] { request.set_header("A b", "c"); });
                    refused([&] { request.set_header("", "c"); });
                    refused([&] { request.subprotocol("not offered"); });
                    refused([&] { request.reject(200); });
                    refused([&] { request.reject(101); });
                    refused([&] { request.reject(600); });
                  }});
  start();
  auto client = connect("/");
  BOOST_TEST(log.count("refused") == 9u);
}

BOOST_AUTO_TEST_CASE(a_subprotocol_that_both_speak_is_chosen) {
  app.ws<no_data>("/", {.open = [](auto& ws) { ws.send(ws.subprotocol()); }}, {.subprotocols = {"v2", "v1"}});
  app.ws<no_data>("/chosen",
                  {
                      .upgrade = [](auto& request) { request.subprotocol("v1"); },
                      .open = [](auto& ws) { ws.send(ws.subprotocol()); },
                  },
                  {.subprotocols = {"v2", "v1"}});
  start();
  const auto check = [&](std::string_view path, const test::header_list& offer, std::string_view chosen) {
    auto client = test::raw_client::tcp(app.port());
    const auto reply = client.upgrade(path, offer);
    BOOST_REQUIRE(reply.status == 101);
    BOOST_TEST(reply.header("Sec-WebSocket-Protocol") == chosen);
    BOOST_TEST(client.read_text() == chosen);
  };
  check("/", {{"Sec-WebSocket-Protocol", "v1, v2"}}, "v2");
  check("/", {{"Sec-WebSocket-Protocol", "v0"}, {"Sec-WebSocket-Protocol", "v1"}}, "v1");
  check("/", {{"Sec-WebSocket-Protocol", "v0"}}, "");
  check("/", {}, "");
  check("/chosen", {{"Sec-WebSocket-Protocol", "v1, v2"}}, "v1");
}

// Answered later

struct deferring : fixture {
  struct named {
    std::string name;
  };
  using later = harpia::deferred_upgrade<named>;

  deferring() {
    app.ws<named>("/", {
                           .upgrade =
                               [this](auto& request) {
                                 ++upgrades;
                                 given.set_value(request.defer());
                               },
                           .open = [this](auto& ws) { log.add("open " + ws.data.name); },
                           .message = [](auto& ws, message_view message) { ws.send(message); },
                       });
  }

  std::atomic<int> upgrades = 0;
  std::promise<later> given;
};

BOOST_FIXTURE_TEST_CASE(a_deferred_upgrade_may_be_accepted_by_another_thread, deferring) {
  start();
  std::jthread other{[this] {
    const auto answer = given.get_future().get();
    answer.accept([](named& data) { data.name = "Ann"; });
    answer.accept([](named& data) { data.name = "ignored"; });
    answer.reject(403);
  }};
  auto client = test::raw_client::tcp(app.port());
  client.send_raw("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                  + test::encode_frame({.payload = "early"}));
  BOOST_REQUIRE(client.read_reply().status == 101);
  log.wait_for("open Ann");
  BOOST_TEST(client.read_text() == "early");
}

BOOST_FIXTURE_TEST_CASE(a_deferred_upgrade_may_be_rejected_by_another_thread, deferring) {
  start();
  std::jthread other{[this] { given.get_future().get().reject(403, "no"); }};
  const auto reply = upgrade("/");
  BOOST_TEST(reply.status == 403);
  BOOST_TEST(reply.body == "no");
  BOOST_TEST(log.lines().empty());
}

BOOST_FIXTURE_TEST_CASE(a_forgotten_upgrade_is_500, deferring) {
  start();
  std::jthread other{[this] { (void)given.get_future().get(); }};
  BOOST_TEST(upgrade("/").status == 500);
}

BOOST_FIXTURE_TEST_CASE(an_upgrade_that_takes_too_long_is_504_and_its_answer_counts_no_more, deferring) {
  start();
  auto answer = given.get_future();
  BOOST_TEST(upgrade("/").status == 504);
  answer.get().accept([this](named&) { log.add("prepared"); });
  app.stop();
  app.wait();
  BOOST_TEST(log.lines().empty());
}

BOOST_FIXTURE_TEST_CASE(a_deferred_upgrade_may_throw_when_it_is_prepared, deferring) {
  start();
  std::jthread other{[this] { given.get_future().get().accept([](named&) { boom(); }); }};
  BOOST_TEST(upgrade("/").status == 500);
}

BOOST_FIXTURE_TEST_CASE(an_answer_may_outlive_the_app, deferring) {
  std::optional<harpia::app> own{std::in_place, harpia::app_options{.stop_timeout = 300ms}};
  std::promise<later> kept;
  own->ws<named>("/", {.upgrade = [&](auto& request) { kept.set_value(request.defer()); }});
  own->start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(own->port());
  client.send_raw("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  const auto answer = kept.get_future().get();
  own.reset();
  answer.accept();
  BOOST_TEST(client.at_eof());
}

BOOST_FIXTURE_TEST_CASE(a_client_that_goes_while_its_upgrade_is_deferred_is_asked_about_once, deferring) {
  const test::temporary_folder folder;
  app.start({.unix = folder.file("s"), .threads = 1}); // where a hang-up is told whether it was asked for or not
  auto client = test::raw_client::unix_socket(folder.file("s"));
  client.send_raw("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  const auto answer = given.get_future().get();
  client.send_text("unread");
  client.close();
  auto other = test::raw_client::unix_socket(folder.file("s"));
  BOOST_TEST(other.get("/").status == 426); // the loop has heard of the hang-up by now
  BOOST_TEST(upgrades == 1);
  answer.accept();
  BOOST_TEST(log.lines().empty());
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
