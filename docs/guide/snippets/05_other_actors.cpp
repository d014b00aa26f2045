// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

// [worker]
using price_atom = caf::atom_constant<caf::atom("price")>;  // names what a message means

caf::behavior price_book() {
  return {[](price_atom, const std::string& symbol) -> caf::result<int> {
    if (symbol == "ACME")
      return 42;
    return caf::sec::invalid_argument;
  }};
}
// [worker]

// [then]
void add_prices(harpia::app& app, const caf::actor& book) {
  app.ws("/prices", {.message = [book](auto& ws, harpia::message_view message) {
    ws.self().request(book, 2s, price_atom::value, std::string{message.text()}).then(
      [&ws](int price) { ws.send(std::to_string(price)); },
      [&ws](const caf::error&) { ws.send("no price"); });
  }});
}
// [then]

// [parts]
using store_atom = caf::atom_constant<caf::atom("store")>;

struct upload {
  std::uint64_t size = 0;
};

void add_uploads(harpia::app& app, const caf::actor& disk) {
  app.ws<upload>("/upload", {
    .message_part = [disk](auto& ws, harpia::message_view part, harpia::last_part last) {
      ws.data.size += part.size();
      ws.self().request(disk, 10s, store_atom::value, std::string{part.text()}).await([&ws, last] {
        if (last == harpia::last_part::yes)
          ws.send("stored " + std::to_string(std::exchange(ws.data.size, 0)) + " bytes");
      });
    },
  }, {.max_payload = std::size_t{4} << 30});  // bytes of a whole message
}
// [parts]

// [deferred]
using check_atom = caf::atom_constant<caf::atom("check")>;

struct session {
  std::string user;
};

void add_members(harpia::app& app, const caf::actor& users) {
  app.ws<session>("/members", {
    .upgrade = [users](auto& request) {
      const auto token = request.request().query("token").value_or("");
      const auto later = request.defer();
      request.self().request(users, 2s, check_atom::value, token).then(
        [later](const std::string& user) {
          if (user.empty())
            later.reject(401, "unknown token");
          else
            later.accept([user](session& data) { data.user = user; });
        },
        [later](const caf::error&) { later.reject(503); });
    },
    .open = [](auto& ws) { ws.send("hello " + ws.data.user); },
  });
}
// [deferred]

caf::behavior user_list() {
  return {[](check_atom, const std::string& token) -> std::string { return token == "t1" ? "Ann" : ""; }};
}

// [registry]
class registry {
public:
  void add(std::string name, harpia::handle who) {
    const std::scoped_lock lock{mutex_};
    handles_.insert_or_assign(std::move(name), std::move(who));
  }

  harpia::send_status tell(const std::string& name, std::string_view text) const {
    const std::scoped_lock lock{mutex_};
    const auto found = handles_.find(name);
    return found == handles_.end() ? harpia::send_status::closed : found->second.send(text);
  }

  void kick(const std::string& name) const {
    const std::scoped_lock lock{mutex_};
    if (const auto found = handles_.find(name); found != handles_.end())
      found->second.close(harpia::close_code::policy_violation, "kicked");
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, harpia::handle> handles_;  // an entry is small, and keeps nothing alive
};

void add_inbox(harpia::app& app, registry& known) {
  app.ws("/inbox/:name", {.open = [&known](auto& ws) {
    known.add(std::string{ws.request().param("name")}, ws.handle());
  }});
}
// [registry]

} // namespace

BOOST_AUTO_TEST_SUITE(other_actors)

BOOST_AUTO_TEST_CASE(an_app_borrows_an_actor_system) {
  // [system]
  caf::actor_system_config config;
  caf::actor_system system{config};
  harpia::app app{system};
  add_prices(app, system.spawn(price_book));
  // [system]
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  BOOST_TEST(app.port() != 0);
}

