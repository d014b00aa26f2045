// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "echo_app.hpp"

#include "support/acting.hpp"
#include "support/captured_errors.hpp"
#include "support/event_log.hpp"
#include "support/open_descriptors.hpp"
#include "support/raw_client.hpp"
#include "support/service_manager.hpp"
#include "support/temporary_folder.hpp"

#include "net/io_batch.hpp"
#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace test = harpia::test;
using namespace harpia::test::echoing;
using harpia::close_code;
using harpia::message_view;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

} // namespace

BOOST_AUTO_TEST_SUITE(lifecycle)

// Starting

BOOST_AUTO_TEST_CASE(an_app_that_never_started_is_just_destroyed) {
  harpia::app app;
  add_echo(app);
  BOOST_TEST(app.port() == 0);
  BOOST_TEST(app.address() == "");
  BOOST_TEST(app.connections() == 0u);
  app.wait(); // returns at once
}

BOOST_AUTO_TEST_CASE(start_returns_when_the_address_is_bound) {
  harpia::app app;
  add_echo(app);
  app.start(loopback());
  BOOST_TEST(app.port() != 0);
  BOOST_TEST(app.address() == "127.0.0.1:" + std::to_string(app.port()));
  auto client = connect(app);
  check_echo(client);
}

BOOST_AUTO_TEST_CASE(in_development_it_says_where_it_listens_and_whether_io_uring_is_used) {
  harpia::app app;
  add_echo(app);
  auto options = loopback();
  options.development = true;
  const test::captured_errors errors;
  app.start(options);
  BOOST_TEST(errors.text().find(" info harpia: listening on " + app.address() + " [listening]\n") != std::string::npos,
             errors.text());
  const auto sentence = errors.text().find("io_uring is ");
  BOOST_TEST(sentence != std::string::npos, errors.text());
  switch (harpia::net::find_io_uring()) {
    using enum harpia::net::io_uring_support;
    case works: BOOST_TEST(errors.text().find("io_uring is used [listening]\n") == sentence); break;
    case not_permitted: BOOST_TEST(errors.text().find("io_uring is not used: the system refuses it") == sentence); break;
    case not_built: BOOST_TEST(errors.text().find("io_uring is not used: harpia was built without") == sentence); break;
  }
}

BOOST_AUTO_TEST_CASE(listen_serves_until_it_is_stopped_and_returns_0) {
  harpia::app app;
  add_echo(app);
  std::promise<void> listening;
  auto status = std::async(std::launch::async, [&] { return app.listen(loopback(), [&] { listening.set_value(); }); });
  listening.get_future().get();
  auto client = connect(app);
  check_echo(client);
  client.send_text("stop");
  check_going_away(client);
  BOOST_TEST(status.get() == 0);
}

BOOST_AUTO_TEST_CASE(listen_tells_a_service_manager_once_clients_can_connect) {
  const test::temporary_folder folder;
  const test::service_manager manager{folder.file("notify")};
  const test::environment where{"NOTIFY_SOCKET", folder.file("notify")};
  harpia::app app;
  add_echo(app);
  std::promise<std::string> before;
  auto status =
      std::async(std::launch::async, [&] { return app.listen(loopback(), [&] { before.set_value(manager.heard()); }); });
  BOOST_TEST(before.get_future().get() == "(nothing)");
  auto client = connect(app);
  check_echo(client);
  client.send_text("stop");
  check_going_away(client);
  BOOST_TEST(status.get() == 0);
  BOOST_TEST(manager.heard() == "READY=1");
}

BOOST_AUTO_TEST_CASE(listen_that_cannot_bind_returns_1) {
  harpia::app first;
  first.start(loopback());
  harpia::app second;
  BOOST_TEST(second.listen({.port = first.port(), .hostname = "127.0.0.1", .threads = 1}, [] { BOOST_ERROR("called"); }) == 1);
}

BOOST_AUTO_TEST_CASE(there_is_a_loop_for_each_processor_that_may_be_used) {
  harpia::app app;
  std::async(std::launch::async, [&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0)
      throw std::system_error{errno, std::system_category(), "sched_setaffinity"};
    app.start(loopback(0));
  }).get();
  BOOST_TEST(what_of<std::invalid_argument>([&] { app.start(loopback(2)); })
             == "'threads' is 1 since the first address and cannot become 2");
}

