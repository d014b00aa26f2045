// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "behaviour_fixture.hpp"

#include "support/acting.hpp"
#include "support/captured_errors.hpp"
#include "support/event_log.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::close_code;
using harpia::connection;
using harpia::message_view;
using harpia::no_data;
using test::number;

using namespace test::behaviours;
using namespace std::chrono_literals;
using namespace std::string_literals;

BOOST_FIXTURE_TEST_SUITE(behaviour_ends, test::behaviours::fixture)

BOOST_AUTO_TEST_CASE(an_exception_fails_its_connection_and_no_other) {
  app.ws("/", [this](connection<no_data>* self) -> caf::behavior {
    return {
        [=](const harpia::event::text& message) {
          if (message.view() == "throw")
            throw std::runtime_error{"on purpose"};
          self->send(message.view());
        },
        [this](const harpia::event::failed& failure) { log.add(failure.what.what()); },
        [this](const harpia::event::closed& end) { log.add("closed " + number(end.code)); },
    };
  });
  start();
  auto other = connect("/");
  auto client = connect("/");
  client.send_text("throw");
  BOOST_TEST(client.read_close().first == 1011);
  client.send_close(1011);
  BOOST_TEST(lines(2) == (std::vector{"the handler 'message' of route '/' threw: on purpose"s, "closed 1011"s}),
             boost::test_tools::per_element());
  other.send_text("fine");
  BOOST_TEST(other.read_text() == "fine");
}

BOOST_AUTO_TEST_CASE(an_exception_while_another_actor_asks_reaches_that_actor) {
  std::promise<harpia::handle> handle;
  app.ws("/", [&](connection<no_data>* self) -> caf::behavior {
    return {
        [=, &handle](harpia::event::opened) { handle.set_value(self->handle()); },
        [](who_atom) -> std::string { throw std::runtime_error{"on purpose"}; },
    };
  });
  start();
  auto client = connect("/");
  caf::scoped_actor self{system};
  std::string answer;
  self->request(caf::actor{handle.get_future().get()}, 10s, who_atom::value)
      .receive([](const std::string&) {}, [&](const caf::error& error) { answer = system.render(error); });
  BOOST_TEST(answer.find("on purpose") != std::string::npos);
  BOOST_TEST(client.read_close().first == 1011);
}

BOOST_AUTO_TEST_CASE(a_restart_begins_afresh_on_the_same_socket) {
  app.ws<visitor>("/",
                  {.upgrade = [](auto& request) { request.data.name = "from the upgrade"; },
                   .behaviour = [this](connection<visitor>* self) -> caf::behavior {
                     return {
                         [=](harpia::event::opened) {
                           self->send("open as " + self->data.name);
                           self->subscribe("room");
                         },
                         [=](const harpia::event::text& message) {
                           if (message.view() == "throw")
                             throw std::runtime_error{"on purpose"};
                           self->data.name = message.str();
                           self->become([=](const harpia::event::text&) -> void {
                             self->unsubscribe("room");
                             throw std::runtime_error{"again"};
                           });
                         },
                         [this](const harpia::event::failed& failure) { log.add(failure.what.what()); },
                     };
                   }},
                  {.on_crash = harpia::on_crash::restart});
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "open as from the upgrade");
  client.send_text("changed");
  client.send_text("now it throws");
  BOOST_TEST(client.read_text() == "open as from the upgrade");
  app.publish("room", "a member once");
  BOOST_TEST(client.read_text() == "a member once");
  client.send_text("throw");
  BOOST_TEST(client.read_text() == "open as from the upgrade");
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
  BOOST_TEST(lines(1).front() == "the handler 'message' of route '/' threw: on purpose");
}

BOOST_AUTO_TEST_CASE(callbacks_restart_too_and_one_that_cannot_open_is_closed) {
  app.ws<visitor>(
      "/",
      {.open =
           [](auto& ws) {
             ws.send("open " + ws.data.name);
             if (ws.request().query("fail"))
               throw std::runtime_error{"cannot open"};
           },
       .message =
           [](auto& ws, message_view message) {
             ws.data.name = message.text();
             throw std::runtime_error{"on purpose"};
           },
       .error = [this](auto&, const harpia::error& what) { log.add(what.what()); }},
      {.on_crash = harpia::on_crash::restart});
  start();
  auto client = connect("/");
  BOOST_TEST(client.read_text() == "open ");
  client.send_text("bob");
  BOOST_TEST(client.read_text() == "open ");
  BOOST_TEST(lines(1).front() == "the handler 'message' of route '/' threw: on purpose");
  auto failing = connect("/?fail=1");
  BOOST_TEST(failing.read_text() == "open ");
  BOOST_TEST(failing.read_text() == "open "); // once more, and then no more
  BOOST_TEST(failing.read_close().first == 1011);
}