BOOST_AUTO_TEST_CASE(a_reply_comes_back_to_the_connection) {
  testing::world world;
  add_prices(world.app(), world.system().spawn(price_book));
  auto client = world.connect("/prices");
  client.send("ACME");
  client.send("NONE");
  BOOST_TEST(client.received() == "42");
  BOOST_TEST(client.received() == "no price");
}

BOOST_AUTO_TEST_CASE(a_worker_that_never_answers_costs_its_time_out) {
  testing::world world;
  add_prices(world.app(), world.silent_actor());
  auto client = world.connect("/prices");
  client.send("ACME");
  BOOST_TEST(!client.try_received());
  world.advance(2s);
  BOOST_TEST(client.received() == "no price");
}

BOOST_AUTO_TEST_CASE(an_awaited_reply_keeps_the_order) {
  testing::world world;
  auto& app = world.app();
  const auto book = world.system().spawn(price_book);
  // [await]
  app.ws("/in_order", {.message = [book](auto& ws, harpia::message_view message) {
    if (message.text() == "hello")
      return void(ws.send("hello"));
    ws.self().request(book, 2s, price_atom::value, std::string{message.text()}).await(
      [&ws](int price) { ws.send(std::to_string(price)); },
      [&ws](const caf::error&) { ws.send("no price"); });
  }});
  // [await]
  app.ws("/stuck", {.message = [book = world.silent_actor()](auto& ws, harpia::message_view message) {
    if (message.text() == "hello")
      return void(ws.send("hello"));
    ws.self().request(book, 2s, price_atom::value, std::string{message.text()}).await(
      [](int) {}, [&ws](const caf::error&) { ws.send("no price"); });
  }});
  auto client = world.connect("/in_order");
  client.send("ACME");
  client.send("hello");
  BOOST_TEST(client.received_all() == (strings{"42", "hello"}), boost::test_tools::per_element());
  auto held = world.connect("/stuck");
  held.send("ACME");
  held.send("hello");
  BOOST_TEST(!held.try_received());
  world.advance(2s);
  BOOST_TEST(held.received_all() == (strings{"no price", "hello"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_upload_waits_for_the_disk_part_by_part) {
  std::string file;
  testing::world world;
  add_uploads(world.app(), world.system().spawn([&file](caf::event_based_actor*) -> caf::behavior {
    return {[&file](store_atom, const std::string& part) { file += part; }};
  }));
  auto client = world.connect("/upload");
  const std::string sent(1'000'000, 'x');
  client.send_binary(sent);
  BOOST_TEST(client.received() == "stored 1000000 bytes");
  BOOST_TEST((file == sent));
}

BOOST_AUTO_TEST_CASE(an_upgrade_waits_for_an_actor) {
  testing::world world;
  add_members(world.app(), world.system().spawn(user_list));
  BOOST_TEST(world.connect("/members?token=t1").received() == "hello Ann");
  BOOST_TEST(world.connect("/members?token=t2").refusal()->status == 401);
}

BOOST_AUTO_TEST_CASE(an_upgrade_without_a_reply_is_refused) {
  testing::world world;
  add_members(world.app(), world.silent_actor());
  auto client = world.connect("/members?token=t1");
  world.advance(2s);
  BOOST_TEST(client.refusal().value().status == 503);
}

BOOST_AUTO_TEST_CASE(others_use_a_handle) {
  registry known;
  testing::world world;
  add_inbox(world.app(), known);
  auto ann = world.connect("/inbox/Ann");
  // [tell]
  known.tell("Ann", "you have mail");  // from any thread
  known.kick("Ann");
  // [tell]
  world.run();
  BOOST_TEST((ann.closed().value().code == harpia::close_code::policy_violation));
  BOOST_TEST((known.tell("Ann", "again") == harpia::send_status::closed));
  auto bob = world.connect("/inbox/Bob");
  BOOST_TEST((known.tell("Bob", "you have mail") == harpia::send_status::sent));
  world.run();
  BOOST_TEST(bob.received() == "you have mail");
}

BOOST_AUTO_TEST_SUITE_END()
