// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "vocabulary/merged_options.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

using harpia::describe;
using harpia::merged;
using harpia::route_options;

namespace {

using namespace std::chrono_literals;

/// Every field is set, and none has its default.
route_options all_set() {
  return {
      .max_payload = 1,
      .high_watermark = 3,
      .low_watermark = 2,
      .max_buffered = 4,
      .on_limit = harpia::on_limit::conflate,
      .on_crash = harpia::on_crash::restart,
      .on_undecodable = harpia::on_undecodable::stay,
      .idle_timeout = 5s,
      .ping_interval = 6s,
      .max_lifetime = 7s,
      .max_lifetime_jitter = 0.5,
      .close_timeout = 8s,
      .compression = harpia::compression::enabled,
      .deflate = {.server_max_window_bits = 9,
                  .client_max_window_bits = 10,
                  .server_context_takeover = harpia::context_takeover::enabled,
                  .client_context_takeover = harpia::context_takeover::enabled,
                  .level = 1,
                  .memory_level = 2,
                  .threshold = 11},
      .origins = harpia::same_origin,
      .subprotocols = {"a", "b"},
      .calls = harpia::calls::enabled,
      .max_pending_calls = 12};
}

constexpr auto all_described =
    "max_payload 1, high_watermark 3, low_watermark 2, max_buffered 4, on_limit conflate, on_crash restart, on_undecodable stay, "
    "idle_timeout 5000 "
    "ms, "
    "ping_interval 6000 ms, max_lifetime 7000 ms, max_lifetime_jitter 0.5, close_timeout 8000 ms, compression enabled, "
    "deflate.server_max_window_bits 9, deflate.client_max_window_bits 10, deflate.server_context_takeover enabled, "
    "deflate.client_context_takeover enabled, deflate.level 1, deflate.memory_level 2, deflate.threshold 11, subprotocols {a b}, "
    "calls enabled, "
    "max_pending_calls 12, origins checked";

} // namespace

BOOST_AUTO_TEST_SUITE(merged_options)

BOOST_AUTO_TEST_CASE(what_is_not_set_is_inherited) {
  BOOST_TEST(describe(merged({}, all_set())) == all_described);
  BOOST_TEST(describe(merged(all_set(), {})) == all_described);
  BOOST_TEST(describe(merged({}, {})) == "");
}

BOOST_AUTO_TEST_CASE(what_is_set_is_kept) {
  const auto both = merged({.max_payload = 100, .deflate = {.level = 9}, .origins = harpia::any_origin}, all_set());
  BOOST_TEST(both.max_payload == 100u);
  BOOST_TEST(both.deflate.level == 9);
  BOOST_TEST(both.deflate.memory_level == 2);
  BOOST_TEST(both.origins.accepts_all());
  BOOST_TEST((both.idle_timeout.get() == 5s));
}

BOOST_AUTO_TEST_CASE(a_default_that_is_set_counts_as_set) {
  BOOST_TEST(merged({.max_payload = std::size_t{16} << 20}, all_set()).max_payload == std::size_t{16} << 20);
  BOOST_TEST(merged({.subprotocols = std::vector<std::string>{}}, all_set()).subprotocols.get().empty());
}

BOOST_AUTO_TEST_CASE(an_option_is_set_by_what_its_type_is_made_of) {
  route_options options;
  BOOST_TEST(!options.max_payload.is_set());
  BOOST_TEST(options.max_payload == std::size_t{16} << 20);
  options.max_payload = 1 << 10;
  options.idle_timeout = 1min;
  options.subprotocols = {"one"};
  BOOST_TEST(options.max_payload.is_set());
  BOOST_TEST((options.idle_timeout.get() == 60'000ms));
  BOOST_TEST(options.subprotocols.get() == std::vector<std::string>{"one"});
  const std::vector<std::string> names{"one", "two"};
  options.subprotocols = names;
  BOOST_TEST(options.subprotocols.get() == names);
}

BOOST_AUTO_TEST_CASE(watermarks_that_nobody_sets_are_no_higher_than_the_limit) {
  const auto small = route_options{.max_buffered = 1000}.sending();
  BOOST_TEST(small.high_watermark == 1000u);
  BOOST_TEST(small.low_watermark == 1000u);
  const auto low = route_options{.high_watermark = 5000}.sending();
  BOOST_TEST(low.low_watermark == 5000u);
  const auto large = route_options{.high_watermark = 32 << 20}.sending();
  BOOST_TEST(large.max_buffered == std::size_t{32} << 20);
  BOOST_TEST(route_options{.low_watermark = 1 << 20}.sending().high_watermark == std::size_t{1} << 20);
  BOOST_CHECK_THROW(validate(route_options{.low_watermark = 2000, .max_buffered = 1000}), std::invalid_argument);
  BOOST_CHECK_THROW(validate(route_options{.high_watermark = 2000, .max_buffered = 1000}), std::invalid_argument);
  BOOST_CHECK_THROW(validate(merged({.max_buffered = 1000}, {.high_watermark = 2000})), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(no_value_leaves_an_option_unset) {
  BOOST_TEST((merged({.idle_timeout = {}}, {}).idle_timeout.get() == 120s));
  BOOST_TEST(merged({.subprotocols = {}}, all_set()).subprotocols.get().size() == 2u);
  route_options one{.subprotocols = {"a"}};
  const route_options other{.subprotocols = one.subprotocols};
  BOOST_TEST(other.subprotocols.get() == std::vector<std::string>{"a"});
}

BOOST_AUTO_TEST_CASE(a_number_that_an_option_cannot_have_is_refused_by_name) {
  for (const auto& [options, name] : std::vector<std::pair<route_options, std::string>>{
           {{.max_payload = -1}, "'max_payload'"},
           {{.max_buffered = -1}, "'max_buffered'"},
           {{.deflate = {.threshold = -1}}, "'deflate.threshold'"},
           {{.max_pending_calls = -1}, "'max_pending_calls'"},
           {{.deflate = {.level = (1LL << 40) + 6}}, "'deflate.level'"}})
    BOOST_CHECK_EXCEPTION(validate(options), std::invalid_argument, [&named = name](const auto& refused) {
      return std::string{refused.what()}.find(named) != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
