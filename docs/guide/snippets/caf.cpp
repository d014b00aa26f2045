// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the documentation, which is narrower.
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

// [actor]
using add_atom = caf::atom_constant<caf::atom("add")>;
using sum_atom = caf::atom_constant<caf::atom("sum")>;

struct till_state {
  int sum = 0;
};

caf::behavior till(caf::stateful_actor<till_state>* self) {
  return {
    [self](add_atom, int amount) { self->state.sum += amount; },
    [self](sum_atom) { return self->state.sum; },  // the response
  };
}
// [actor]

// [errors]
using take_atom = caf::atom_constant<caf::atom("take")>;

caf::behavior purse(caf::stateful_actor<till_state>* self) {
  return {
    [self](take_atom, int amount) -> caf::result<int> {
      if (amount > self->state.sum)
        return caf::make_error(caf::sec::invalid_argument, "there is not enough in it");
      return self->state.sum -= amount;
    },
  };
}
// [errors]

// [request]
using report_atom = caf::atom_constant<caf::atom("report")>;

caf::behavior clerk(caf::event_based_actor* self, const caf::actor& till, const caf::actor& printer) {
  return {
    [=](report_atom) {
      self->request(till, 2s, sum_atom::value).then(
        [=](int sum) { self->send(printer, "sum " + std::to_string(sum)); },
        [=](const caf::error& why) { self->send(printer, self->system().render(why)); });
    },
  };
}
// [request]

// [promise]
caf::behavior front_desk(caf::event_based_actor* self, const caf::actor& till) {
  return {
    [=](sum_atom) { return self->delegate(till, sum_atom::value); },  // the till responds to the asker
    [=](report_atom) {
      auto later = self->make_response_promise<std::string>();
      self->request(till, 2s, sum_atom::value).then(
        [later](int sum) mutable { later.deliver("sum " + std::to_string(sum)); },
        [later](caf::error& why) mutable { later.deliver(std::move(why)); });
      return later;
    },
  };
}
// [promise]

// [phases]
using open_atom = caf::atom_constant<caf::atom("open")>;

caf::behavior open_shop(caf::event_based_actor*, const caf::actor& printer) {
  return {[printer](const std::string& guest) { caf::anon_send(printer, "served " + guest); }};
}

caf::behavior closed_shop(caf::event_based_actor* self, const caf::actor& printer) {
  self->set_default_handler(caf::skip);  // what comes too early waits
  return {[=](open_atom) {
    self->set_default_handler(caf::print_and_drop);
    self->become(open_shop(self, printer));
  }};
}
// [phases]

// [monitor]
caf::behavior doctor(caf::event_based_actor* self, const caf::actor& patient, const caf::actor& printer) {
  self->monitor(patient);
  self->set_down_handler([=](const caf::down_msg& ended) {
    self->send(printer, ended.source == patient ? "the patient has ended" : "somebody else has ended");
  });
  return {[](open_atom) {}};  // an actor without a handler ends at once
}
// [monitor]

// [link]
caf::behavior child(caf::event_based_actor* self) {
  return {[self](take_atom) { self->quit(caf::sec::runtime_error); }};
}

caf::behavior parent(caf::event_based_actor* self, const caf::actor& printer) {
  const caf::actor linked = self->spawn<caf::linked>(child);
  self->set_exit_handler([=](const caf::exit_msg& ended) {
    self->send(printer, "exit: " + self->system().render(ended.reason));
    self->quit(ended.reason);  // without this line it goes on
  });
  return {[=](take_atom) { self->send(linked, take_atom::value); }};
}
// [link]

// [ticks]
using tick_atom = caf::atom_constant<caf::atom("tick")>;

caf::behavior metronome(caf::event_based_actor* self, const caf::actor& printer) {
  self->delayed_send(self, 1s, tick_atom::value);
  return {[=](tick_atom) {
    self->send(printer, std::string{"tick"});
    self->delayed_send(self, 1s, tick_atom::value);
  }};
}
// [ticks]

} // namespace

// [types]
struct seat {
  std::string row;
  int number = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, seat& x) {
  return f(caf::meta::type_name("seat"), x.row, x.number);
}

struct picture {
  std::shared_ptr<const std::vector<unsigned char>> pixels;  // shared, so that messages stay small; never written to
};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(picture)  // for what has no inspect; outside of every namespace

caf::behavior usher() {
  return {
    [](const seat& wanted) { return wanted.row + std::to_string(wanted.number); },
    [](const picture& shown) { return shown.pixels->size(); },
  };
}
// [types]

namespace {

caf::behavior recorder(caf::event_based_actor*, const std::shared_ptr<strings>& lines) {
  return {[lines](const std::string& line) { lines->push_back(line); }};
}

struct fixture {
  testing::world world;
  std::shared_ptr<strings> lines = std::make_shared<strings>();
  caf::actor printer = world.system().spawn(recorder, lines);

