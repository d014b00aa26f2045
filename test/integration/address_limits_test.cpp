// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "served.hpp"

#include "support/event_log.hpp"
#include "support/open_descriptors.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace test = harpia::test;
using test::check_echo;
using test::check_refused_for_now;
using test::open_descriptors;
using test::served;

using namespace std::chrono_literals;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(address_limits)

BOOST_AUTO_TEST_CASE(an_address_with_too_many_sockets_gets_429_and_others_are_served) {
  served one{{.max_connections_per_address = 2}};
  one.start();
  auto open = one.open();
  auto silent = one.socket(); // a socket without a request counts, too
  auto third = one.socket();
  const auto reply = third.read_reply();
  BOOST_TEST(reply.body == "429 Too Many Requests: this address has reached its connection limit\n");
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
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 1; }));
  silent.reset();
  BOOST_REQUIRE(test::eventually([&] { return one.app.statistics().handshakes == 0; }));
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

BOOST_AUTO_TEST_SUITE_END()
