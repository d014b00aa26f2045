// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "echo_app.hpp"

#include "support/connect_to.hpp"
#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <harpia/harpia.hpp>

#include <arpa/inet.h>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
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

// Where an app listens, and what becomes of those who wait there when it stops.

namespace test = harpia::test;
using namespace harpia::test::echoing;
using harpia::message_view;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;

/// A client of one of this machine's addresses.
test::raw_client client_of(const char* host, std::uint16_t port) {
  harpia::net::unique_fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  BOOST_REQUIRE(::inet_pton(AF_INET, host, &address.sin_addr) == 1);
  BOOST_REQUIRE(test::connect_to(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return test::raw_client::over(std::move(socket));
}

} // namespace

BOOST_AUTO_TEST_SUITE(addresses)

BOOST_AUTO_TEST_CASE(several_addresses_serve_the_same_routes) {
  const test::temporary_folder folder;
  const auto path = folder.file("s");
  {
    harpia::app app;
    add_echo(app);
    app.start(loopback(2));
    const auto first_port = app.port();
    const auto first_address = app.address();
    app.start({.unix = path});
    app.start({.port = 0, .hostname = "127.0.0.1"});
    BOOST_TEST(app.port() == first_port);
    BOOST_TEST(app.address() == first_address);
    auto over_tcp = connect(app);
    auto over_unix = test::raw_client::unix_socket(path);
    BOOST_REQUIRE(over_unix.upgrade("/echo").status == 101);
    check_echo(over_tcp);
    check_echo(over_unix);
    BOOST_TEST(app.connections() == 2u);
    BOOST_CHECK_THROW(app.start(loopback(3)), std::invalid_argument); // the number of threads is fixed
    app.stop();
    check_going_away(over_tcp);
    check_going_away(over_unix);
  }
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_unix_socket_may_come_first) {
  const test::temporary_folder folder;
  harpia::app app;
  add_echo(app);
  app.start({.unix = folder.file("s"), .threads = 1});
  BOOST_TEST(app.address() == folder.file("s"));
  BOOST_TEST(app.port() == 0);
  app.start({.port = 0, .hostname = "127.0.0.1"});
  BOOST_TEST(app.port() != 0);
  auto client = connect(app);
  check_echo(client);
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_named) {
  harpia::app first;
  first.start(loopback());
  harpia::app second;
  const harpia::listen_options taken{.port = first.port(), .hostname = "127.0.0.1", .threads = 1};
  BOOST_TEST(what_of<std::system_error>([&] { second.start(taken); }).find(first.address()) != std::string::npos);
  BOOST_CHECK_EXCEPTION(second.start(taken), std::system_error, [](const auto& thrown) {
    return thrown.code() == std::errc::address_in_use;
  });
  add_echo(second); // it has not started, so routes can still be added
  second.start(loopback());
  auto client = connect(second);
  check_echo(client);
}

// Which says something where there are two processors at least.
BOOST_AUTO_TEST_CASE(all_addresses_of_a_name_are_listened_on) {
  harpia::app app;
  add_echo(app);
  app.start({.port = 0, .hostname = "two.addresses.test", .threads = 1});
  for (const auto* host : {"127.0.0.1", "127.0.0.2"}) {
    auto client = client_of(host, app.port());
    BOOST_REQUIRE(client.upgrade("/echo").status == 101);
    check_echo(client);
  }
  BOOST_TEST(app.address() == "127.0.0.1:" + std::to_string(app.port()));
  // One of them is taken, which is no reason to do without it.
  harpia::app second;
  BOOST_TEST(what_of<std::system_error>([&] {
               second.start({.port = app.port(), .hostname = "two.addresses.test", .threads = 1});
             }).find("two.addresses.test:" + std::to_string(app.port()))
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_permissions_of_a_unix_socket_are_an_option) {
  const test::temporary_folder folder;
  const auto permissions_with = [&](std::optional<unsigned> mode) {
    harpia::app app;
    app.start({.unix = folder.file("s"), .unix_mode = mode, .threads = 1});
    return static_cast<unsigned>(std::filesystem::status(folder.file("s")).permissions());
  };
  BOOST_TEST(permissions_with(0660) == 0660U);
  BOOST_TEST(permissions_with(0600) == 0600U);
  BOOST_TEST(permissions_with(0777) == 0777U);
  BOOST_CHECK_THROW(harpia::app{}.start({.port = 0, .unix_mode = 0600}), std::invalid_argument);
  BOOST_CHECK_THROW(harpia::app{}.start({.unix = folder.file("s"), .unix_mode = 01000}), std::invalid_argument);
}

// Stopping

BOOST_AUTO_TEST_CASE(whoever_waits_in_the_kernel_when_the_app_stops_is_served_and_told) {
  std::promise<void> blocking;
  std::promise<void> released;
  harpia::app app;
  add_echo(app);
  app.ws<no_data>("/block", {.message = [&](auto&, message_view) {
                    blocking.set_value();
                    released.get_future().wait();
                  }});
  app.get("/page", [](const harpia::request&) { return harpia::http_response{.body = "a page"}; });
  app.start(loopback());
  auto first = connect(app, "/block");
  first.send_text("block");
  blocking.get_future().wait();
  // The only loop is busy: nobody is accepted.
  std::vector<test::raw_client> waiting;
  constexpr int count = 50;
  for (int i = 0; i < count; ++i)
    waiting.push_back(test::raw_client::tcp(app.port()));
  app.stop();
  auto page = test::raw_client::tcp(app.port());
  page.send_raw("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
  released.set_value();
  for (auto& each : waiting) {
    BOOST_REQUIRE(each.upgrade("/echo").status == 101);
    check_going_away(each);
  }
  BOOST_TEST(page.read_reply().body == "a page");
  check_going_away(first);
  app.wait();
}

BOOST_AUTO_TEST_CASE(a_stop_right_after_the_start_loses_nobody_either) {
  for (int i = 0; i < 20; ++i) {
    harpia::app app;
    app.get("/page", [](const harpia::request&) { return harpia::http_response{.body = "a page"}; });
    app.start(loopback());
    std::vector<test::raw_client> clients;
    for (int j = 0; j < 5; ++j) {
      clients.push_back(test::raw_client::tcp(app.port()));
      clients.back().send_raw("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    app.stop();
    for (auto& each : clients)
      BOOST_REQUIRE(each.read_reply().body == "a page");
  }
}

BOOST_AUTO_TEST_CASE(a_stop_among_processes_that_share_a_port_loses_nobody) {
  const auto make = [](std::uint16_t port) {
    auto app = std::make_unique<harpia::app>();
    add_echo(*app);
    app->start({.port = port, .hostname = "127.0.0.1", .reuse_port = harpia::reuse_port::yes, .threads = 1});
    return app;
  };
  auto staying = make(0);
  const auto port = staying->port();
  std::atomic<bool> ends = false;
  std::atomic<int> served = 0;
  std::atomic<int> lost = 0;
  std::thread visitor{[&] {
    while (!ends)
      try {
        auto client = test::raw_client::tcp(port);
        ++(client.upgrade("/echo").status == 101 ? served : lost);
        client.reset(); // leaves no port behind
      } catch (const std::exception&) {
        ++lost;
      }
  }};
  for (int i = 0; i < 5; ++i) {
    const auto before = served.load();
    auto leaving = make(port);
    BOOST_REQUIRE(test::eventually([&] { return served > before + 50; }));
    leaving->stop();
    leaving->wait();
  }
  ends = true;
  visitor.join();
  BOOST_TEST(lost == 0);
  BOOST_TEST(served > 250);
}

BOOST_AUTO_TEST_SUITE_END()
