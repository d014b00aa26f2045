// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>
#include <harpia/testing/world.hpp>

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <memory>
#include <string>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::no_data;

namespace {

struct order {
  std::string item;
  int amount = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (item, amount))

struct other {
  int number = 0;
};
BOOST_DESCRIBE_STRUCT(other, (), (number))

using go_atom = caf::atom_constant<caf::atom("go")>;
using strings = std::vector<std::string>;

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(other)

BOOST_AUTO_TEST_SUITE(typed_behaviours)

BOOST_AUTO_TEST_CASE(a_behaviour_receives_values_instead_of_text) {
  testing::world world;
  world.app().ws("/", harpia::json<order>, [](harpia::connection<no_data>* self) -> caf::behavior {
    return {
        [=](harpia::event::opened) { self->send(harpia::json<order>, {.item = "welcome"}); },
        [=](const order& placed) {
          self->send(harpia::json<order>, {placed.item, placed.amount + 1});
        },
    };
  });
  auto client = world.connect("/");
  client.send(R"({"item":"tea","amount":1})");
  BOOST_TEST(client.received_all() == (strings{R"({"item":"welcome","amount":0})", R"({"item":"tea","amount":2})"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_decoded_fails_the_connection_with_1007) {
  testing::world world;
  std::string told;
  world.app().ws("/", harpia::json<order>, [&told](harpia::connection<no_data>*) -> caf::behavior {
    return {[](const order&) {}, [&told](const harpia::event::failed& failure) { told = failure.what.what(); }};
  });
  auto client = world.connect("/");
  client.send(R"({"item":"tea","amount":"one"})");
  BOOST_TEST((client.closed().value().code == close_code::invalid_payload));
  BOOST_TEST(told.find("amount") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_value_that_the_behaviour_does_not_take_closes_with_1003) {
  testing::world world;
  world.app().ws("/", harpia::json<order>, [](harpia::connection<no_data>*) -> caf::behavior { return {[](const other&) {}}; });
  auto client = world.connect("/");
  client.send(R"({"item":"tea","amount":1})");
  BOOST_TEST((client.closed().value().code == close_code::unsupported_data));
}

BOOST_AUTO_TEST_CASE(a_value_that_is_skipped_waits_for_a_phase_that_takes_it) {
  testing::world world;
  caf::actor actor;
  world.app().ws("/", harpia::json<order>, [&actor](harpia::connection<no_data>* self) -> caf::behavior {
    actor = *self;
    self->set_default_handler(caf::skip);
    return {[=](go_atom) { self->become([=](const order& placed) { self->send(placed.item); }); }};
  });
  auto client = world.connect("/");
  client.send(R"({"item":"1","amount":1})");
  client.send(R"({"item":"2","amount":1})");
  world.run();
  caf::anon_send(actor, go_atom::value);
  BOOST_TEST(client.received_all() == (strings{"1", "2"}), boost::test_tools::per_element());
  actor = {};
}

BOOST_AUTO_TEST_CASE(callbacks_with_a_codec_have_a_behaviour_beside_them) {
  testing::world world;
  world.app().ws("/", harpia::json<order>,
                 {.open = [](auto& ws) { ws.send("open"); },
                  .behaviour = [](harpia::connection<no_data>* self) -> caf::behavior {
                    return {[=](const order& placed) { self->send(placed.item); }};
                  }});
  auto client = world.connect("/");
  client.send(R"({"item":"tea","amount":1})");
  BOOST_TEST(client.received_all() == (strings{"open", "tea"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(clients_have_typed_messages_as_callbacks_and_as_behaviours) {
  testing::world world;
  world.start();
  auto server = world.listen("backend");
  strings told;
  const auto callbacks = harpia::connect(
      world.app(), "ws://backend/", harpia::json<order>,
      {.open =
           [](auto& ws) {
             ws.send(harpia::json<order>, {"tea", 1});
           },
       .message = [&](auto&, const order& placed) { told.push_back("callback " + placed.item); }});
  auto first = server.accept();
  BOOST_TEST(first.received() == R"({"item":"tea","amount":1})");
  first.send(R"({"item":"cup","amount":1})");
  const auto behaviour =
      harpia::connect(world.app(), "ws://backend/", harpia::json<order>, [&](harpia::connection<no_data>* self) -> caf::behavior {
        return {
            [=](harpia::event::opened) {
              self->send(harpia::json<order>, {"milk", 1});
            },
            [&told](const order& placed) { told.push_back("behaviour " + placed.item); },
        };
      });
  auto second = server.accept();
  BOOST_TEST(second.received() == R"({"item":"milk","amount":1})");
  second.send(R"({"item":"jug","amount":1})");
  world.run();
  BOOST_TEST(told == (strings{"callback cup", "behaviour jug"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(handlers_may_hold_what_cannot_be_copied) {
  testing::world world;
  const harpia::handlers<> handled{
      .message = [prefix = std::make_unique<std::string>("echo ")](auto& ws, harpia::message_view message) {
        ws.send(*prefix + std::string{message.text()});
      }};
  world.app().ws("/one", handled);
  world.app().ws("/two", handled);
  auto one = world.connect("/one");
  auto two = world.connect("/two");
  one.send("1");
  two.send("2");
  BOOST_TEST(one.received() == "echo 1");
  BOOST_TEST(two.received() == "echo 2");
}

BOOST_AUTO_TEST_SUITE_END()
