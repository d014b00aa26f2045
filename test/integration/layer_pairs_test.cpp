// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::message_view;
using harpia::socket_base;

namespace {

using strings = std::vector<std::string>;

struct fixture {
  /// Writes down what it sees, and throws where it is to.
  [[nodiscard]] harpia::middleware layer(std::string name, bool throws_in_open = false) {
    return {
        .open =
            [this, name, throws_in_open](socket_base&) {
              seen.push_back(name + " open");
              if (throws_in_open)
                throw std::runtime_error{"no"};
            },
        .close = [this, name](socket_base&, close_code, std::string_view) { seen.push_back(name + " close"); },
    };
  }
  [[nodiscard]] harpia::handlers<harpia::no_data> route() {
    return {
        .open = [this](auto&) { seen.emplace_back("route open"); },
        .message = [](auto&, message_view) { throw std::runtime_error{"no"}; },
        .close = [this](auto&, close_code, std::string_view) { seen.emplace_back("route close"); },
        .error = [this](auto&, const harpia::error&) { seen.emplace_back("route error"); },
    };
  }

  strings seen;
  testing::world world;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(layer_pairs, fixture)

BOOST_AUTO_TEST_CASE(layers_and_a_route_behind_one_that_cannot_open_see_neither_open_nor_close) {
  world.app().use(layer("outer")).use(layer("thrower", true)).use(layer("inner")).ws("/", route());
  auto client = world.connect("/");
  BOOST_TEST((client.closed()->code == close_code::internal_error));
  world.run();
  BOOST_TEST(seen == (strings{"outer open", "thrower open", "thrower close", "outer close"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_layer_sees_one_open_and_one_close_of_a_connection_whose_handlers_are_restarted) {
  world.app().use(layer("layer")).ws("/", route(), {.on_crash = harpia::on_crash::restart});
  auto client = world.connect("/");
  client.send("crash");
  world.run();
  client.close();
  world.run();
  BOOST_TEST(seen == (strings{"layer open", "route open", "route error", "route open", "route close", "layer close"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_whose_layer_cannot_open_is_not_restarted) {
  world.app().use(layer("thrower", true)).ws("/", route(), {.on_crash = harpia::on_crash::restart});
  auto client = world.connect("/");
  BOOST_TEST((client.closed()->code == close_code::internal_error));
  world.run();
  BOOST_TEST(seen == (strings{"thrower open", "thrower close"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_message_that_a_layer_holds_back_is_not_delivered_after_the_close) {
  std::optional<harpia::next_handler> held;
  int delivered = 0;
  world.app()
      .use(harpia::middleware{.message =
                                  [&](socket_base& ws, message_view message, const harpia::next_handler& next) {
                                    if (message.text() == "hold") {
                                      held = next;
                                      return;
                                    }
                                    ws.close();
                                    (*held)(message_view{std::string_view{"held"}});
                                    next(message);
                                  }})
      .ws("/", {.message = [&](auto&, message_view) { ++delivered; }});
  auto client = world.connect("/");
  client.send("hold");
  client.send("close");
  world.run();
  BOOST_TEST(delivered == 0);
  BOOST_TEST((client.closed()->code == close_code::normal));
}

BOOST_AUTO_TEST_CASE(a_layer_within_one_that_holds_a_message_back_does_not_get_it_after_the_close_either) {
  int seen_within = 0;
  world.app()
      .use(harpia::middleware{.message =
                                  [](socket_base& ws, message_view message, const harpia::next_handler& next) {
                                    ws.close();
                                    next(message);
                                  }})
      .use(harpia::middleware{.message = [&](socket_base&, message_view, const harpia::next_handler&) { ++seen_within; }})
      .ws("/", {});
  auto client = world.connect("/");
  client.send("close");
  BOOST_TEST((client.closed()->code == close_code::normal));
  BOOST_TEST(seen_within == 0);
}

BOOST_AUTO_TEST_CASE(a_route_behind_a_layer_that_cannot_open_gets_no_event_at_all) {
  auto handlers = route();
  handlers.dropped = [this](auto&, std::size_t, std::size_t) { seen.emplace_back("route dropped"); };
  world.app()
      .use(harpia::middleware{.open =
                                  [](socket_base& ws) {
                                    ws.send(std::string(2000, 'x'));
                                    ws.send(std::string(2000, 'y'));
                                    throw std::runtime_error{"no"};
                                  }})
      .ws("/", handlers, {.high_watermark = 100, .low_watermark = 50, .max_buffered = 1000});
  auto client = world.connect("/");
  BOOST_TEST((client.closed()->code == close_code::internal_error));
  BOOST_TEST(seen.empty());
}

BOOST_AUTO_TEST_CASE(the_tail_of_a_message_that_a_restart_cut_in_two_is_not_given_when_a_layer_releases_it_later) {
  std::optional<harpia::next_part_handler> held;
  std::vector<std::string> parts;
  world.app()
      .use(harpia::middleware{
          .message_part =
              [&](socket_base&, message_view part, harpia::last_part last, const harpia::next_part_handler& next) {
                if (part.text() == "tail") {
                  held = next;
                  return;
                }
                if (part.text() == "release")
                  (*held)(message_view{std::string_view{"tail"}}, harpia::last_part::yes);
                next(part, last);
              }})
      .ws("/",
          {.message_part =
               [&](auto&, message_view part, harpia::last_part) {
                 parts.emplace_back(part.text());
                 if (part.text() == "head")
                   throw std::runtime_error{"no"};
               }},
          {.on_crash = harpia::on_crash::restart});
  auto client = world.connect("/");
  client.send_frame({.opcode = 1U, .payload = "head", .final = false});
  client.send_frame({.opcode = 0U, .payload = "tail", .final = true});
  client.send("release");
  world.run();
  BOOST_TEST(parts == (std::vector<std::string>{"head", "release"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
