// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/acting.hpp"
#include "support/event_log.hpp"
#include "support/memory_in_use.hpp"
#include "support/raw_client.hpp"

#include <harpia/access_log.hpp>
#include <harpia/actor_middleware.hpp>
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/rate_limit.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test = harpia::test;
namespace testing = harpia::testing;
using harpia::close_code;
using harpia::last_part;
using harpia::message_view;
using harpia::no_data;
using harpia::socket;
using harpia::socket_base;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

using strings = std::vector<std::string>;

const char* mark(last_part last) {
  return last == last_part::yes ? "." : "+";
}

/// Writes down what its handlers get.
struct fixture {
  [[nodiscard]] harpia::handlers<no_data> writing() {
    return {
        .open = [this](auto&) { lines.emplace_back("open"); },
        .message_part =
            [this](auto&, message_view part, last_part last) {
              lines.push_back((part.is_text() ? "text "s : "binary "s) + std::string{part.text()} + mark(last));
            },
        .close = [this](auto&, close_code, std::string_view) { lines.emplace_back("close"); },
        .error = [this](auto&, const harpia::error&) { lines.emplace_back("error"); },
    };
  }

  strings lines;
};

/// Begins a text message of two frames, or goes on with it.
void send_fragment(testing::client& client, std::string_view text, bool first, bool last) {
  client.send_frame({.opcode = first ? 1U : 0U, .payload = std::string{text}, .final = last});
}

