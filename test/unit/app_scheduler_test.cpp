// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "caf_port/app_scheduler.hpp"

#include "support/acting.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <future>
#include <vector>

namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;

using ask_atom = caf::atom_constant<caf::atom("ask")>;
using late_atom = caf::atom_constant<caf::atom("late")>;

constexpr auto patience = 30s;

struct fixture {
  /// Takes every request and answers none.
  caf::actor spawn_silent() {
    return test::spawn(system, [](caf::event_based_actor* self) -> caf::behavior {
      return {[self](ask_atom) { return self->make_response_promise(); }};
    });
  }

  struct configuration : caf::actor_system_config {
    configuration() { load<harpia::detail::app_scheduler>(); }
  };
  configuration config;
  caf::actor_system system{config};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(app_scheduler, fixture)

BOOST_AUTO_TEST_CASE(a_request_that_nobody_answers_times_out) {
  std::promise<caf::error> told;
  const auto silent = spawn_silent();
  test::spawn(system, [&](caf::event_based_actor* self) {
    self->request(silent, 10ms, ask_atom::value).then([] {}, [&](caf::error& why) { told.set_value(why); });
    return caf::behavior{};
  });
  auto outcome = told.get_future();
  BOOST_REQUIRE((outcome.wait_for(patience) == std::future_status::ready));
  BOOST_TEST((outcome.get() == caf::sec::request_timeout));
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(delayed_messages_and_receive_timeouts_come) {
  std::promise<void> late;
  std::promise<void> idle;
  test::spawn(system, [&](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 10ms, late_atom::value);
    return {
        [&, self](late_atom) {
          late.set_value();
          self->become(caf::after(10ms) >> [&, self] {
            idle.set_value();
            self->quit();
          });
        },
    };
  });
  BOOST_TEST((late.get_future().wait_for(patience) == std::future_status::ready));
  BOOST_TEST((idle.get_future().wait_for(patience) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(actors_end_with_timeouts_that_are_due_later_and_with_none) {
  const auto silent = spawn_silent();
  std::vector<caf::actor> ended;
  for (int i = 0; i < 1000; ++i)
    ended.push_back(test::spawn(system, [&, i](caf::event_based_actor* self) {
      if (i % 2 == 0)
        self->request(silent, 3600s, ask_atom::value).then([] {});
      return caf::behavior{};
    }));
  caf::scoped_actor self{system};
  for (const auto& each : ended)
    self->send_exit(each, caf::exit_reason::user_shutdown);
  self->wait_for(ended);
  self->send_exit(silent, caf::exit_reason::user_shutdown);
  self->wait_for(silent);
}

BOOST_AUTO_TEST_SUITE_END()
