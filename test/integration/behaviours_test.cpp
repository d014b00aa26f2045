// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "behaviour_fixture.hpp"

#include "support/event_log.hpp"
#include "support/raw_client.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::connection;
using harpia::no_data;
using test::number;

using namespace test::behaviours;
using namespace std::string_literals;

BOOST_FIXTURE_TEST_SUITE(behaviours, test::behaviours::fixture)

BOOST_AUTO_TEST_CASE(a_behaviour_gets_the_events_of_its_socket) {
  app.ws<visitor>("/", [this](connection<visitor>* self) -> caf::behavior {
    return {
        [=, this](harpia::event::opened) {
          self->data.name = "ann";
          self->send("hello");
          log.add("opened");
        },
        [=](const harpia::event::text& message) { self->send(self->data.name + ": " + message.str()); },
        [=](const harpia::event::binary& message) { self->send(message.bytes()); },
        [this](const harpia::event::pinged& ping) { log.add("pinged " + ping.payload); },
        [this](const harpia::event::ponged& pong) { log.add("ponged " + pong.payload); },
        [=, this](const harpia::event::closed& end) {
          log.add(self->data.name + " closed " + number(end.code) + " " + end.reason);
        },
    };
  });
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "hello");
  client.send_text("hi");
  BOOST_TEST(client.read_text() == "ann: hi");
  client.send_binary("\x01\x02"s);
  BOOST_TEST(client.read_binary() == "\x01\x02"s);
  client.send_frame(test::opcode::ping, "p");
  BOOST_TEST(client.read_frame().opcode == test::opcode::pong);
  client.send_frame(test::opcode::pong, "q");
  client.send_close(1000, "bye");
  BOOST_TEST(client.read_close().first == 1000);
  BOOST_TEST(lines(4) == (std::vector{"opened"s, "pinged p"s, "ponged q"s, "ann closed 1000 bye"s}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(become_moves_through_phases) {
  app.ws<visitor>("/", [](connection<visitor>* self) -> caf::behavior {
    return {[=](const harpia::event::text& name) {
      self->data.name = name.str();
      self->send("welcome");
      self->become([=](const harpia::event::text& message) {
        self->send(self->data.name + " says " + message.str());
        if (message.view() == "bye")
          self->become([=](const harpia::event::text&) { self->send("too late"); });
      });
    }};
  });
  start();
  auto client = connect("/");
  for (const auto* text : {"ann", "hi", "bye", "hello?"})
    client.send_text(text);
  for (const auto* answer : {"welcome", "ann says hi", "ann says bye", "too late"})
    BOOST_TEST(client.read_text() == answer);
}

BOOST_AUTO_TEST_CASE(a_message_that_no_handler_takes_closes_with_1003) {
  app.ws("/", [this](connection<no_data>*) -> caf::behavior {
    return {
        [](const harpia::event::text&) {},
        [this](const harpia::event::failed& failure) { log.add(failure.what.what()); },
    };
  });
  start();
  auto client = connect("/");
  client.send_text("fine");
  client.send_binary("not");
  BOOST_TEST(client.read_close().first == 1003);
  client.send_close(1003);
  BOOST_TEST(lines(1).front() == "the current behaviour of route '/' does not handle binary messages");
}

BOOST_AUTO_TEST_CASE(events_that_nobody_wants_are_ignored) {
  app.ws("/", [](connection<no_data>* self) -> caf::behavior {
    return {[=](const harpia::event::text& message) { self->send(message.view()); }};
  });
  start();
  auto client = connect("/");
  client.send_frame(test::opcode::pong, "");
  client.send_text("still here");
  BOOST_TEST(client.read_text() == "still here");
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
}

BOOST_AUTO_TEST_CASE(a_skipped_message_waits_for_a_phase_that_takes_it) {
  std::promise<harpia::handle> handle;
  app.ws("/", {.open = [&](auto& ws) { handle.set_value(ws.handle()); },
               .behaviour = [this](connection<no_data>* self) -> caf::behavior {
                 self->set_default_handler([this](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
                   log.add("skipped");
                   return caf::skip();
                 });
                 return {[=](go_atom) {
                   self->set_default_handler(caf::drop);
                   self->become([=](const harpia::event::text& message) { self->send("late " + message.str()); });
                 }};
               }});
  start();
  auto client = connect("/");
  for (const auto* text : {"1", "2", "3"})
    client.send_text(text);
  log.wait_for("skipped");
  caf::anon_send(caf::actor{handle.get_future().get()}, go_atom::value);
  for (const auto* text : {"late 1", "late 2", "late 3"})
    BOOST_TEST(client.read_text() == text);
  BOOST_TEST(log.count("skipped") == 1); // nothing was read behind it
}

BOOST_AUTO_TEST_CASE(a_skipped_message_of_an_actor_waits_for_the_socket_to_move_on) {
  std::promise<harpia::handle> handle;
  app.ws("/", {.open = [&](auto& ws) { handle.set_value(ws.handle()); },
               .behaviour = [](connection<no_data>* self) -> caf::behavior {
                 self->set_default_handler(caf::skip);
                 return {[=](const harpia::event::text&) {
                   self->become([=](who_atom) { return "it is me"s; }, [](const harpia::event::text&) {});
                 }};
               }});
  start();
  auto client = connect("/");
  auto answer = std::async(std::launch::async, [&, who = caf::actor{handle.get_future().get()}] {
    return ask<std::string>(system, who, who_atom::value);
  });
  client.send_text("move on");
  BOOST_TEST(answer.get() == "it is me");
}

BOOST_AUTO_TEST_CASE(callbacks_and_a_behaviour_share_a_route) {
  app.ws<visitor>("/", {.open = [](auto& ws) { ws.send("callback open"); },
                        .close = [this](auto&, close_code code, std::string_view) { log.add("callback close " + number(code)); },
                        .behaviour = [](connection<visitor>* self) -> caf::behavior {
                          return {[=](const harpia::event::text& message) { self->send("behaviour " + message.str()); }};
                        }});
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "callback open");
  client.send_text("hi");
  BOOST_TEST(client.read_text() == "behaviour hi");
  client.send_close(1000);
  BOOST_TEST(lines(1).front() == "callback close 1000");
}

BOOST_AUTO_TEST_CASE(a_callback_route_takes_messages_of_actors_through_its_actor) {
  std::promise<caf::actor> actor;
  app.ws<visitor>("/", {.open = [&](auto& ws) {
                    ws.self().become([&ws](kick_atom) { ws.close(close_code::policy_violation, "kicked"); });
                    actor.set_value(caf::actor{&ws.self()});
                  }});
  start();
  auto client = connect("/");
  const auto who = actor.get_future().get();
  caf::anon_send(who, kick_atom::value);
  BOOST_TEST((client.read_close() == std::pair{1008, "kicked"s}));
}

BOOST_AUTO_TEST_CASE(handles_work_whatever_the_behaviour_accepts) {
  std::promise<harpia::handle> handle;
  app.ws("/", [&](connection<no_data>* self) -> caf::behavior {
    self->set_default_handler(caf::skip);
    return {[=, &handle](harpia::event::opened) { handle.set_value(self->handle()); }};
  });
  start();
  auto client = connect("/");
  const auto other = handle.get_future().get();
  client.send_text("skipped for ever");
  BOOST_TEST((other.send("from a thread") == harpia::send_status::sent));
  BOOST_TEST(client.read_text() == "from a thread");
  other.close(close_code::service_restart, "soon");
  BOOST_TEST((client.read_close() == std::pair{1012, "soon"s}));
  client.send_close(1012);
  BOOST_TEST(client.at_eof());
}

BOOST_AUTO_TEST_CASE(a_kept_event_owns_its_bytes) {
  auto kept = std::make_shared<std::vector<harpia::event::text>>();
  app.ws("/", [kept](connection<no_data>* self) -> caf::behavior {
    return {[=](const harpia::event::text& message) {
      kept->push_back(message);
      if (kept->size() == 3)
        self->send(kept->at(0).str() + kept->at(1).str() + kept->at(2).str());
    }};
  });
  start();
  auto client = connect("/");
  for (const auto* text : {"a long enough text to have memory of its own, ", "and another one of these, ", "and a third"})
    client.send_text(text);
  BOOST_TEST(client.read_text() == "a long enough text to have memory of its own, and another one of these, and a third");
}

BOOST_AUTO_TEST_SUITE_END()
