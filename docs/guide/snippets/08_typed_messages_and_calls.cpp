// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Laid out for the page of the guide, which is narrower.
// clang-format off
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// [json]
#include <boost/describe/class.hpp>
#include <harpia/json.hpp>

struct order {
  std::string symbol;
  int amount = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (symbol, amount))

struct confirmation {
  int id = 0;
};
BOOST_DESCRIBE_STRUCT(confirmation, (), (id))

void add_orders(harpia::app& app) {
  app.ws("/orders", harpia::json<order>, {
    .message = [](auto& ws, const order& placed) {
      ws.send(harpia::json<confirmation>, {.id = placed.amount});
    },
    .error = [](auto& ws, const harpia::error& what) {
      if (what.code() == harpia::errc::undecodable_message)
        ws.send("at byte " + std::to_string(what.position().value_or(0)));
    },
  });
}
// [json]

// [variant]
struct say {
  static constexpr std::string_view type = "say";
  std::string text;
  std::optional<std::string> to = {}; // may be absent
};
BOOST_DESCRIBE_STRUCT(say, (), (text, to))

struct rename_me {
  static constexpr std::string_view type = "rename";
  std::string name;
};
BOOST_DESCRIBE_STRUCT(rename_me, (), (name))

using command = std::variant<say, rename_me>; // {"type":"rename","name":"Ann"}

struct visitor {
  std::string name = "somebody";
};

void add_talk(harpia::app& app) {
  app.ws<visitor>("/talk", harpia::json<command>, {
    .message = [](auto& ws, const command& given) {
      if (const auto* renamed = std::get_if<rename_me>(&given))
        ws.data.name = renamed->name;
      else if (const auto* said = std::get_if<say>(&given))
        ws.send(harpia::json<say>, {.text = ws.data.name + ": " + said->text, .to = said->to});
    },
  });
}
// [variant]

// [codec]
/// A number as a binary message of so many strokes.
struct tally {
  using message_type = std::size_t;
  static constexpr auto kind = harpia::message_kind::binary;

  harpia::decoded<std::size_t> decode(harpia::message_view message) const {
    const auto wrong = message.text().find_first_not_of('|');
    if (wrong != std::string_view::npos)
      return harpia::decode_failure{"no stroke", wrong};
    return message.size();
  }
  std::string encode(std::size_t number) const { return std::string(number, '|'); }
};
// [codec]

namespace testing = harpia::testing;

namespace {

using namespace std::chrono_literals;

// [calls]
struct worker {
  std::string skills;
};

void add_work(harpia::app& app) {
  app.ws<worker>("/work", {
    .open = [](auto& ws) {
      ws.call("what can you do?", 5s).then(
        [&ws](harpia::message_view reply) { ws.data.skills = reply.text(); },
        [&ws](const harpia::call_error&) { ws.close(harpia::close_code{4000}, "no skills"); });
    },
    .call = [](auto& ws, harpia::message_view request, const harpia::reply& answer) {
      if (request.text() == "what do you know?")
        answer(ws.data.skills);
      else
        answer.refuse("no idea");
    },
  }, {.calls = harpia::calls::enabled});
}
// [calls]

} // namespace

BOOST_AUTO_TEST_SUITE(typed_messages_and_calls)

BOOST_AUTO_TEST_CASE(a_protocol_has_several_messages_and_grows) {
  testing::world world;
  add_talk(world.app());
  auto client = world.connect("/talk");
  client.send(R"({"type":"rename","name":"Ann","colour":"red"})");
  client.send(R"({"type":"say","text":"hi"})");
  BOOST_TEST(client.received() == R"({"type":"say","text":"Ann: hi"})");
  client.send(R"({"type":"say","text":"hi","to":"bob"})");
  BOOST_TEST(client.received() == R"({"type":"say","text":"Ann: hi","to":"bob"})");
}

BOOST_AUTO_TEST_CASE(orders_are_decoded) {
  testing::world world{add_orders};
  auto client = world.connect("/orders");
  client.send(R"({"symbol": "ACME", "amount": 7})");
  BOOST_TEST(client.received() == R"({"id":7})");
  client.send(R"({"symbol": oops)");
  BOOST_TEST(client.received() == "at byte 11");
  BOOST_TEST((client.closed().value().code == harpia::close_code::invalid_payload));
}

BOOST_AUTO_TEST_CASE(a_group_takes_values) {
  testing::world world;
  auto& app = world.app();
  app.ws("/", {.open = [](auto& ws) { ws.subscribe("orders"); }});
  auto client = world.connect("/");
  // [group]
  const harpia::group_of orders{app.group("orders"), harpia::json<order>};
  orders.publish({.symbol = "ACME", .amount = 7});
  // [group]
  world.run();
  BOOST_TEST(client.received() == R"({"symbol":"ACME","amount":7})");
}

BOOST_AUTO_TEST_CASE(a_codec_of_ones_own) {
  testing::world world;
  auto& app = world.app();
  // [use_codec]
  app.ws("/tally", tally{}, {
    .message = [](auto& ws, std::size_t number) { ws.send(tally{}, number + 1); },
  });
  // [use_codec]
  auto client = world.connect("/tally");
  client.send_binary("||");
  BOOST_TEST(client.received_binary() == "|||");
  client.send("||");
  BOOST_TEST((client.closed().value().code == harpia::close_code::invalid_payload));
}

BOOST_AUTO_TEST_CASE(both_sides_call) {
  testing::world world{add_work};
  auto client = world.connect("/work");
  // [envelope]
  BOOST_TEST(client.received() == "call 1\nwhat can you do?");
  client.send("reply 1\nadd");
  client.send("call 1\nwhat do you know?");  // ids of the two directions are apart
  BOOST_TEST(client.received() == "reply 1\nadd");
  client.send("call 2\nwhy?");
  BOOST_TEST(client.received() == "error 2\nno idea");
  // [envelope]
}

BOOST_AUTO_TEST_CASE(a_call_without_an_answer_times_out) {
  testing::world world{add_work};
  auto client = world.connect("/work");
  world.advance(6s);
  BOOST_TEST((client.closed().value().code == harpia::close_code{4000}));
}

BOOST_AUTO_TEST_SUITE_END()
