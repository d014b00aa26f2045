// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/json.hpp>

#include <boost/describe/class.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

struct order {
  std::string symbol;
  int amount = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (symbol, amount))

struct call {
  std::string method;
  boost::json::value arguments;
  std::vector<boost::json::value> notes;
};
BOOST_DESCRIBE_STRUCT(call, (), (method, arguments, notes))

struct even {
  int number = 0;
};
void tag_invoke(boost::json::value_from_tag, boost::json::value& to, const even& from) {
  to = from.number;
}
even tag_invoke(boost::json::value_to_tag<even>, const boost::json::value& from) {
  const auto number = boost::json::value_to<int>(from);
  if (number % 2 != 0)
    throw std::domain_error{"odd"};
  return {number};
}

struct card {
  std::string title;
  int column = 0;
  std::optional<std::string> owner = {};
  std::vector<order> orders = {};
};
BOOST_DESCRIBE_STRUCT(card, (), (title, column, owner, orders))

struct signed_card : card {
  std::map<std::string, std::optional<int>> votes = {};
};
BOOST_DESCRIBE_STRUCT(signed_card, (card), (votes))

struct say {
  static constexpr std::string_view type = "say";
  std::string text;
};
BOOST_DESCRIBE_STRUCT(say, (), (text))

struct move_card {
  static constexpr std::string_view type = "move";
  int from = 0;
  std::optional<int> to = {};
};
BOOST_DESCRIBE_STRUCT(move_card, (), (from, to))

struct with_field {
  std::string type = "any";
};
BOOST_DESCRIBE_STRUCT(with_field, (), (type))

using command = std::variant<say, move_card>;

struct batch {
  std::vector<command> commands;
  std::optional<command> last = {};
};
BOOST_DESCRIBE_STRUCT(batch, (), (commands, last))

template <class M>
harpia::decode_failure failure_of(std::string_view text) {
  const auto read = harpia::json<M>.decode(text);
  BOOST_REQUIRE_MESSAGE(!read, "decoded: " << text);
  return read.failure();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

static_assert(harpia::codec<harpia::json_codec<order>>);
static_assert(!harpia::codec<std::string>);
static_assert(harpia::json<order>.kind == harpia::message_kind::text);

} // namespace

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(a_described_type_travels_both_ways) {
  BOOST_TEST(harpia::json<order>.encode({"ACME", 7}) == R"({"symbol":"ACME","amount":7})");
  const auto read = harpia::json<order>.decode(std::string_view{R"( { "amount" : 7, "symbol" : "ACME" } )"});
  BOOST_REQUIRE(static_cast<bool>(read));
  BOOST_TEST(read.value().symbol == "ACME");
  BOOST_TEST(read.value().amount == 7);
}

BOOST_AUTO_TEST_CASE(a_type_with_conversions_of_its_own_travels_both_ways) {
  BOOST_TEST(harpia::json<even>.encode({4}) == "4");
  BOOST_TEST(harpia::json<even>.decode(std::string_view{"4"}).value().number == 4);
}

