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