BOOST_AUTO_TEST_CASE(monitors_learn_the_close_code) {
  test::event_log handles;
  std::promise<caf::actor> first;
  std::promise<caf::actor> second;
  app.ws("/1", [&](connection<no_data>* self) -> caf::behavior {
    return {[=, &first](harpia::event::opened) { first.set_value(*self); }};
  });
  app.ws("/2", [&](connection<no_data>* self) -> caf::behavior {
    return {[=, &second](harpia::event::opened) { second.set_value(*self); }};
  });
  start();
  auto one = connect("/1");
  auto end = std::async(std::launch::async, [&, who = first.get_future().get()] { return end_of(system, who); });
  one.send_close(4001, "own code");
  BOOST_TEST((harpia::close_code_of(end.get()) == static_cast<close_code>(4001)));
  auto two = connect("/2");
  end = std::async(std::launch::async, [&, who = second.get_future().get()] { return end_of(system, who); });
  two.reset();
  BOOST_TEST((harpia::close_code_of(end.get()) == close_code::abnormal));
}

BOOST_AUTO_TEST_CASE(a_linked_actor_dies_with_its_connection) {
  std::promise<caf::actor> child;
  app.ws("/", [&](connection<no_data>* self) -> caf::behavior {
    return {[=, &child](harpia::event::opened) {
      child.set_value(
          self->spawn<test::acting, caf::linked>([](caf::event_based_actor*) -> caf::behavior { return {[](go_atom) {}}; }));
    }};
  });
  start();
  auto client = connect("/");
  auto end = std::async(std::launch::async, [&, who = child.get_future().get()] { return end_of(system, who); });
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
  BOOST_TEST((harpia::close_code_of(end.get()) == close_code::normal));
}

BOOST_AUTO_TEST_CASE(a_connection_dies_with_an_actor_that_it_is_linked_to) {
  app.ws("/", [](connection<no_data>* self) -> caf::behavior {
    return {[=](const harpia::event::text& how) {
      const auto child = self->spawn<test::acting, caf::linked>([](caf::event_based_actor* actor) -> caf::behavior {
        return {[=](const std::string& reason) {
          if (reason == "crash")
            throw std::runtime_error{"on purpose"};
          actor->quit(caf::exit_reason::user_shutdown);
        }};
      });
      self->send(child, how.str());
    }};
  });
  start();
  auto crashed = connect("/");
  crashed.send_text("crash");
  BOOST_TEST(crashed.read_close().first == 1011);
  auto ended = connect("/");
  ended.send_text("end");
  BOOST_TEST(ended.read_close().first == 1001);
}

BOOST_AUTO_TEST_CASE(quit_closes_and_then_the_behaviour_hears_of_it) {
  app.ws("/", [this](connection<no_data>* self) -> caf::behavior {
    return {
        [=](const harpia::event::text&) { self->quit(); },
        [this](const harpia::event::closed& end) { log.add("closed " + number(end.code)); },
    };
  });
  start();
  auto client = connect("/");
  client.send_text("");
  BOOST_TEST(client.read_close().first == 1000);
  client.send_close(1000);
  BOOST_TEST(lines(1).front() == "closed 1000");
}