  ~fixture() { printer = {}; }
  void expect(const strings& wanted) {
    world.run();
    BOOST_TEST(*lines == wanted, boost::test_tools::per_element());
    lines->clear();
  }
  template <class... Ts>
  void ask(const caf::actor& whom, const Ts&... message) {
    world.system().spawn([=, to = printer](caf::event_based_actor* self) {
      self->request(whom, caf::infinite, message...).then(
        [=](int number) { self->send(to, std::to_string(number)); },
        [=](const caf::error& why) { self->send(to, self->system().render(why)); });
    });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(actors_of_caf, fixture)

BOOST_AUTO_TEST_CASE(an_actor_has_state) {
  auto& system = world.system();
  // [spawn]
  const caf::actor box = system.spawn(till);
  caf::anon_send(box, add_atom::value, 7);  // from anywhere; an actor uses its own `send`
  // [spawn]
  ask(box, sum_atom::value);
  expect({"7"});
}

BOOST_AUTO_TEST_CASE(a_response_may_be_an_error) {
  const auto mine = world.system().spawn(purse);
  ask(mine, take_atom::value, 0);
  ask(mine, take_atom::value, 1);
  world.run();
  BOOST_REQUIRE(lines->size() == 2);
  BOOST_TEST(lines->at(0) == "0");
  BOOST_TEST(lines->at(1).find("not enough") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_request_has_a_response_or_an_error) {
  const auto box = world.system().spawn(till);
  caf::anon_send(world.system().spawn(clerk, box, printer), report_atom::value);
  expect({"sum 0"});
  const auto waits = world.system().spawn(clerk, world.silent_actor(), printer);
  caf::anon_send(waits, report_atom::value);
  expect({});
  world.advance(2s);
  world.run();
  BOOST_REQUIRE(lines->size() == 1);
  BOOST_TEST(lines->front().find("request_timeout") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_response_may_come_later) {
  const auto desk = world.system().spawn(front_desk, world.system().spawn(till));
  ask(desk, sum_atom::value);
  expect({"0"});
  world.system().spawn([desk, to = printer](caf::event_based_actor* self) {
    self->request(desk, caf::infinite, report_atom::value).then([=](const std::string& text) { self->send(to, text); });
  });
  expect({"sum 0"});
}

BOOST_AUTO_TEST_CASE(a_skipped_message_waits_for_the_next_behaviour) {
  const auto shop = world.system().spawn(closed_shop, printer);
  caf::anon_send(shop, std::string{"Ann"});
  expect({});
  caf::anon_send(shop, open_atom::value);
  expect({"served Ann"});
}

BOOST_AUTO_TEST_CASE(a_monitor_is_told_of_an_end) {
  const auto patient = world.system().spawn(till);
  const auto watching = world.system().spawn(doctor, patient, printer);
  expect({});
  caf::anon_send_exit(patient, caf::exit_reason::user_shutdown);
  expect({"the patient has ended"});
}

BOOST_AUTO_TEST_CASE(linked_actors_end_together) {
  const auto mother = world.system().spawn(parent, printer);
  world.run();
  const auto before = world.system().registry().running();
  caf::anon_send(mother, take_atom::value);
  expect({"exit: " + world.system().render(caf::sec::runtime_error)});
  BOOST_TEST(world.system().registry().running() == before - 2);
}

BOOST_AUTO_TEST_CASE(a_tick_repeats) {
  const auto ticking = world.system().spawn(metronome, printer);
  world.advance(3s);
  expect({"tick", "tick", "tick"});
}

BOOST_AUTO_TEST_CASE(messages_have_types_of_their_own) {
  const auto place = world.system().spawn(usher);
  world.system().spawn([place, to = printer](caf::event_based_actor* self) {
    self->request(place, caf::infinite, seat{"C", 7}).then([=](const std::string& text) { self->send(to, text); });
    const auto pixels = std::make_shared<const std::vector<unsigned char>>(3);
    self->request(place, caf::infinite, picture{pixels}).then([=](std::size_t size) { self->send(to, std::to_string(size)); });
  });
  expect({"C7", "3"});
}

BOOST_AUTO_TEST_CASE(an_exception_ends_a_plain_actor) {
  const auto fails = world.system().spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](int) { throw std::runtime_error{"on purpose"}; }};
  });
  const auto watching = world.system().spawn(doctor, fails, printer);
  world.run();
  ask(fails, 1);
  world.run();
  BOOST_TEST(lines->size() == 2); // the end, and the error of the request
}

BOOST_AUTO_TEST_SUITE_END()
