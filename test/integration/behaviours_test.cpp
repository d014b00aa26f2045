// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/acting.hpp"
#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/sharing_config.hpp"

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

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

using go_atom = caf::atom_constant<caf::atom("go")>;
using ask_atom = caf::atom_constant<caf::atom("ask")>;
using kick_atom = caf::atom_constant<caf::atom("kick")>;
using who_atom = caf::atom_constant<caf::atom("who")>;

std::string number(close_code code) {
  return std::to_string(static_cast<int>(code));
}

struct visitor {
  std::string name;
};

struct fixture {
  void start(unsigned threads = 1) { app.start({.port = 0, .hostname = "127.0.0.1", .threads = threads}); }

  [[nodiscard]] test::raw_client connect(std::string_view path) const {
    auto client = test::raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade(path).status == 101);
    return client;
  }

  /// The log once it has so many lines.
  [[nodiscard]] std::vector<std::string> lines(std::size_t count) {
    log.wait_for("", count);
    return log.lines();
  }

  test::sharing_config config;
  caf::actor_system system{config};
  test::event_log log; // outlives the app, whose behaviours write to it
  harpia::app app{system, {.stop_timeout = 300ms}};
};

// Asks an actor from this thread.
template <class Result, class... Args>
Result ask(caf::actor_system& system, const caf::actor& who, Args... args) {
  caf::scoped_actor self{system};
  Result result{};
  self->request(who, 10s, args...).receive([&](const Result& got) { result = got; }, [](const caf::error&) {});
  return result;
}

