// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/acting.hpp"
#include "support/diary.hpp"
#include "testing/frames.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace testing = harpia::testing;
using harpia::close_code;
using harpia::message_view;
using harpia::send_status;
using harpia::test::diary_world;
using harpia::test::names;

namespace {

using namespace std::string_literals;

} // namespace

BOOST_AUTO_TEST_SUITE(kit_faults)

// Slow clients

BOOST_AUTO_TEST_CASE(a_client_that_stops_reading_is_waited_for_and_drained) {
  testing::world world{{.kernel_buffer = 0}};
  harpia::test::diary seen;
  std::vector<send_status> answers;
  auto callbacks = seen.callbacks();
  callbacks.message = [&](auto& ws, message_view) {
    for (int i = 0; i < 3; ++i)
      answers.push_back(ws.send(std::string(1000, static_cast<char>('a' + i))));
  };
  world.app().ws("/", std::move(callbacks), {.high_watermark = 1500, .low_watermark = 500, .max_buffered = 2500});
  auto client = world.connect("/");
  client.stop_reading();
  client.send("flood me");
  BOOST_TEST((answers == std::vector{send_status::sent, send_status::buffered, send_status::dropped}));
  BOOST_TEST(seen.lines.empty());
  BOOST_TEST(!client.try_received());
  client.resume_reading();
  BOOST_TEST(client.received().front() == 'a');
  BOOST_TEST(client.received().front() == 'b');
  BOOST_TEST(!client.try_received());
  BOOST_TEST(seen.lines == (names{"drain"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_client_that_stops_reading_costs_nobody_else_anything) {
  testing::world world{[](harpia::app& app) {
    app.ws("/", {.open = [](auto& ws) { ws.subscribe("all"); }},
           {.max_buffered = 100 << 10, .on_limit = harpia::on_limit::close});
  }};
  auto slow = world.connect("/");
  auto fast = world.connect("/");
  slow.stop_reading();
  for (int i = 0; i < 1000; ++i) {
    world.app().publish("all", std::string(1000, '.'));
    BOOST_REQUIRE(fast.received().size() == 1000);
  }
  BOOST_TEST(fast.is_open());
  slow.resume_reading();
  BOOST_REQUIRE(slow.closed());
  BOOST_TEST((slow.closed()->code == close_code::try_again_later));
}

BOOST_AUTO_TEST_CASE(a_full_mailbox_refuses_and_loses_nothing_that_it_took) {
  diary_world app{{.high_watermark = 4 << 10, .low_watermark = 1 << 10, .max_buffered = 8 << 10}};
  auto client = app.world.connect("/diary");
  const auto taken = app.world.fill_mailbox(app.seen.open.front());
  BOOST_TEST(taken > 0);
  BOOST_TEST((app.seen.open.front().send("one more") == send_status::dropped));
  BOOST_TEST(client.received_all().size() == taken);
  BOOST_TEST((app.seen.open.front().send("again") == send_status::sent));
  BOOST_TEST(app.seen.lines == (names{"drain"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_that_does_not_read_is_felt_by_its_client) {
  testing::world world;
  harpia::handle paused;
  std::function<void()> resume;
  world.app().ws("/", {.message = [&](auto& ws, message_view) {
                   ws.pause();
                   resume = [&ws] { ws.resume(); };
                 }});
  world.app().get("/resume", [&](const harpia::request&) {
    resume();
    return harpia::http_response{};
  });
  auto client = world.connect("/");
  client.send("stop reading, please");
  for (int i = 0; i < 100; ++i)
    client.send_raw(testing::client::encode({.opcode = 9, .payload = "ping"}));
  BOOST_TEST(client.unsent() == 0); // the kernel holds it
  client.send(std::string(200 << 10, 'x'));
  BOOST_TEST(client.unsent() > 0);
  BOOST_TEST(world.get("/resume").status == 200);
  BOOST_TEST(client.unsent() == 0);
}

// Clients that break things

BOOST_AUTO_TEST_CASE(garbage_gets_1002) {
  diary_world app;
  for (const auto& what : {testing::frame{.opcode = 3}, testing::frame{.reserved = 1}, testing::frame{.reserved = 4},
                           testing::frame{.mask = testing::frame::masking::unmasked}, testing::frame{.opcode = 9, .final = false},
                           testing::frame{.opcode = 0, .payload = "continues nothing"}}) {
    auto client = app.world.connect("/diary");
    client.send_frame(what);
    BOOST_REQUIRE(client.closed());
    BOOST_TEST((client.closed()->code == close_code::protocol_error));
  }
  auto client = app.world.connect("/diary");
  client.send_raw(std::string(16, '\xff'));
  BOOST_TEST((client.closed().value().code == close_code::protocol_error));
  auto latin = app.world.connect("/diary");
  latin.send("\xe4");
  BOOST_TEST((latin.closed().value().code == close_code::invalid_payload));
}

BOOST_AUTO_TEST_CASE(a_client_may_end_in_the_middle_of_a_message) {
  diary_world app;
  auto client = app.world.connect("/diary");
  client.send_raw(testing::client::encode({.payload = "never whole"}).substr(0, 7));
  client.cut();
  BOOST_TEST(app.seen.lines == (names{"error", "close 1006 "}), boost::test_tools::per_element());
  BOOST_TEST((client.closed().value().code == close_code::abnormal));
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_reset_ends_with_1006) {
  diary_world app;
  auto client = app.world.connect("/diary");
  client.reset();
  BOOST_TEST(app.seen.lines == (names{"error", "close 1006 "}), boost::test_tools::per_element());
  BOOST_TEST((client.closed().value().code == close_code::abnormal));
  BOOST_TEST(app.world.app().connections() == 0);
}

BOOST_AUTO_TEST_CASE(bytes_may_come_one_by_one) {
  diary_world app;
  auto client = app.world.connect("/diary");
  client.send_in_pieces(testing::client::encode({.payload = "hello"}), 1);
  client.send_in_pieces(
      testing::client::encode({.payload = "wor", .final = false}) + testing::client::encode({.opcode = 0, .payload = "ld"}), 3);
  BOOST_TEST(client.received() == "hello");
  BOOST_TEST(client.received() == "world");
}

BOOST_AUTO_TEST_CASE(a_member_that_dies_leaves_its_group) {
  testing::world world;
  std::vector<harpia::handle> members;
  world.app().ws("/", {.open = [&](auto& ws) {
                   ws.subscribe("all");
                   members.push_back(ws.handle());
                 }});
  auto victim = world.connect("/");
  auto witness = world.connect("/");
  world.kill(members.front());
  BOOST_REQUIRE(victim.closed());
  BOOST_TEST((victim.closed()->code == close_code::internal_error));
  BOOST_TEST(world.app().group("all").size() == 1);
  world.app().publish("all", "who is there?");
  BOOST_TEST(witness.received() == "who is there?");
}

BOOST_AUTO_TEST_CASE(an_actor_among_the_members_may_die_as_well) {
  testing::world world;
  world.app().ws("/", {.open = [](auto& ws) { ws.subscribe("all"); }});
  const auto client = world.connect("/");
  const auto room = world.app().group("all");
  const auto member = harpia::test::spawn(world.system(), [room](caf::event_based_actor* self) -> caf::behavior {
    self->send(harpia::as_actor(room), harpia::join_atom::value);
    self->set_default_handler(caf::drop);
    return {[](const harpia::group_message&) {}};
  });
  world.run();
  BOOST_TEST(room.size() == 2);
  world.kill(member);
  BOOST_TEST(room.size() == 1);
}

BOOST_AUTO_TEST_CASE(a_client_is_strict_about_what_a_server_sends) {
  const auto first = [](std::string_view bytes) { return testing::first_frame(bytes, testing::role::server); };
  BOOST_TEST(!first("\x81"));
  BOOST_TEST(!first("\x81\x02x"));
  BOOST_TEST(first("\x81\x02xy").value().payload == "xy");
  for (const auto& wrong : {"\x81\x80zzzz"s, "\xc1\x01x"s, "\x09\x01x"s, "\x81\x7e\0\x01x"s, "\x89\x7e\0\x7e"s})
    BOOST_CHECK_THROW(std::ignore = first(wrong), std::runtime_error);
  BOOST_CHECK_THROW((void)testing::decode_closing("\x03", testing::role::server), std::runtime_error);
  BOOST_CHECK_THROW((void)testing::decode_closing("\x03\xee", testing::role::server), std::runtime_error); // 1006
  BOOST_CHECK_THROW(testing::check_upgrade({.status = 101}, testing::extensions::none), std::runtime_error);
  BOOST_CHECK_THROW((void)testing::parse_head("SSH-2.0\r\n\r\n"), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