BOOST_AUTO_TEST_CASE(what_boost_knows_needs_nothing) {
  using lists = std::map<std::string, std::vector<int>>;
  BOOST_TEST(harpia::json<lists>.encode({{"a", {1, 2}}}) == R"({"a":[1,2]})");
  BOOST_TEST((harpia::json<lists>.decode(std::string_view{R"({"a":[1,2]})"}).value() == lists{{"a", {1, 2}}}));
  BOOST_TEST(harpia::json<boost::json::value>.decode(std::string_view{"[null]"}).value().as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_no_json_fails_at_the_byte_where_it_stops_being_so) {
  struct {
    std::string_view text;
    std::size_t position;
  } const cases[] = {{"", 0},       {"{", 1},   {"  [1,2", 6},    {R"({"a":})", 5}, {"[1 2]", 3},
                     {"[1,2]x", 5}, {"nul", 3}, {R"("\u12")", 5}, {"nonsense", 0},  {"\xc3\xa9", 0}};
  for (const auto& [text, position] : cases) {
    const auto failure = failure_of<boost::json::value>(text);
    BOOST_TEST(contains(failure.what, "no JSON: "), failure.what);
    BOOST_TEST(failure.position == position, text << ": " << failure.what << " at " << failure.position);
  }
}

BOOST_AUTO_TEST_CASE(json_of_another_shape_fails_at_its_first_byte_with_what_was_expected) {
  const auto list = failure_of<order>(" \t[1]");
  BOOST_TEST(contains(list.what, "JSON of another shape: "), list.what);
  BOOST_TEST(contains(list.what, "object"), list.what);
  BOOST_TEST(list.position == 2u);
  BOOST_TEST(contains(failure_of<order>(R"({"symbol":1,"amount":1})").what, "string"));
  BOOST_TEST(contains(failure_of<std::vector<int>>(R"(["1"])").what, "number"));
  BOOST_TEST(contains(failure_of<int>("4000000000").what, "exact"));
  failure_of<order>(R"({"symbol":"ACME"})");
}

BOOST_AUTO_TEST_CASE(an_optional_field_may_be_absent_or_null_and_is_left_out) {
  for (const auto text : {R"({"title":"x","column":1,"orders":[]})", R"({"title":"x","column":1,"owner":null,"orders":[]})"}) {
    const auto read = harpia::json<card>.decode(std::string_view{text});
    BOOST_REQUIRE(static_cast<bool>(read));
    BOOST_TEST(!read.value().owner);
  }
  BOOST_TEST(harpia::json<card>.encode({.title = "x", .column = 1}) == R"({"title":"x","column":1,"orders":[]})");
  BOOST_TEST(harpia::json<card>.encode({.title = "x", .owner = "ann"})
             == R"({"title":"x","column":0,"owner":"ann","orders":[]})");
  BOOST_TEST(harpia::json<std::vector<std::optional<int>>>.encode({1, std::nullopt}) == "[1,null]");
}

BOOST_AUTO_TEST_CASE(fields_of_a_newer_peer_are_ignored_unless_they_are_refused) {
  constexpr std::string_view newer = R"({"title":"x","column":1,"colour":"red","orders":[]})";
  BOOST_TEST(harpia::json<card>.decode(newer).value().title == "x");
  const auto strict = harpia::strict_json<card>.decode(newer);
  BOOST_REQUIRE(!strict);
  BOOST_TEST(strict.failure().what == "JSON of another shape: 'colour' is unknown");
  BOOST_TEST(static_cast<bool>(harpia::strict_json<card>.decode(std::string_view{R"({"title":"x","column":1,"orders":[]})"})));
  const auto nested = harpia::strict_json<std::vector<order>>.decode(std::string_view{R"([{"symbol":"A","amount":1,"x":2}])"});
  BOOST_TEST(nested.failure().what == "JSON of another shape: '[0].x' is unknown");
  BOOST_TEST(static_cast<bool>(harpia::strict_json<command>.decode(std::string_view{R"({"type":"say","text":"hi"})"})));
  BOOST_TEST(!harpia::strict_json<command>.decode(std::string_view{R"({"type":"say","text":"hi","x":1})"}));
}

BOOST_AUTO_TEST_CASE(an_error_names_the_field) {
  const auto what = [](std::string_view text) { return failure_of<signed_card>(text).what; };
  BOOST_TEST(what(R"({"title":"x"})") == "JSON of another shape: 'column' is missing");
  BOOST_TEST(contains(what(R"({"title":1})"), "'title' is of another type: "));
  BOOST_TEST(what(R"({"title":"x","column":1,"orders":[{"symbol":"A","amount":1},{"symbol":"B"}]})")
             == "JSON of another shape: 'orders[1].amount' is missing");
  BOOST_TEST(what(R"({"title":"x","column":1,"orders":{}})") == "JSON of another shape: 'orders' is not an array");
  BOOST_TEST(what(R"({"title":"x","column":1,"orders":[],"votes":[]})") == "JSON of another shape: 'votes' is not an object");
  BOOST_TEST(contains(what(R"({"title":"x","column":1,"orders":[],"votes":{"ann":true}})"), "'votes.ann' is of another type: "));
  BOOST_TEST(what("null") == "JSON of another shape: it is not an object");
}

BOOST_AUTO_TEST_CASE(what_an_error_quotes_of_the_peer_is_short_and_harmless) {
  const auto text = R"({"symbol":"A","amount":1,")" + std::string(100'000, 'x') + R"(":2})";
  const auto long_name = harpia::strict_json<order>.decode(std::string_view{text});
  BOOST_TEST(long_name.failure().what.size() < 200u);
  const auto odd = harpia::strict_json<order>.decode(std::string_view{R"({"symbol":"A","amount":1,"a\nb'c":2})"});
  BOOST_TEST(odd.failure().what == "JSON of another shape: 'a?b?c' is unknown");
}

BOOST_AUTO_TEST_CASE(what_a_base_describes_belongs_to_a_struct) {
  const auto read =
      harpia::json<signed_card>.decode(std::string_view{R"({"title":"x","column":1,"orders":[],"votes":{"ann":3,"bob":null}})"});
  BOOST_REQUIRE(static_cast<bool>(read));
  BOOST_TEST(read.value().title == "x");
  BOOST_TEST(read.value().votes.at("ann").value() == 3);
  BOOST_TEST(!read.value().votes.at("bob"));
}

BOOST_AUTO_TEST_CASE(a_variant_is_told_apart_by_its_type) {
  const auto moved = harpia::json<command>.decode(std::string_view{R"({"type":"move","from":1})"});
  BOOST_REQUIRE(static_cast<bool>(moved));
  BOOST_TEST(std::get<move_card>(moved.value()).from == 1);
  BOOST_TEST(harpia::json<command>.encode(say{"hi"}) == R"({"type":"say","text":"hi"})");
  BOOST_TEST(harpia::json<batch>.encode({{say{"a"}, move_card{.from = 1, .to = 2}}, say{"b"}})
             == R"({"commands":[{"type":"say","text":"a"},{"type":"move","from":1,"to":2}],"last":{"type":"say","text":"b"}})");
  const auto what = [](std::string_view text) { return failure_of<batch>(text).what; };
  BOOST_TEST(what(R"({"commands":[{"text":"a"}]})") == "JSON of another shape: 'commands[0].type' is missing");
  BOOST_TEST(what(R"({"commands":[{"type":1}]})") == "JSON of another shape: 'commands[0].type' is not a string");
  BOOST_TEST(what(R"({"commands":[{"type":"shout"}]})") == "JSON of another shape: 'commands[0].type' is none that is known");
  BOOST_TEST(what(R"({"commands":[{"type":"say"}]})") == "JSON of another shape: 'commands[0].text' is missing");
  BOOST_TEST(what(R"({"commands":[],"last":3})") == "JSON of another shape: 'last' is not an object");
}

BOOST_AUTO_TEST_CASE(a_struct_with_a_type_says_it_and_refuses_another) {
  BOOST_TEST(harpia::json<say>.encode({"hi"}) == R"({"type":"say","text":"hi"})");
  BOOST_TEST(harpia::json<say>.decode(std::string_view{R"({"text":"hi"})"}).value().text == "hi");
  BOOST_TEST(failure_of<say>(R"({"type":"move","text":"hi"})").what == "JSON of another shape: 'type' is not 'say'");
}

BOOST_AUTO_TEST_CASE(a_field_that_is_called_type_is_a_field) {
  BOOST_TEST(harpia::json<with_field>.encode({}) == R"({"type":"any"})");
  BOOST_TEST(harpia::strict_json<with_field>.decode(std::string_view{R"({"type":"other"})"}).value().type == "other");
}

BOOST_AUTO_TEST_CASE(what_a_users_conversion_throws_is_a_failure) {
  failure_of<even>("5");
  failure_of<even>("null");
}

BOOST_AUTO_TEST_CASE(nesting_has_a_bound) {
  BOOST_TEST(
      static_cast<bool>(harpia::json<boost::json::value>.decode(std::string_view{std::string(32, '[') + std::string(32, ']')})));
  const auto failure = failure_of<boost::json::value>(std::string(100'000, '['));
  BOOST_TEST(contains(failure.what, "deep"), failure.what);
  BOOST_TEST(failure.position <= 33u);
}

BOOST_AUTO_TEST_CASE(a_value_owns_what_it_was_decoded_from) {
  std::optional<boost::json::value> kept;
  std::optional<call> nested;
  {
    const std::string text = R"({"a":["some text that is too long for any small buffer"]})";
    kept = harpia::json<boost::json::value>.decode(std::string_view{text}).value();
    const auto around = R"({"method":"keep","arguments":)" + text + R"(,"notes":[)" + text + "," + text + "]}";
    nested = harpia::json<call>.decode(std::string_view{around}).value();
  }
  const auto expected = R"({"a":["some text that is too long for any small buffer"]})";
  BOOST_TEST(boost::json::serialize(*kept) == expected);
  BOOST_TEST(boost::json::serialize(nested->arguments) == expected);
  BOOST_REQUIRE(nested->notes.size() == 2u);
  BOOST_TEST(boost::json::serialize(nested->notes[1]) == expected);
}

// A copy is made where its original is; of any other memory resource, threads that copies are sent to would share one.
BOOST_AUTO_TEST_CASE(a_value_that_was_decoded_is_on_the_heap) {
  const boost::json::storage_ptr the_default;
  const auto value = harpia::json<boost::json::value>.decode(std::string_view{"[[1]]"}).value();
  BOOST_TEST((value.storage().get() == the_default.get()));
  const auto nested = harpia::json<call>.decode(std::string_view{R"({"method":"","arguments":[1],"notes":[[]]})"}).value();
  BOOST_TEST((nested.arguments.storage().get() == the_default.get()));
  BOOST_TEST((nested.notes[0].storage().get() == the_default.get()));
}

BOOST_AUTO_TEST_SUITE_END()