// How an actor ended, once it has.
caf::error end_of(caf::actor_system& system, const caf::actor& who) {
  caf::scoped_actor self{system};
  self->monitor(who);
  caf::error reason;
  self->receive([&](const caf::down_msg& ended) { reason = ended.reason; }, caf::after(10s) >> [] {});
  return reason;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(behaviours, fixture)

BOOST_AUTO_TEST_CASE(a_behaviour_gets_the_events_of_its_socket) {
  app.ws<visitor>("/", [this](connection<visitor>* self) -> caf::behavior {
    return {
        [=, this](harpia::opened) {
          self->data.name = "ann";
          self->send("hello");
          log.add("opened");
        },
        [=](const harpia::text& message) { self->send(self->data.name + ": " + message.str()); },
        [=](const harpia::binary& message) { self->send(message.bytes()); },
        [this](const harpia::pinged& ping) { log.add("pinged " + ping.payload); },
        [this](const harpia::ponged& pong) { log.add("ponged " + pong.payload); },
        [=, this](const harpia::closed& end) { log.add(self->data.name + " closed " + number(end.code) + " " + end.reason); },
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
    return {[=](const harpia::text& name) {
      self->data.name = name.str();
      self->send("welcome");
      self->become([=](const harpia::text& message) {
        self->send(self->data.name + " says " + message.str());
        if (message.view() == "bye")
          self->become([=](const harpia::text&) { self->send("too late"); });
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
        [](const harpia::text&) {},
        [this](const harpia::failed& failure) { log.add(failure.what.what()); },
    };
  });
  start();
  auto client = connect("/");
  client.send_text("fine");
  client.send_binary("not");
  BOOST_TEST(client.read_close().first == 1003);
  client.send_close(1003);
  BOOST_TEST(lines(1).front() == "the behaviour of route '/' takes no binary message at this moment");
}

BOOST_AUTO_TEST_CASE(events_that_nobody_wants_are_ignored) {
  app.ws("/", [](connection<no_data>* self) -> caf::behavior {
    return {[=](const harpia::text& message) { self->send(message.view()); }};
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
  app.ws("/", {.open = [&](auto& ws) { handle.set_value(ws.handle()); }}, [this](connection<no_data>* self) -> caf::behavior {
    self->set_default_handler([this](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
      log.add("skipped");
      return caf::skip();
    });
    return {[=](go_atom) {
      self->set_default_handler(caf::drop);
      self->become([=](const harpia::text& message) { self->send("late " + message.str()); });
    }};
  });
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
  app.ws(
      "/",
      harpia::handlers<no_data>{.open = [&](auto& ws) { handle.set_value(ws.handle()); },
                                .error = [](auto&, const harpia::error& what) { fprintf(stderr, "%s\n", what.what().c_str()); }},
      [](connection<no_data>* self) -> caf::behavior {
        self->set_default_handler(caf::skip);
        return {[=](const harpia::text&) { self->become([=](who_atom) { return "it is me"s; }, [](const harpia::text&) {}); }};
      });
  start();
  auto client = connect("/");
  auto answer = std::async(std::launch::async, [&, who = caf::actor{handle.get_future().get()}] {
    return ask<std::string>(system, who, who_atom::value);
  });
  client.send_text("move on");
  BOOST_TEST(answer.get() == "it is me");
}

BOOST_AUTO_TEST_CASE(other_actors_send_to_a_connection_and_ask_it) {
  std::promise<harpia::handle> handle;
  app.ws<visitor>("/", [&](connection<visitor>* self) -> caf::behavior {
    self->data.name = "ann";
    return {
        [=, &handle](harpia::opened) { handle.set_value(self->handle()); },
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
    return {[=, &handle](harpia::opened) { handle.set_value(self->handle()); }};
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
    return {[=](const harpia::text& message) {
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
    return {[=, this](const harpia::text& message) {
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
        [=, this](const harpia::text&) {
          self->request(silent, caf::infinite, ask_atom::value).await([](int) {});
          log.add("awaits");
        },
        [this](const harpia::closed& end) { log.add("closed " + number(end.code)); },
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
        [=](const harpia::text&) { self->request(broken, 10s, ask_atom::value).then([](int) {}); },
        [this](const harpia::failed& failure) {
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
        [=](harpia::opened) { self->delayed_send(self, 1ms, go_atom::value); },
        [=](go_atom) {
          self->send("delayed");
          self->become([=](const harpia::text& message) { self->send(message.view()); },
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
        [=, &handle](harpia::opened) { handle.set_value(self->handle()); },
        [=](who_atom) { return self->delegate(backend, who_atom::value); },
    };
  });
  start();
  auto client = connect("/");
  BOOST_TEST(ask<std::string>(system, handle.get_future().get(), who_atom::value) == "the backend");
}

BOOST_AUTO_TEST_CASE(an_exception_fails_its_connection_and_no_other) {
  app.ws("/", [this](connection<no_data>* self) -> caf::behavior {
    return {
        [=](const harpia::text& message) {
          if (message.view() == "throw")
            throw std::runtime_error{"on purpose"};
          self->send(message.view());
        },
        [this](const harpia::failed& failure) { log.add(failure.what.what()); },
        [this](const harpia::closed& end) { log.add("closed " + number(end.code)); },
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
        [=, &handle](harpia::opened) { handle.set_value(self->handle()); },
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
  app.ws<visitor>(
      "/", {.upgrade = [](auto& request) { request.data.name = "from the upgrade"; }},
      [this](connection<visitor>* self) -> caf::behavior {
        return {
            [=](harpia::opened) {
              self->send("open as " + self->data.name);
              self->subscribe("room");
            },
            [=](const harpia::text& message) {
              if (message.view() == "throw")
                throw std::runtime_error{"on purpose"};
              self->data.name = message.str();
              self->become([=](const harpia::text&) -> void {
                self->unsubscribe("room");
                throw std::runtime_error{"again"};
              });
            },
            [this](const harpia::failed& failure) { log.add(failure.what.what()); },
        };
      },
      harpia::route_options{.on_crash = harpia::on_crash::restart});
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
           [this](auto& ws) {
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
  app.ws("/1",
         [&](connection<no_data>* self) -> caf::behavior { return {[=, &first](harpia::opened) { first.set_value(*self); }}; });
  app.ws("/2",
         [&](connection<no_data>* self) -> caf::behavior { return {[=, &second](harpia::opened) { second.set_value(*self); }}; });
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
    return {[=, &child](harpia::opened) {
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
    return {[=](const harpia::text& how) {
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
        [=](const harpia::text&) { self->quit(); },
        [this](const harpia::closed& end) { log.add("closed " + number(end.code)); },
    };
  });
  start();
  auto client = connect("/");
  client.send_text("");
  BOOST_TEST(client.read_close().first == 1000);
  client.send_close(1000);
  BOOST_TEST(lines(1).front() == "closed 1000");
}

BOOST_AUTO_TEST_CASE(callbacks_and_a_behaviour_share_a_route) {
  app.ws<visitor>("/",
                  {.open = [](auto& ws) { ws.send("callback open"); },
                   .close = [this](auto&, close_code code, std::string_view) { log.add("callback close " + number(code)); }},
                  [](connection<visitor>* self) -> caf::behavior {
                    return {[=](const harpia::text& message) { self->send("behaviour " + message.str()); }};
                  });
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
    return {[=, &handle](harpia::opened) { handle.set_value(self->handle()); }};
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
  auto kept = std::make_shared<std::vector<harpia::text>>();
  app.ws("/", [kept](connection<no_data>* self) -> caf::behavior {
    return {[=](const harpia::text& message) {
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
