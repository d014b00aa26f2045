// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/acting.hpp"
#include "support/diary.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::message_view;
using harpia::test::diary_world;
using harpia::test::names;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

struct chatter {
  std::string name;
};

void chat(harpia::app& app) {
  app.ws<chatter>(
      "/chat",
      {
          .open =
              [](auto& ws) {
                ws.data.name = ws.request().query("name").value_or("somebody");
                ws.subscribe("room");
              },
          .message =
              [](auto& ws, message_view message) {
                ws.publish("room", ws.data.name + ": " + std::string{message.text()}, {.audience = harpia::audience::everyone});
              },
      });
}

std::string failure_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::runtime_error& failure) {
    return failure.what();
  }
  return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(kit)

// A conversation

BOOST_AUTO_TEST_CASE(an_application_is_tested_without_sockets_and_threads) {
  testing::world world{chat};
  auto alice = world.connect("/chat?name=alice");
  auto bob = world.connect("/chat?name=bob");
  alice.send("hi");
  BOOST_TEST(bob.received() == "alice: hi");
  BOOST_TEST(alice.received() == "alice: hi");
  BOOST_TEST(world.app().connections() == 2);
}

BOOST_AUTO_TEST_CASE(a_client_tells_texts_from_binary_messages) {
  diary_world app;
  auto client = app.world.connect("/diary");
  client.send("text");
  client.send_binary("bytes"s + '\0');
  BOOST_TEST(client.received() == "text");
  BOOST_TEST(client.received_binary() == "bytes"s + '\0');
  client.send_binary("bytes");
  BOOST_CHECK_THROW((void)client.received(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(messages_of_every_length_come_back_whole) {
  diary_world app;
  auto client = app.world.connect("/diary");
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u, 1u << 20}) {
    const std::string message(size, 'x');
    client.send(message);
    BOOST_TEST((client.received() == message));
  }
}

BOOST_AUTO_TEST_CASE(what_has_not_come_is_told_in_words) {
  diary_world app;
  auto client = app.world.connect("/diary");
  BOOST_TEST(failure_of([&] { [[maybe_unused]] const auto none = client.received(); })
             == "the client of /diary (open) has received no message");
  BOOST_TEST(!client.try_received());
  client.close(close_code{4000}, "enough");
  BOOST_TEST(failure_of([&] { [[maybe_unused]] const auto none = client.received(); })
             == "the client of /diary (closed with 4000 '') has received no message");
}

BOOST_AUTO_TEST_CASE(all_messages_can_be_taken_at_once) {
  diary_world app;
  auto client = app.world.connect("/diary");
  for (const auto* text : {"a", "b", "c"})
    client.send(text);
  BOOST_TEST(client.received_all() == (names{"a", "b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(client.received_all().empty());
}

BOOST_AUTO_TEST_CASE(a_ping_is_answered_with_its_payload) {
  diary_world app;
  auto client = app.world.connect("/diary");
  client.ping("are you there?");
  BOOST_TEST(client.received_pong() == "are you there?");
}

// Open and close

BOOST_AUTO_TEST_CASE(a_client_sees_why_its_upgrade_was_refused) {
  testing::world world;
  world.app().ws("/members", {.upgrade = [](auto& request) {
                   request.set_header("WWW-Authenticate", "Bearer");
                   if (request.request().header("Authorization") != "secret")
                     request.reject(401, "who are you?");
                 }});
  auto stranger = world.connect("/members");
  BOOST_REQUIRE(stranger.refusal());
  BOOST_TEST(stranger.refusal()->status == 401);
  BOOST_TEST(stranger.refusal()->body == "who are you?");
  BOOST_TEST(stranger.response_header("www-authenticate").value_or("") == "Bearer");
  BOOST_TEST(!stranger.is_open());
  BOOST_TEST(!stranger.closed());

  auto member = world.connect("/members", {.headers = {{"Authorization", "secret"}}});
  BOOST_TEST(member.is_open());
  BOOST_TEST(!member.refusal());
  BOOST_TEST(world.connect("/nowhere").refusal()->status == 404);
  BOOST_TEST(world.connect("/members", {.headers = {{"Sec-WebSocket-Version", "12"}}}).refusal()->status == 426);
}

BOOST_AUTO_TEST_CASE(both_sides_see_the_close_code_of_either) {
  diary_world app;
  auto client = app.world.connect("/diary");
  client.close(close_code{4001}, "bye");
  BOOST_REQUIRE(client.closed());
  BOOST_TEST((client.closed()->code == close_code{4001}));

  auto kicked = app.world.connect("/diary");
  app.seen.open.back().close(close_code{4002}, "out");
  BOOST_REQUIRE(kicked.closed());
  BOOST_TEST((kicked.closed()->code == close_code{4002}));
  BOOST_TEST(kicked.closed()->reason == "out");
  BOOST_TEST(app.seen.lines == (names{"close 4001 bye", "close 4002 out"}), boost::test_tools::per_element());
  BOOST_TEST(app.world.app().connections() == 0);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_out_of_scope_cuts_its_connection) {
  diary_world app;
  { const auto client = app.world.connect("/diary"); }
  app.world.run();
  BOOST_TEST(app.seen.lines == (names{"error", "close 1006 "}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pages_are_answered_too) {
  testing::world world;
  world.app().get("/health", [](const harpia::request&) { return harpia::http_response{.body = "ok"}; });
  BOOST_TEST(world.get("/health").status == 200);
  BOOST_TEST(world.get("/health").body == "ok");
  BOOST_TEST(world.get("/none").status == 404);
}

BOOST_AUTO_TEST_CASE(stopping_closes_the_clients_with_1001) {
  diary_world app;
  auto client = app.world.connect("/diary");
  app.world.app().stop();
  BOOST_REQUIRE(client.closed());
  BOOST_TEST((client.closed()->code == close_code::going_away));
  BOOST_TEST(app.seen.lines == (names{"close 1001 "}), boost::test_tools::per_element());
  app.world.stop();
  BOOST_TEST((app.world.now() == 0s));
  BOOST_CHECK_THROW((void)app.world.connect("/diary"), std::logic_error);
}

BOOST_AUTO_TEST_CASE(stopping_passes_the_time_that_a_silent_client_costs) {
  diary_world app;
  auto client = app.world.connect("/diary");
  client.vanish();
  app.world.stop();
  BOOST_TEST((app.world.now() == 5s));
  BOOST_TEST(app.world.app().connections() == 0);
}

BOOST_AUTO_TEST_CASE(a_client_that_outlives_its_world_says_so) {
  auto app = std::make_unique<diary_world>();
  auto client = app->world.connect("/diary");
  app.reset();
  BOOST_CHECK_THROW(client.send("hello?"), std::logic_error);
}

BOOST_AUTO_TEST_CASE(an_app_in_a_world_cannot_listen) {
  diary_world app;
  const auto client = app.world.connect("/diary");
  BOOST_CHECK_THROW(app.world.app().start({.port = 0, .hostname = "127.0.0.1"}), std::logic_error);
  BOOST_CHECK_THROW(app.world.app().wait(), std::logic_error); // nobody will ever stop it
}

BOOST_AUTO_TEST_CASE(a_world_is_torn_down_without_running_anything_of_the_application) {
  using tick_atom = caf::atom_constant<caf::atom("tick")>;
  int calls = 0;
  {
    testing::world world;
    world.app().ws("/", {.message = [&](auto& ws, message_view message) { ws.send(message), ++calls; },
                         .close = [&](auto&, close_code, std::string_view) { ++calls; },
                         .error = [&](auto&, const harpia::error&) { ++calls; }});
    auto client = world.connect("/");
    auto unanswered = world.connect("/", {.request = "GET / HTTP/1.1"});
    const auto actor = harpia::test::spawn(world.system(), [&](caf::event_based_actor* self) -> caf::behavior {
      self->delayed_send(self, 1ms, tick_atom::value);
      return {[&](tick_atom) { ++calls; }};
    });
    world.run();
    caf::anon_send(actor, tick_atom::value);
    client.cut();
    calls = 0;
  }
  BOOST_TEST(calls == 0);
}

BOOST_AUTO_TEST_CASE(all_actors_end_with_their_world_also_those_that_refer_to_each_other) {
  using ask_atom = caf::atom_constant<caf::atom("ask")>;
  using told_atom = caf::atom_constant<caf::atom("told")>;
  const auto alive = std::make_shared<int>();
  {
    testing::world world;
    // Refers to itself: a promise that it has yet to fulfil.
    const auto debtor = harpia::test::spawn(world.system(), [alive](caf::event_based_actor* self) -> caf::behavior {
      const auto owed = std::make_shared<std::vector<caf::response_promise>>();
      return {[self, owed, alive](ask_atom) { return owed->emplace_back(self->make_response_promise()); }};
    });
    // Each refers to the other, which is told of its end.
    const auto partner = [&] {
      return harpia::test::spawn(world.system(), [alive](caf::event_based_actor* self) -> caf::behavior {
        self->set_down_handler([](const caf::down_msg&) {});
        return {[self, alive](told_atom, const caf::actor& other) {
          self->monitor(other);
          self->become([other, alive](told_atom) {});
        }};
      });
    };
    const auto first = partner();
    const auto second = partner();
    const auto asking = harpia::test::spawn(world.system(), [debtor, alive](caf::event_based_actor* self) -> caf::behavior {
      self->request(debtor, caf::infinite, ask_atom::value).then([alive] {});
      return {[](told_atom) {}};
    });
    caf::anon_send(first, told_atom::value, second);
    caf::anon_send(second, told_atom::value, first);
    world.run();
    caf::anon_send(first, told_atom::value); // has not arrived when the world ends
    BOOST_TEST(alive.use_count() > 5);
  }
  BOOST_TEST(alive.use_count() == 1);
}

// Loops

BOOST_AUTO_TEST_CASE(connections_are_shared_out_among_the_loops_and_their_groups_reach_all) {
  std::set<caf::execution_unit*> loops;
  testing::world world{
      [&](harpia::app& app) {
        app.ws("/",
               {
                   .open =
                       [&](auto& ws) {
                         loops.insert(ws.self().context());
                         ws.subscribe("all");
                       },
                   .message = [](auto& ws,
                                 message_view message) { ws.publish("all", message, {.audience = harpia::audience::everyone}); },
               });
      },
      {.loops = 2}};
  std::vector<testing::client> clients;
  for (int i = 0; i < 4; ++i)
    clients.push_back(world.connect("/"));
  BOOST_TEST(loops.size() == 2);
  for (auto& each : clients)
    each.send("from " + std::to_string(&each - clients.data()));
  for (auto& each : clients)
    BOOST_TEST(each.received_all() == (names{"from 0", "from 1", "from 2", "from 3"}), boost::test_tools::per_element());
  world.app().publish("all", "from outside");
  BOOST_TEST(clients.front().received() == "from outside");
}

BOOST_AUTO_TEST_CASE(the_limit_of_handshakes_holds) {
  testing::world world{{.app = {.max_handshakes = 1}}};
  world.app().ws("/", {.message = [](auto& ws, message_view message) { ws.send(message); }});
  auto slow = world.connect("/", {.request = "GET / HT"});
  BOOST_TEST(world.connect("/").refusal()->status == 503);
  slow.cut();
  BOOST_TEST(world.connect("/").is_open());
}

// Time

BOOST_AUTO_TEST_CASE(a_client_that_never_asks_gets_408_when_its_time_is_over) {
  diary_world app;
  auto client = app.world.connect("/diary", {.request = "GET /diary HTTP/1.1\r\n"});
  app.world.advance(9s);
  BOOST_TEST(!client.refusal());
  app.world.advance(1s);
  BOOST_REQUIRE(client.refusal());
  BOOST_TEST(client.refusal()->status == 408);
}

BOOST_AUTO_TEST_CASE(a_client_that_has_vanished_is_found_out_by_its_silence) {
  diary_world app{{.idle_timeout = 30s}};
  auto alive = app.world.connect("/diary");
  auto lost = app.world.connect("/diary");
  lost.vanish();
  lost.send("nobody hears this");
  app.world.advance(29s);
  BOOST_TEST(app.seen.lines.empty());
  app.world.advance(1s);
  BOOST_TEST(app.seen.lines == (names{"error", "close 1006 "}), boost::test_tools::per_element());
  app.world.advance(24h);
  BOOST_TEST(alive.is_open()); // it answers pings
  BOOST_TEST(lost.received_all().empty());
}

BOOST_AUTO_TEST_CASE(a_connection_is_closed_at_the_end_of_its_lifetime_however_busy_it_is) {
  diary_world app{{.idle_timeout = 0s, .max_lifetime = 60s, .max_lifetime_jitter = 0}};
  auto busy = app.world.connect("/diary");
  auto idle = app.world.connect("/diary");
  for (int i = 0; i < 59; ++i) {
    app.world.advance(1s);
    busy.send("still here");
  }
  BOOST_TEST(busy.is_open());
  BOOST_TEST(idle.is_open());
  app.world.advance(1s);
  BOOST_REQUIRE(busy.closed());
  BOOST_TEST((busy.closed()->code == harpia::close_code::going_away));
  BOOST_TEST(busy.closed()->reason == "the connection has been open for long enough");
  BOOST_TEST(!idle.is_open());
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_answer_at_the_end_of_its_lifetime_is_cut) {
  diary_world app{{.idle_timeout = 0s, .max_lifetime = 60s, .max_lifetime_jitter = 0, .close_timeout = 5s}};
  auto lost = app.world.connect("/diary");
  lost.vanish();
  app.world.advance(64s);
  BOOST_TEST(app.world.app().connections() == 1u);
  app.world.advance(2s);
  BOOST_TEST(app.world.app().connections() == 0u);
}

BOOST_AUTO_TEST_CASE(timed_messages_of_actors_come_in_the_order_of_their_time) {
  testing::world world;
  names heard;
  using tick_atom = caf::atom_constant<caf::atom("tick")>;
  const auto listener = harpia::test::spawn(world.system(), [&heard](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 3s, tick_atom::value, 3);
    self->delayed_send(self, 1s, tick_atom::value, 1);
    return {[&heard, self](tick_atom, int number) {
      heard.push_back(std::to_string(number));
      if (number < 3)
        self->delayed_send(self, 1s, tick_atom::value, number + 1);
    }};
  });
  world.run();
  BOOST_TEST(heard.empty());
  world.advance(2500ms);
  BOOST_TEST(heard == (names{"1", "2"}), boost::test_tools::per_element());
  world.advance(500ms);
  BOOST_TEST(heard == (names{"1", "2", "3", "3"}), boost::test_tools::per_element());
  BOOST_TEST((world.now() == 3s));
}

BOOST_AUTO_TEST_CASE(a_world_that_never_comes_to_rest_says_so) {
  testing::world world;
  using again_atom = caf::atom_constant<caf::atom("again")>;
  const auto restless = harpia::test::spawn(world.system(), [](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 0s, again_atom::value);
    return {[self](again_atom) { self->delayed_send(self, 0s, again_atom::value); }};
  });
  BOOST_CHECK_THROW(world.advance(1s), std::runtime_error);
}

// Actors

BOOST_AUTO_TEST_CASE(an_upgrade_may_ask_an_actor_of_the_application) {
  using who_atom = caf::atom_constant<caf::atom("who")>;
  testing::world world;
  const auto users = harpia::test::spawn(world.system(), [](caf::event_based_actor*) -> caf::behavior {
    return {[](who_atom, const std::string& token) { return token == "t1" ? "Ann"s : ""s; }};
  });
  world.app().ws<chatter>(
      "/",
      {
          .upgrade =
              [users](auto& request) {
                request.self()
                    .request(users, caf::infinite, who_atom::value, std::string{request.request().query("token").value_or("")})
                    .then([later = request.defer()](const std::string& name) {
                      if (name.empty())
                        later.reject(401);
                      else
                        later.accept([name](chatter& data) { data.name = name; });
                    });
              },
          .open = [](auto& ws) { ws.send("hello " + ws.data.name); },
      });
  BOOST_TEST(world.connect("/?token=t1").received() == "hello Ann");
  BOOST_TEST(world.connect("/?token=t2").refusal()->status == 401);
}

BOOST_AUTO_TEST_CASE(a_backend_that_never_answers_costs_its_time_out) {
  using ask_atom = caf::atom_constant<caf::atom("ask")>;
  testing::world world;
  world.app().ws(
      "/", {.message = [backend = world.silent_actor()](auto& ws, message_view) {
        ws.self().request(backend, 2s, ask_atom::value).await([] {}, [&ws](const caf::error&) { ws.send("too late"); });
      }});
  auto client = world.connect("/");
  client.send("ask");
  world.advance(1999ms);
  BOOST_TEST(!client.try_received());
  world.advance(1ms);
  BOOST_TEST(client.received() == "too late");
}

BOOST_AUTO_TEST_CASE(an_upgrade_that_nobody_decides_on_gets_504) {
  using ask_atom = caf::atom_constant<caf::atom("ask")>;
  testing::world world;
  world.app().ws(
      "/", {.upgrade = [backend = world.silent_actor()](auto& request) {
        request.self().request(backend, caf::infinite, ask_atom::value).then([later = request.defer()] { later.accept(); });
      }});
  auto client = world.connect("/");
  BOOST_TEST(!client.is_open());
  BOOST_TEST(!client.refusal());
  world.advance(10s);
  BOOST_REQUIRE(client.refusal());
  BOOST_TEST(client.refusal()->status == 504);
}

// Cheap

BOOST_AUTO_TEST_CASE(ten_thousand_connections_come_speak_and_go) {
  diary_world app;
  const auto before = std::chrono::steady_clock::now();
  std::size_t answers = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto client = app.world.connect("/diary");
    client.send("hello");
    answers += client.received() == "hello" ? 1 : 0;
    client.close();
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - before;
  BOOST_TEST_MESSAGE("10,000 connections took " << taken.count() << " s");
  BOOST_TEST(answers == 10'000);
  BOOST_TEST(app.seen.lines.size() == 10'000);
  BOOST_TEST(app.world.app().connections() == 0);
  BOOST_TEST((app.world.now() == 0s));
}

BOOST_AUTO_TEST_SUITE_END()
