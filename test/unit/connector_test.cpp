// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/acceptor.hpp"
#include "net/channel.hpp"
#include "net/connector.hpp"

#include "net/socket_address.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <sys/uio.h>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace net = harpia::net;

namespace {

using namespace std::chrono_literals;

net::address_list address_of(std::uint16_t port) {
  return std::get<net::address_list>(net::resolve("127.0.0.1", port, net::host_kind::address));
}

/// A port of this machine that nobody listens on, and nobody else is given: it is bound.
struct closed_port {
  closed_port() : socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    net::socket_address here;
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
    BOOST_REQUIRE(::getsockname(socket.get(), here.get(), &here.size) == 0);
    number = net::port_of(here);
  }

  net::unique_fd socket;
  std::uint16_t number = 0;
};

/// A port whose queue is full: the kernel leaves whoever connects without an answer.
struct silent_port : closed_port {
  silent_port() {
    BOOST_REQUIRE(::listen(socket.get(), 0) == 0);
    const auto address = address_of(number)[0];
    first = net::unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    BOOST_REQUIRE(::connect(first.get(), address.get(), address.size) == 0);
  }

  net::unique_fd first;
};

/// Runs a loop until the connector is done.
net::connect_result connect(const std::vector<net::address_list>& addresses, std::chrono::milliseconds timeout = 10s) {
  net::event_loop loop;
  net::address_list all;
  for (const auto& each : addresses)
    all.append(each);
  std::vector<net::connect_result> results;
  std::unique_ptr<net::connector> attempt;
  loop.post([&] {
    attempt = std::make_unique<net::connector>(loop, all, loop.now() + timeout, [&](net::connect_result result) {
      results.push_back(std::move(result));
      attempt.reset(); // as its owner may
      loop.stop();
    });
    attempt->start();
  });
  loop.run();
  BOOST_REQUIRE(results.size() == 1u);
  return std::move(results.front());
}

net::acceptor listen() {
  return net::acceptor{{.port = 0, .hostname = "127.0.0.1"}};
}

void check_connected(net::connect_result result, net::acceptor& server) {
  auto* connected = std::get_if<net::connected>(&result);
  BOOST_REQUIRE(connected);
  BOOST_TEST(connected->remote_address == "127.0.0.1");
  net::channel channel{std::move(connected->socket)};
  auto accepted = server.accept();
  BOOST_REQUIRE((accepted.outcome == net::accept_outcome::accepted));
  char hello[] = "hello";
  const std::array<iovec, 1> bytes{{{hello, 5}}};
  BOOST_TEST(channel.write(bytes).size == 5u);
  net::channel peer{std::move(accepted.socket)};
  std::array<std::byte, 16> target{};
  BOOST_TEST(peer.read(target).size == 5u);
  BOOST_TEST((channel.read(target).what == net::io_result::outcome::would_block)); // non-blocking
}

void check_failed(const net::connect_result& result, std::errc code) {
  const auto* failure = std::get_if<std::error_code>(&result);
  BOOST_REQUIRE(failure);
  BOOST_TEST((*failure == code), failure->message());
}

} // namespace

BOOST_AUTO_TEST_SUITE(connector)

BOOST_AUTO_TEST_CASE(it_connects) {
  auto server = listen();
  check_connected(connect({address_of(server.port())}), server);
}

BOOST_AUTO_TEST_CASE(a_port_that_nobody_listens_on_refuses) {
  const closed_port closed;
  check_failed(connect({address_of(closed.number)}), std::errc::connection_refused);
}

BOOST_AUTO_TEST_CASE(the_next_address_is_tried_if_one_refuses) {
  const closed_port closed;
  auto server = listen();
  check_connected(connect({address_of(closed.number), address_of(closed.number), address_of(server.port())}), server);
}

BOOST_AUTO_TEST_CASE(the_next_address_is_tried_if_one_does_not_answer) {
  const silent_port silent;
  auto server = listen();
  check_connected(connect({address_of(silent.number), address_of(server.port())}, 600ms), server);
}

BOOST_AUTO_TEST_CASE(addresses_that_do_not_answer_cost_a_quarter_of_a_second_each) { // RFC 8305, 5
  const silent_port silent;
  auto server = listen();
  const auto before = std::chrono::steady_clock::now();
  check_connected(connect({address_of(silent.number), address_of(silent.number), address_of(server.port())}, 60s), server);
  BOOST_TEST((std::chrono::steady_clock::now() - before >= 2 * net::connector::attempt_delay));
  BOOST_TEST((std::chrono::steady_clock::now() - before < 20s)); // half a second, on a machine with nothing else to do
}

BOOST_AUTO_TEST_CASE(families_take_turns) { // RFC 8305, 4
  const auto of = [](const char* host) { return std::get<net::address_list>(net::resolve(host, 1, net::host_kind::address)); };
  net::address_list all;
  for (const auto* host : {"::1", "::2", "::3", "192.0.2.1"})
    all.append(of(host));
  const auto turns = all.interleaved();
  std::vector<std::string> hosts;
  for (std::size_t i = 0; i < turns.size(); ++i)
    hosts.push_back(net::host_of(turns[i]));
  BOOST_TEST((hosts == std::vector<std::string>{"::1", "192.0.2.1", "::2", "::3"}));
  BOOST_TEST(net::address_list{}.interleaved().size() == 0U);
}

BOOST_AUTO_TEST_CASE(the_deadline_ends_the_attempt) {
  const silent_port silent;
  check_failed(connect({address_of(silent.number)}, 200ms), std::errc::timed_out);
  check_failed(connect({address_of(silent.number), address_of(silent.number)}, 200ms), std::errc::timed_out);
}

BOOST_AUTO_TEST_CASE(without_an_address_it_fails) {
  check_failed(connect({}), std::errc::address_not_available);
}

BOOST_AUTO_TEST_CASE(an_attempt_that_is_destroyed_says_nothing) {
  const silent_port silent;
  net::event_loop loop;
  auto told = 0;
  loop.post([&] {
    net::connector attempt{loop, address_of(silent.number), loop.now() + 10s, [&](const auto&) { ++told; }};
    attempt.start();
    loop.stop();
  });
  loop.run();
  BOOST_TEST(told == 0);
}

// Names

BOOST_AUTO_TEST_CASE(addresses_resolve_at_once) {
  const auto found = net::resolve("127.0.0.1", 80, net::host_kind::address);
  BOOST_REQUIRE(std::holds_alternative<net::address_list>(found));
  const auto& list = std::get<net::address_list>(found);
  BOOST_REQUIRE(list.size() == 1u);
  BOOST_TEST(net::host_of(list[0]) == "127.0.0.1");
  BOOST_TEST(net::port_of(list[0]) == 80);
  BOOST_REQUIRE(std::holds_alternative<net::address_list>(net::resolve("::1", 1, net::host_kind::address)));
}

BOOST_AUTO_TEST_CASE(names_are_looked_up_only_where_that_is_wanted) {
  BOOST_TEST(std::holds_alternative<std::error_code>(net::resolve("localhost", 80, net::host_kind::address)));
  BOOST_TEST(std::holds_alternative<net::address_list>(net::resolve("localhost", 80, net::host_kind::name_or_address)));
}

BOOST_AUTO_TEST_CASE(a_name_that_does_not_exist_says_so) {
  const auto found = net::resolve("nowhere..at-all", 80, net::host_kind::name_or_address);
  BOOST_REQUIRE(std::holds_alternative<std::error_code>(found));
  BOOST_TEST(!std::get<std::error_code>(found).message().empty());
}

BOOST_AUTO_TEST_SUITE_END()
