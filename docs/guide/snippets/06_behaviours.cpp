// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

// [phases]
using kick_atom = caf::atom_constant<caf::atom("kick")>;

struct session {
  std::string user;
};

caf::behavior known(harpia::connection<session>* self) {
  return {
    [=](const harpia::event::text& message) { self->send(self->data.user + " says " + message.str()); },
    [=](kick_atom, const std::string& why) { self->close(harpia::close_code::policy_violation, why); },
  };
}

caf::behavior unknown(harpia::connection<session>* self) {
  return {
    [=](harpia::event::opened) { self->send("Who are you?"); },
    [=](const harpia::event::text& name) {
      self->data.user = name.str();
      self->become(known(self));
    },
  };
}

void add_talk(harpia::app& app) { app.ws<session>("/talk", unknown); }
// [phases]

// [skip]
using load_atom = caf::atom_constant<caf::atom("load")>;

caf::behavior ready(harpia::connection<harpia::no_data>* self, const std::string& state) {
  return {[=](const harpia::event::text& message) { self->send(message.str() + " with " + state); }};
}

caf::behavior loading(harpia::connection<harpia::no_data>* self, const caf::actor& store) {
  return {
    [=](harpia::event::opened) {
      self->request(store, 5s, load_atom::value).then([=](const std::string& state) {
        self->become(ready(self, state));
      });
    },
    [](const harpia::event::text&) { return caf::skip(); },  // keep it for the next phase
  };
}

void add_documents(harpia::app& app, const caf::actor& store) {
  app.ws("/documents", [store](harpia::connection<harpia::no_data>* self) { return loading(self, store); });
}
// [skip]

caf::behavior store() {
  return {[](load_atom) { return std::string{"the saved state"}; }};
}

// [monitor]
using enter_atom = caf::atom_constant<caf::atom("enter")>;

caf::behavior keeper(caf::event_based_actor* self, std::shared_ptr<std::vector<std::string>> log) {
  self->set_down_handler([log](const caf::down_msg& ended) {
    if (const auto code = harpia::close_code_of(ended.reason))
      log->push_back("closed with " + std::to_string(static_cast<int>(*code)));
  });
  return {[self](enter_atom, const caf::actor& connection) { self->monitor(connection); }};
}

void add_watched(harpia::app& app, const caf::actor& keeper) {
  app.ws("/watched", [keeper](harpia::connection<harpia::no_data>* self) -> caf::behavior {
    return {[=](harpia::event::opened) { self->send(keeper, enter_atom::value, caf::actor{*self}); }};
  });
}
// [monitor]

// [linked]
using tick_atom = caf::atom_constant<caf::atom("tick")>;

caf::behavior clockwork(caf::event_based_actor* self, const caf::actor& connection) {
  self->delayed_send(self, 1s, tick_atom::value);
  return {[=](tick_atom) {
    self->send(connection, tick_atom::value);
    self->delayed_send(self, 1s, tick_atom::value);
  }};
}

caf::behavior clock_face(harpia::connection<harpia::no_data>* self) {
  return {
    [=](harpia::event::opened) { self->spawn<caf::linked>(clockwork, caf::actor{*self}); },
    [=](tick_atom) { self->send("tick"); },
  };
}
// [linked]

// [mixed]
void add_mixed(harpia::app& app) {
  app.ws<session>("/mixed", {
    .message = [](auto& ws, harpia::message_view message) { ws.send(message); },
    .behaviour = [](harpia::connection<session>* self) -> caf::behavior {
      return {[=](kick_atom, const std::string& why) { self->close(harpia::close_code::policy_violation, why); }};
    },
  });
}
// [mixed]

} // namespace

BOOST_AUTO_TEST_SUITE(behaviours)

BOOST_AUTO_TEST_CASE(a_connection_goes_through_phases) {
  testing::world world{add_talk};
  auto client = world.connect("/talk");
  BOOST_TEST(client.received() == "Who are you?");
  client.send("Ann");
  client.send("hello");
  BOOST_TEST(client.received() == "Ann says hello");
  client.send_binary("what is this?");
  BOOST_TEST((client.closed().value().code == harpia::close_code::unsupported_data));
}

BOOST_AUTO_TEST_CASE(a_skipped_message_waits) {
  testing::world world;
  add_documents(world.app(), world.system().spawn(store));
  auto client = world.connect("/documents");
  client.send("read");
  BOOST_TEST(client.received() == "read with the saved state");
}

BOOST_AUTO_TEST_CASE(a_message_that_is_skipped_for_ever_fails_with_the_request) {
  testing::world world;
  add_documents(world.app(), world.silent_actor());
  auto client = world.connect("/documents");
  client.send("read");
  BOOST_TEST(client.is_open());
  world.advance(5s);
  BOOST_TEST((client.closed().value().code == harpia::close_code::internal_error));
}

BOOST_AUTO_TEST_CASE(a_monitor_learns_the_close_code) {
  const auto log = std::make_shared<strings>();
  testing::world world;
  add_watched(world.app(), world.system().spawn(keeper, log));
  auto closes = world.connect("/watched");
  auto vanishes = world.connect("/watched");
  closes.close(harpia::close_code{4001});
  vanishes.cut();
  world.run();
  BOOST_TEST(*log == (strings{"closed with 4001", "closed with 1006"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_linked_actor_ticks_as_long_as_its_connection) {
  testing::world world;
  world.app().ws("/clock", clock_face);
  world.run();
  const auto before = world.system().registry().running();
  auto client = world.connect("/clock");
  world.advance(3s);
  BOOST_TEST(client.received_all() == (strings{"tick", "tick", "tick"}), boost::test_tools::per_element());
  client.close();
  world.run();
  BOOST_TEST(world.system().registry().running() == before);
}

BOOST_AUTO_TEST_CASE(callbacks_and_a_behaviour_share_a_route) {
  testing::world world{add_mixed};
  auto client = world.connect("/mixed");
  client.send("hello");
  BOOST_TEST(client.received() == "hello");
}

BOOST_AUTO_TEST_CASE(other_actors_send_to_a_connection) {
  harpia::handle handle;
  testing::world world;
  world.app().ws<session>("/", {.open = [&](auto& ws) { handle = ws.handle(); }, .behaviour = known});
  auto client = world.connect("/");
  // [kick]
  caf::anon_send(caf::actor{handle}, kick_atom::value, std::string{"enough"});  // or harpia::as_actor(handle)
  // [kick]
  world.run();
  BOOST_TEST(client.closed().value().reason == "enough");
}

BOOST_AUTO_TEST_CASE(a_crash_may_restart_the_connection) {
  testing::world world;
  auto& app = world.app();
  // [restart]
  app.ws<session>("/stubborn", {
    .upgrade = [](auto& request) { request.data.user = "Ann"; },
    .open = [](auto& ws) { ws.send("ready for " + ws.data.user); },
    .message = [](auto& ws, harpia::message_view message) {
      ws.data.user = "somebody else";
      ws.send(std::to_string(std::stoi(std::string{message.text()})));
    },
  }, {.on_crash = harpia::on_crash::restart});
  // [restart]
  auto client = world.connect("/stubborn");
  client.send("7");
  client.send("no number");
  BOOST_TEST(client.received_all() == (strings{"ready for Ann", "7", "ready for Ann"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