BOOST_AUTO_TEST_CASE(after_a_restart_nothing_of_the_former_life_is_left) {
  app.ws<no_data>(
      "/",
      {.open =
           [this](auto& ws) {
             log.add((ws.is_paused() ? "paused, " : "reading, ") + std::to_string(ws.limits().high_watermark));
           },
       .message =
           [this](auto& ws, message_view message) {
             const auto add = [this](const char* line) { return [this, line](const auto&) { log.add(line); }; };
             if (message.text() == "wait") {
               ws.call("again", 300ms).then(add("new reply"), add("new call ended"));
               return;
             }
             ws.subscribe("room");
             ws.pause();
             ws.set_limits({.high_watermark = 1, .low_watermark = 0});
             ws.call("question", 1h).then(add("old reply"), add("old call ended"));
             ws.call("short", 1ms).then(add("old reply"), add("old call ended"));
             ws.send("noted", {.on_outcome = add("old outcome")});
             ws.publish("room", "published", {.audience = harpia::audience::everyone, .on_receipt = add("old receipt")});
             throw std::runtime_error{"on purpose"};
           },
       .error = [this](auto&, const harpia::error&) { log.add("error"); }},
      {.high_watermark = 4096, .low_watermark = 0, .on_crash = harpia::on_crash::restart, .calls = harpia::calls::enabled});
  start();
  auto client = connect("/");
  client.send_text("throw");
  for (const auto* line : {"call 1\nquestion", "call 2\nshort", "noted", "published"})
    BOOST_TEST(client.read_text() == line);
  client.send_text("reply 1\nlate");
  client.send_text("wait");
  BOOST_TEST(client.read_text() == "call 3\nagain");
  log.wait_for("new call ended"); // the short call has ended before it
  BOOST_TEST(log.lines() == (std::vector{"reading, 4096"s, "error"s, "reading, 4096"s, "new call ended"s}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(functions_of_a_life_after_a_restart_are_called) {
  app.ws<no_data>("/",
                  {.message =
                       [this](auto& ws, message_view message) {
                         if (message.text() == "throw")
                           throw std::runtime_error{"on purpose"};
                         const auto add = [this](const char* line) { return [this, line](const auto&) { log.add(line); }; };
                         ws.subscribe("room");
                         ws.send("noted", {.on_outcome = add("outcome")});
                         ws.publish("room", "published", {.audience = harpia::audience::everyone, .on_receipt = add("receipt")});
                         ws.call("question", 1h).then(add("reply"));
                       }},
                  {.on_crash = harpia::on_crash::restart, .calls = harpia::calls::enabled});
  start();
  auto client = connect("/");
  client.send_text("throw");
  client.send_text("go");
  for (const auto* line : {"noted", "published", "call 1\nquestion"})
    BOOST_TEST(client.read_text() == line);
  client.send_text("reply 1\n");
  log.wait_for("outcome");
  log.wait_for("receipt");
  log.wait_for("reply");
}

BOOST_AUTO_TEST_CASE(an_error_handler_that_closes_prevents_the_restart) {
  app.ws<no_data>("/",
                  {.open = [this](auto&) { log.add("open"); },
                   .message = [](auto&, message_view) { throw std::runtime_error{"on purpose"}; },
                   .close = [this](auto&, close_code code, std::string_view) { log.add("close " + number(code)); },
                   .error = [](auto& ws, const harpia::error&) { ws.close(close_code::policy_violation); }},
                  {.on_crash = harpia::on_crash::restart});
  start();
  auto client = connect("/");
  client.send_text("");
  BOOST_TEST(client.read_close().first == 1008);
  client.send_close(1008);
  BOOST_TEST(lines(2) == (std::vector{"open"s, "close 1008"s}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reply_that_is_awaited_comes_although_the_handler_of_failed_throws) {
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
    return {
        [=, this](const harpia::event::text&) {
          self->request(backend, caf::infinite, ask_atom::value).await([this](int) { log.add("reply"); });
          self->send("noted", {.on_outcome = [](harpia::delivery_outcome) { throw std::runtime_error{"on purpose"}; }});
        },
        [this](const harpia::event::failed& failure) {
          log.add(failure.what.what());
          throw std::runtime_error{"again"};
        },
        [this](const harpia::event::closed& end) {
          log.add("closed " + number(end.code));
          throw std::runtime_error{"and again"};
        },
    };
  });
  const test::captured_errors errors;
  start();
  auto client = connect("/");
  client.send_text("");
  BOOST_TEST(client.read_text() == "noted");
  BOOST_TEST(client.read_close().first == 1011);
  caf::anon_send(backend, go_atom::value);
  log.wait_for("reply");
  client.send_close(1011);
  BOOST_TEST(client.at_eof());
  BOOST_TEST(lines(3) == (std::vector{"the handler 'on_outcome' of route '/' threw: on purpose"s, "reply"s, "closed 1011"s}),
             boost::test_tools::per_element());
  app.stop();
  app.wait();
  BOOST_TEST(errors.text().find("the handler 'error' of route '/' threw: again [handler_failed") != std::string::npos);
  BOOST_TEST(errors.text().find("the handler 'close' of route '/' threw: and again [handler_failed") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_end_is_delivered_although_a_message_that_waited_throws_right_before_it) {
  app.ws("/", [this](connection<no_data>* self) -> caf::behavior {
    self->set_default_handler(
        [this, again = false](caf::scheduled_actor*, caf::message_view&) mutable -> caf::result<caf::message> {
          if (std::exchange(again, true))
            throw std::runtime_error{"on purpose"};
          log.add("skipped");
          return caf::skip();
        });
    return {
        [](harpia::event::opened) {},
        [this](const harpia::event::closed& end) { log.add("closed " + number(end.code)); },
    };
  });
  const test::captured_errors errors;
  start();
  auto client = connect("/");
  client.send_text("");
  log.wait_for("skipped");
  app.stop();
  BOOST_TEST(client.read_close().first == 1001);
  client.send_close(1001);
  app.wait();
  BOOST_TEST(lines(2).back() == "closed 1001");
  BOOST_TEST(errors.text().find("threw: on purpose [handler_failed") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