struct upload {
  std::size_t size = 0;
  bool is_as_sent = true;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(message_parts, fixture)

BOOST_AUTO_TEST_CASE(messages_come_in_parts_and_each_has_one_last_part) {
  testing::world world{[&](auto& app) { app.ws("/", writing()); }};
  auto client = world.connect("/");
  client.send("whole");
  client.send_binary("b");
  send_fragment(client, "in ", true, false);
  client.ping("in between");
  send_fragment(client, "frames", false, false);
  send_fragment(client, "", false, true);
  client.send("");
  BOOST_TEST(lines == (strings{"open", "text whole.", "binary b.", "text in +", "text frames+", "text .", "text ."}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_that_ends_within_a_message_ends_without_its_last_part) {
  testing::world world{[&](auto& app) { app.ws("/", writing()); }};
  auto client = world.connect("/");
  send_fragment(client, "begun", true, false);
  client.close();
  BOOST_TEST(lines == (strings{"open", "text begun+", "close"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_quarter_of_a_gibibyte_needs_little_memory) {
  constexpr std::size_t size = std::size_t{256} << 20;
  constexpr std::size_t step = std::size_t{1} << 20;
  harpia::app app;
  app.ws<upload>("/",
                 {.message_part =
                      [](auto& ws, message_view part, last_part last) {
                        const auto expected = static_cast<char>('a' + ws.data.size / step % 26);
                        ws.data.is_as_sent &= part.empty() || part.text().front() == expected;
                        ws.data.size += part.size();
                        if (last == last_part::yes)
                          ws.send(std::to_string(ws.data.size) + (ws.data.is_as_sent ? " as sent" : " garbled"));
                      }},
                 {.max_payload = std::size_t{1} << 30});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/").status == 101);
  const auto before = test::memory_in_use();
  std::size_t most = before;
  const auto none = test::mask_key{};
  auto head = test::encode_frame({.opcode = test::opcode::binary, .payload = std::string(70'000, ' ')}, none).substr(0, 14);
  for (int i = 0; i < 8; ++i) // the frame's length, in network order
    head[static_cast<std::size_t>(2 + i)] = static_cast<char>(size >> (56 - 8 * i) & 0xFF);
  client.send_raw(head);
  for (std::size_t sent = 0; sent < size; sent += step) {
    client.send_raw(std::string(step, static_cast<char>('a' + sent / step % 26)));
    most = std::max(most, test::memory_in_use());
  }
  BOOST_TEST(client.read_text() == std::to_string(size) + " as sent");
  BOOST_TEST(most - before < std::size_t{16} << 20);
  app.stop();
  app.wait();
}

BOOST_AUTO_TEST_CASE(while_a_reply_is_awaited_no_part_comes) {
  testing::world world;
  caf::response_promise held;
  const auto store = test::spawn(world.system(), [&held](caf::event_based_actor* self) -> caf::behavior {
    return {[&held, self](const std::string&) {
      held = self->make_response_promise();
      return held;
    }};
  });
  auto handlers = writing();
  handlers.message_part = [&, write = handlers.message_part](auto& ws, message_view part, last_part last) {
    write(ws, part, last);
    ws.self().request(store, 60s, std::string{part.text()}).await([this] { lines.emplace_back("stored"); });
  };
  world.app().ws("/", handlers);
  auto client = world.connect("/");
  send_fragment(client, "one", true, false);
  send_fragment(client, "two", false, false);
  send_fragment(client, "three", false, true);
  BOOST_TEST(lines.back() == "text one+");
  for (const auto* next : {"text two+", "text three."}) {
    held.deliver(caf::unit);
    world.run();
    BOOST_TEST(lines.back() == next);
  }
}

BOOST_AUTO_TEST_CASE(the_rest_of_a_message_that_a_restart_cuts_in_two_is_nobodys) {
  testing::world world;
  auto handlers = writing();
  handlers.message_part = [write = handlers.message_part](auto& ws, message_view part, last_part last) {
    write(ws, part, last);
    if (part.text().starts_with("bad"))
      throw std::runtime_error{"bad"};
  };
  world.app().use(harpia::rate_limit({.rate = 0.001, .burst = 3, .on_excess = harpia::on_excess::discard}));
  world.app().ws("/", handlers, {.on_crash = harpia::on_crash::restart});
  auto client = world.connect("/");
  send_fragment(client, "bad", true, false);
  send_fragment(client, "rest", false, false);
  send_fragment(client, "of it", false, true);
  client.send("bad at its end");
  client.send("good");
  client.send("one too many");
  BOOST_TEST(lines == (strings{"open", "text bad+", "error", "open", "text bad at its end.", "error", "open", "text good."}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_closes_with_1011) {
  testing::world world;
  auto handlers = writing();
  handlers.message_part = [](auto&, message_view, last_part) { throw std::runtime_error{"no"}; };
  world.app().ws("/", handlers);
  auto client = world.connect("/");
  send_fragment(client, "begun", true, false);
  BOOST_TEST((client.closed().value().code == close_code::internal_error));
}

BOOST_AUTO_TEST_CASE(a_client_takes_parts_too) {
  testing::world world;
  auto server = world.listen("backend");
  world.start();
  const auto other = harpia::connect(world.app(), "ws://backend/", writing());
  auto end = server.accept();
  end.send_frame({.payload = "in ", .final = false});
  end.send_frame({.opcode = 0, .payload = "parts"});
  BOOST_TEST(lines == (strings{"open", "text in +", "text parts."}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_behaviour_may_leave_the_parts_to_a_callback) {
  testing::world world;
  world.app().ws<no_data>(
      "/", {.message_part =
                [this](auto& ws, message_view part, last_part) {
                  lines.emplace_back(part.text());
                  ws.send(part);
                },
            .behaviour = [this](harpia::connection<no_data>*) -> caf::behavior {
              return {[this](harpia::event::opened) { lines.emplace_back("behaviour"); }};
            }});
  auto client = world.connect("/");
  client.send("part");
  BOOST_TEST(client.received() == "part");
  BOOST_TEST(lines == (strings{"behaviour", "part"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(layers_see_parts_and_may_hold_them_back_or_change_them) {
  testing::world world;
  world.app().use({.message = [](socket_base&, message_view, const harpia::next_handler&) { BOOST_ERROR("no whole message"); },
                   .message_part =
                       [](socket_base&, message_view part, last_part last, const harpia::next_part_handler& next) {
                         if (part.text() != "secret")
                           next(std::string_view{"<" + std::string{part.text()} + ">"}, last);
                       }});
  world.app().use({.open = [](socket_base& ws) { ws.send("hello"); }}); // one without either
  world.app().ws("/", writing());
  auto client = world.connect("/");
  BOOST_TEST(client.received() == "hello");
  send_fragment(client, "open", true, false);
  send_fragment(client, "secret", false, false);
  send_fragment(client, "end", false, true);
  BOOST_TEST(lines == (strings{"open", "text <open>+", "text <end>."}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_rate_limit_counts_messages_and_not_parts) {
  testing::world world;
  world.app().use(harpia::rate_limit({.rate = 0.001, .burst = 2}));
  world.app().ws("/", writing());
  auto client = world.connect("/");
  for (int i = 0; i < 2; ++i) {
    send_fragment(client, "a", true, false);
    send_fragment(client, "b", false, false);
    send_fragment(client, "c", false, true);
  }
  BOOST_TEST(client.is_open());
  send_fragment(client, "one too many", true, false);
  BOOST_TEST((client.closed().value().code == close_code::policy_violation));
  BOOST_TEST(lines.size() == 1u + 2 * 3 + 1);
}

BOOST_AUTO_TEST_CASE(an_access_log_counts_messages_and_all_bytes) {
  harpia::traffic received;
  testing::world world;
  world.app().use(harpia::access_log([&](const harpia::access_record& record) { received = record.received; }));
  world.app().ws("/", writing());
  auto client = world.connect("/");
  send_fragment(client, "abc", true, false);
  send_fragment(client, "de", false, true);
  client.send("f");
  client.close();
  BOOST_TEST(received.messages == 2u);
  BOOST_TEST(received.bytes == 6u);
}

BOOST_AUTO_TEST_CASE(a_layer_that_sees_whole_messages_only_is_refused) {
  const harpia::middleware blind{.message = [](socket_base&, message_view message, const harpia::next_handler& next) {
    next(message);
  }};
  harpia::app app;
  app.ws("/before", writing());
  app.use(blind);
  BOOST_CHECK_THROW(app.ws("/", writing()), std::invalid_argument);
  harpia::router mounted;
  mounted.ws("/mounted", writing());
  BOOST_CHECK_THROW(app.routes(mounted), std::invalid_argument);

  testing::world world;
  world.app().use([blind] { return blind; });
  world.app().ws("/", writing());
  BOOST_TEST(world.connect("/").refusal().value().status == 500);
  BOOST_TEST(lines.empty());
}

BOOST_AUTO_TEST_CASE(whole_messages_or_parts_but_not_both) {
  auto both = writing();
  both.message = [](auto&, message_view) {};
  harpia::app app;
  BOOST_CHECK_THROW(app.ws("/", both), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(calls_do_not_go_with_parts) {
  const harpia::route_options with_calls{.calls = harpia::calls::enabled};
  harpia::app app;
  BOOST_CHECK_THROW(app.ws("/", writing(), with_calls), std::invalid_argument);
  BOOST_CHECK_THROW((void)harpia::connect(app, "ws://127.0.0.1:1/", writing(), {.route = with_calls}), std::invalid_argument);

  harpia::app by_default{{.route = with_calls}};
  by_default.ws("/own", writing(), {.calls = harpia::calls::disabled});
  BOOST_CHECK_EXCEPTION(by_default.ws("/uploads", writing()), std::invalid_argument, [](const auto& failure) {
    return std::string_view{failure.what()}.find("/uploads") != std::string_view::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