BOOST_AUTO_TEST_CASE(a_started_app_has_opened_all_that_it_needs_for_itself) {
  constexpr unsigned loops = 8;
  harpia::app app;
  add_echo(app);
  app.start(loopback(loops));
  const auto descriptors = test::open_descriptors();
  std::vector<test::raw_client> clients; // one on each loop
  for (unsigned i = 0; i < loops; ++i)
    check_echo(clients.emplace_back(connect(app)));
  BOOST_TEST(test::open_descriptors() == descriptors + 2 * loops); // both ends of each socket
}

BOOST_AUTO_TEST_CASE(contradictory_options_are_refused) {
  harpia::app app;
  BOOST_TEST(what_of<std::invalid_argument>([&] { app.start({.port = 1, .unix = "/tmp/x"}); })
             == "Cannot specify both 'port' and 'unix'");
  BOOST_CHECK_THROW(app.listen({.hostname = "127.0.0.1", .unix = "/tmp/x"}), std::invalid_argument);
  BOOST_CHECK_THROW(harpia::app{harpia::app_options{.handshake_timeout = 0ms}}, std::invalid_argument);
  BOOST_CHECK_THROW(harpia::app{harpia::app_options{.stop_timeout = 0ms}}, std::invalid_argument);
  BOOST_CHECK_THROW((harpia::app{{.route = {.high_watermark = 1, .low_watermark = 2}}}), std::invalid_argument);
  BOOST_CHECK_THROW((app.ws<no_data>("/", {}, {.max_payload = 0})), std::invalid_argument);
  BOOST_TEST(app.port() == 0);
}

// Routes

