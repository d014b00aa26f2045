// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "behaviour_fixture.hpp"

#include "support/acting.hpp"
#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::connection;
using harpia::no_data;
using test::number;

using namespace test::behaviours;
using namespace std::chrono_literals;
using namespace std::string_literals;

BOOST_FIXTURE_TEST_SUITE(behaviour_requests, test::behaviours::fixture)

BOOST_AUTO_TEST_CASE(other_actors_send_to_a_connection_and_ask_it) {
  std::promise<harpia::handle> handle;
  app.ws<visitor>("/", [&](connection<visitor>* self) -> caf::behavior {
    self->data.name = "ann";
    return {
        [=, &handle](harpia::event::opened) { handle.set_value(self->handle()); },
        [=](who_atom) { return self->data.name; },
        [=](kick_atom, const std::string& why) { self->close(close_code::policy_violation, why); },
    };
  });
  start();
  auto client = connect("/");
  const caf::actor who = handle.get_future().get();
  BOOST_TEST(ask<std::string>(system, who, who_atom::value) == "ann");
  caf::anon_send(who, kick_atom::value, "enough"s);
  BOOST_TEST((client.read_close() == std::pair{1008, "enough"s}));
}

BOOST_AUTO_TEST_CASE(a_message_of_an_actor_that_is_not_accepted_is_refused) {
  std::promise<harpia::handle> handle;
  app.ws("/", [&](connection<no_data>* self) -> caf::behavior {
    return {[=, &handle](harpia::event::opened) { handle.set_value(self->handle()); }};
  });
  start();
  auto client = connect("/");
  caf::scoped_actor self{system};
  caf::error answer;
  self->request(caf::actor{handle.get_future().get()}, 10s, who_atom::value)
      .receive([](const std::string&) {}, [&](const caf::error& error) { answer = error; });
  BOOST_TEST((answer == caf::sec::unexpected_message));
  client.send_close(1000); // and nothing else happened
  BOOST_TEST(client.read_close().first == 1000);
}

BOOST_AUTO_TEST_CASE(a_reply_runs_among_the_connections_events) {
  const auto backend =
      test::spawn(system, [](caf::event_based_actor*) -> caf::behavior { return {[](int x) { return x * 2; }}; });
  app.ws("/", [backend](connection<no_data>* self) -> caf::behavior {
    return {[=](const harpia::event::text& message) {
      self->request(backend, 10s, std::stoi(message.str())).then([=](int result) { self->send(std::to_string(result)); });
    }};
  });
  start();
  auto client = connect("/");
  client.send_text("21");
  BOOST_TEST(client.read_text() == "42");
}

BOOST_AUTO_TEST_CASE(an_awaited_reply_holds_the_socket_back) {
  // Answers once it is told to.
  const auto backend = test::spawn(system, [](caf::event_based_actor* self) -> caf::behavior {
    auto held = std::make_shared<caf::typed_response_promise<int>>();
    return {
        [=](ask_atom) {
          *held = self->make_response_promise<int>();
          return *held;
        },
        [=](go_atom) { held->deliver(7); },
    };
  });
  app.ws("/", [this, backend](connection<no_data>* self) -> caf::behavior {
    return {[=, this](const harpia::event::text& message) {
      if (message.view() == "ask")
        self->request(backend, 10s, ask_atom::value).await([=, this](int) { log.add("reply"); });
      log.add(message.str()); // the question is in the backend's mailbox by now
    }};
  });
  start();
  auto client = connect("/");
  client.send_text("ask");
  client.send_text("after");
  client.send_frame(test::opcode::ping, "");
  log.wait_for("");
  caf::anon_send(backend, go_atom::value);
  BOOST_TEST(lines(3) == (std::vector{"ask"s, "reply"s, "after"s}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_that_closes_while_it_awaits_is_told_so) {
  const auto silent = test::spawn(system, [](caf::event_based_actor* self) -> caf::behavior {
    return {[=](ask_atom) { return self->make_response_promise<int>(); }};
  });
  app.ws("/", [this, silent](connection<no_data>* self) -> caf::behavior {
    return {
        [=, this](const harpia::event::text&) {
          self->request(silent, caf::infinite, ask_atom::value).await([](int) {});
          log.add("awaits");
        },
        [this](const harpia::event::closed& end) { log.add("closed " + number(end.code)); },
    };
  });
  start();
  auto client = connect("/");
  client.send_text("");
  log.wait_for("");
  app.stop();
  BOOST_TEST(client.read_close().first == 1001);
  client.send_close(1001);
  BOOST_TEST(lines(2).back() == "closed 1001");
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(a_request_that_fails_without_a_handler_fails_the_connection) {
  const auto broken = test::spawn(system, [](caf::event_based_actor*) -> caf::behavior {
    return {[](ask_atom) -> caf::result<int> { return caf::sec::runtime_error; }};
  });
  app.ws("/", [this, broken](connection<no_data>* self) -> caf::behavior {
    return {
        [=](const harpia::event::text&) { self->request(broken, 10s, ask_atom::value).then([](int) {}); },
        [this](const harpia::event::failed& failure) {
          log.add(failure.what.code() == harpia::errc::request_failed ? "request failed" : failure.what.what());
        },
    };
  });
  start();
  auto client = connect("/");
  client.send_text("");
  BOOST_TEST(client.read_close().first == 1011);
  client.send_close(1011);
  BOOST_TEST(lines(1).front() == "request failed");
}

BOOST_AUTO_TEST_CASE(delayed_messages_and_receive_timeouts_arrive) {
  app.ws("/", [](connection<no_data>* self) -> caf::behavior {
    return {
        [=](harpia::event::opened) { self->delayed_send(self, 1ms, go_atom::value); },
        [=](go_atom) {
          self->send("delayed");
          self->become([=](const harpia::event::text& message) { self->send(message.view()); },
                       caf::after(20ms) >> [=] { self->send("silence"); });
        },
    };
  });
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "delayed");
  BOOST_TEST(client.read_text() == "silence");
}

BOOST_AUTO_TEST_CASE(delegate_passes_a_request_on) {
  std::promise<harpia::handle> handle;
  const auto backend =
      test::spawn(system, [](caf::event_based_actor*) -> caf::behavior { return {[](who_atom) { return "the backend"s; }}; });
  app.ws("/", [&, backend](connection<no_data>* self) -> caf::behavior {
    return {
        [=, &handle](harpia::event::opened) { handle.set_value(self->handle()); },
        [=](who_atom) { return self->delegate(backend, who_atom::value); },
    };
  });
  start();
  auto client = connect("/");
  BOOST_TEST(ask<std::string>(system, handle.get_future().get(), who_atom::value) == "the backend");
}

BOOST_AUTO_TEST_SUITE_END()