BOOST_AUTO_TEST_CASE(a_duplicate_route_names_both) {
  harpia::app app;
  add_echo(app, "/rooms/:room");
  const auto what = what_of<std::invalid_argument>([&] { add_echo(app, "/rooms/:name/"); });
  BOOST_TEST(what.find("/rooms/:room") != std::string::npos, what);
  BOOST_TEST(what.find("/rooms/:name") != std::string::npos, what);
  const auto page = [](const harpia::request&) { return harpia::http_response{}; };
  app.get("/rooms/:room", page); // a page beside it is fine
  BOOST_CHECK_THROW(app.get("/rooms/:other", page), std::invalid_argument);
  harpia::router routes;
  routes.ws<no_data>("/rooms/:id", {});
  BOOST_CHECK_THROW(app.routes(routes), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_bad_pattern_or_an_empty_handler_is_named) {
  harpia::app app;
  BOOST_TEST(what_of<std::invalid_argument>([&] { add_echo(app, "/a/*/b"); }).find("/a/*/b") != std::string::npos);
  BOOST_TEST(what_of<std::invalid_argument>([&] { app.get("/page", harpia::http_handler{}); }).find("/page")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(routes_are_fixed_once_the_app_has_started) {
  harpia::app app;
  app.start(loopback());
  const harpia::router routes;
  BOOST_CHECK_THROW(add_echo(app), std::logic_error);
  BOOST_CHECK_THROW(app.get("/", [](const harpia::request&) { return harpia::http_response{}; }), std::logic_error);
  BOOST_CHECK_THROW(app.serve_files("/", "/tmp"), std::logic_error);
  BOOST_CHECK_THROW(app.routes(routes), std::logic_error);
}

// Stopping

BOOST_AUTO_TEST_CASE(stop_from_a_handler_says_going_away_to_all) {
  harpia::app app;
  add_echo(app);
  app.start(loopback(2));
  std::vector<test::raw_client> clients;
  for (int i = 0; i < 10; ++i)
    clients.push_back(connect(app));
  clients.front().send_text("stop");
  for (auto& client : clients)
    check_going_away(client);
  app.wait();
  BOOST_TEST(app.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(stop_from_another_thread_ends_wait) {
  harpia::app app;
  add_echo(app);
  app.start(loopback());
  auto client = connect(app);
  std::jthread other{[&] { app.stop(); }};
  check_going_away(client);
  app.wait();
}

BOOST_AUTO_TEST_CASE(stop_may_come_at_any_time_and_more_than_once) {
  harpia::app before;
  add_echo(before);
  before.stop();
  before.wait();
  BOOST_CHECK_THROW(before.start(loopback()), std::logic_error);

  harpia::app at_once;
  at_once.start(loopback());
  at_once.stop();
  at_once.stop();
  at_once.wait();
  at_once.stop();
  at_once.wait();
  BOOST_CHECK_THROW(at_once.start(loopback()), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_stopped_app_frees_its_port) {
  harpia::app first;
  first.start(loopback());
  const auto port = first.port();
  first.stop();
  first.wait();
  BOOST_CHECK_THROW((void)test::raw_client::tcp(port), std::exception);
  harpia::app second;
  second.start({.port = port, .hostname = "127.0.0.1", .threads = 1});
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_answer_is_cut_after_stop_timeout) {
  test::event_log log;
  harpia::app app{{.stop_timeout = 300ms}};
  app.ws<no_data>("/echo", {.close = [&](auto&, close_code code, std::string_view) {
                    log.add("close " + std::to_string(static_cast<int>(code)));
                  }});
  app.start(loopback());
  auto client = connect(app);
  app.stop();
  BOOST_TEST(client.read_close().first == 1001);
  BOOST_TEST(client.at_eof());
  app.wait();
  BOOST_TEST(log.lines() == std::vector<std::string>{"close 1001"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_cut_after_stop_timeout) {
  harpia::app app{{.stop_timeout = 300ms}};
  app.ws<no_data>("/echo", {.open = [](auto& ws) { ws.send(std::string(8 << 20, 'x')); }});
  app.start(loopback());
  auto client = test::raw_client::tcp(app.port(), {.receive_buffer = 4096});
  BOOST_REQUIRE(client.upgrade("/echo").status == 101);
  app.stop();
  app.wait();
  BOOST_TEST(client.read_to_end().size() < (8u << 20));
}

BOOST_AUTO_TEST_CASE(clients_that_asked_for_nothing_do_not_delay_a_stop) {
  harpia::app app; // with time-outs of seconds
  add_echo(app);
  app.start(loopback());
  auto silent = test::raw_client::tcp(app.port());
  auto half = test::raw_client::tcp(app.port());
  half.send_raw("GET /echo HTTP/1.1\r\n");
  auto client = connect(app); // the loop has the others by now
  const auto begin = std::chrono::steady_clock::now();
  app.stop();
  check_going_away(client);
  app.wait();
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 4s));
  BOOST_TEST(silent.at_eof());
  BOOST_TEST(half.at_eof());
}

BOOST_AUTO_TEST_CASE(a_destroyed_app_stops_and_waits) {
  std::optional<test::raw_client> client;
  test::event_log log;
  {
    harpia::app app{{.stop_timeout = 300ms}};
    app.ws<no_data>("/echo", {.close = [&](auto&, close_code, std::string_view) { log.add("close"); }});
    app.start(loopback());
    client.emplace(connect(app));
  }
  BOOST_TEST(log.count("close") == 1u);
  BOOST_TEST(client->read_close().first == 1001);
}

BOOST_AUTO_TEST_CASE(what_was_sent_before_stop_arrives) {
  harpia::app app;
  app.ws<no_data>("/echo", {.message = [&](auto& ws, message_view) {
                    ws.send(std::string(1 << 20, 'x'));
                    app.stop();
                  }});
  app.start(loopback());
  auto client = connect(app);
  client.send_text("go");
  BOOST_TEST(client.read_text().size() == (1u << 20));
  check_going_away(client);
}

// Beside others

BOOST_AUTO_TEST_CASE(two_apps_live_in_one_process) {
  harpia::app first;
  harpia::app second;
  add_echo(first, "/first");
  add_echo(second, "/second");
  first.start(loopback());
  second.start(loopback());
  auto to_first = connect(first, "/first");
  auto to_second = connect(second, "/second");
  BOOST_TEST(test::raw_client::tcp(first.port()).upgrade("/second").status == 404);
  check_echo(to_first);
  check_echo(to_second);
  first.stop();
  check_going_away(to_first);
  first.wait();
  check_echo(to_second);
}

BOOST_AUTO_TEST_CASE(an_app_may_live_on_the_users_actor_system) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto before = system.registry().running();
  for (int i = 0; i < 2; ++i) { // one after the other
    harpia::app app{system};
    add_echo(app);
    app.start(loopback(2));
    auto client = connect(app);
    check_echo(client);
    BOOST_TEST(system.registry().running() == before + 1);
    client.send_close(1000);
    BOOST_TEST(client.read_close().first == 1000);
    BOOST_TEST(test::eventually([&] { return app.connections() == 0; }));
    app.stop();
    app.wait();
  }
  BOOST_TEST(test::eventually([&] { return system.registry().running() == before; }));
}

BOOST_AUTO_TEST_CASE(nothing_is_left_of_200_connections) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto before = system.registry().running();
  harpia::app app{system};
  add_echo(app);
  app.start(loopback(2));
  for (int i = 0; i < 200; ++i) {
    auto client = connect(app);
    switch (i % 4) {
      case 0:
        client.send_close(1000);
        BOOST_TEST(client.read_close().first == 1000);
        break;
      case 1: client.close(); break;
      case 2: client.reset(); break;
      default: client.send_raw(test::encode_frame({.opcode = 3}));
    }
  }
  BOOST_TEST(test::eventually([&] { return app.connections() == 0; }));
  BOOST_TEST(test::eventually([&] { return system.registry().running() == before; }));
  auto client = connect(app);
  check_echo(client);
  BOOST_TEST(app.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_paused_from_the_start_may_send_before_it_is_read) {
  harpia::app app;
  test::event_log log;
  app.ws<no_data>("/quiet",
                  {.open =
                       [&](auto& ws) {
                         ws.pause();
                         log.add("open");
                       },
                   .message = [](auto& ws, message_view message) { ws.send(message); }},
                  {.high_watermark = 64, .low_watermark = 64, .max_buffered = 64});
  add_echo(app);
  app.start(loopback());
  {
    auto quiet = test::raw_client::tcp(app.port());
    BOOST_REQUIRE(quiet.upgrade("/quiet").status == 101);
    quiet.send_text("is anybody there");
    auto other = connect(app);
    check_echo(other);
  }
  app.stop();
  app.wait();
  BOOST_TEST(log.lines().size() == 1u);
}

// Signals, and threads of the program

BOOST_AUTO_TEST_CASE(a_signal_stops_every_app_of_the_process_whatever_threads_there_are) {
  caf::actor_system_config config;
  caf::actor_system system{config}; // has threads already, which block no signal
  harpia::app one{system};
  harpia::app two;
  harpia::app other;
  for (auto* each : {&one, &two}) {
    add_echo(*each);
    each->stop_on_signals();
  }
  add_echo(other);
  for (auto* each : {&one, &two, &other})
    each->start(loopback());
  ::kill(::getpid(), SIGTERM);
  one.wait();
  two.wait();
  auto client = connect(other);
  check_echo(client);
}

BOOST_AUTO_TEST_CASE(a_signal_before_the_start_stops_the_app_when_it_has_started) {
  harpia::app app;
  add_echo(app);
  app.stop_on_signals();
  ::raise(SIGINT);
  app.start(loopback());
  app.wait();
  BOOST_CHECK_THROW(app.stop_on_signals(), std::logic_error);
}

BOOST_AUTO_TEST_CASE(after_the_last_app_the_handlers_of_the_program_are_back) {
  static volatile std::sig_atomic_t heard = 0;
  struct sigaction before {};
  struct sigaction own {};
  own.sa_handler = [](int) { heard = heard + 1; };
  ::sigaction(SIGTERM, &own, &before);
  {
    harpia::app app;
    app.stop_on_signals();
    ::raise(SIGTERM);
    BOOST_TEST(heard == 0);
  }
  ::raise(SIGTERM);
  BOOST_TEST(heard == 1);
  ::sigaction(SIGTERM, &before, nullptr);
}

BOOST_AUTO_TEST_CASE(several_threads_may_wait_for_an_app_while_another_destroys_it) {
  auto app = std::make_unique<harpia::app>();
  add_echo(*app);
  app->start(loopback());
  std::vector<std::future<void>> waiting;
  std::latch begun{3};
  for (int i = 0; i < 3; ++i)
    waiting.push_back(std::async(std::launch::async, [&begun, app = app.get()] {
      begun.count_down();
      app->wait();
    }));
  begun.wait();
  auto client = connect(*app);
  check_echo(client);
  client.send_close(1000);
  app->stop();
  app->wait();
  for (auto& each : waiting)
    each.get();
  app.reset();
}

BOOST_AUTO_TEST_CASE(a_thread_that_spawned_actors_and_lives_on_holds_no_app_up) {
  std::promise<void> go_on;
  std::promise<void> spawned;
  auto app = std::make_unique<harpia::app>();
  auto living = std::async(std::launch::async, [&] {
    test::spawn(app->system(), [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
    spawned.set_value();
    go_on.get_future().get();
  });
  spawned.get_future().get();
  app->start(loopback());
  app.reset();
  go_on.set_value();
  living.get();
}

BOOST_AUTO_TEST_CASE(a_handler_that_waits_for_its_app_is_told_that_it_cannot) {
  harpia::app app;
  std::promise<std::string> told;
  app.ws("/", {.open = [&](auto&) {
           try {
             app.wait();
           } catch (const std::logic_error& refused) {
             told.set_value(refused.what());
           }
         }});
  app.start(loopback());
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/").status == 101);
  BOOST_TEST(told.get_future().get().find("a handler cannot wait for the end of its app") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
