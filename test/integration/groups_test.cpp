// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "facade/access.hpp"

#include "support/event_log.hpp"
#include "support/memory_in_use.hpp"
#include "support/raw_client.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace test = harpia::test;
using harpia::audience;
using harpia::message_view;
using harpia::receipt;
using harpia::detail::access;

namespace {

using namespace std::chrono_literals;

harpia::listen_options loopback(unsigned threads) {
  return {.port = 0, .hostname = "127.0.0.1", .threads = threads};
}

std::string numbers(const receipt& sum) {
  return std::to_string(sum.accepted) + ' ' + std::to_string(sum.buffered) + ' ' + std::to_string(sum.dropped);
}

/// An app whose members join the group "room", say "joined", and then publish what they are sent.
struct room {
  explicit room(unsigned threads, harpia::route_options options = {}) {
    app.ws(
        "/room",
        {
            .open =
                [](auto& ws) {
                  ws.subscribe("room");
                  ws.send("joined");
                },
            .message =
                [this](auto& ws, message_view message) {
                  const auto text = message.text();
                  if (text == "leave") {
                    ws.unsubscribe("room");
                    ws.send("left");
                  } else if (text == "three") {
                    ws.send("a");
                    ws.publish("room", "b", {.audience = audience::everyone});
                    ws.send("c");
                  } else if (text.starts_with("asked ")) {
                    ws.publish("room", text, {.on_receipt = [this](const receipt& sum) { log.add("receipt " + numbers(sum)); }});
                  } else if (text == "cut") {
                    ws.terminate();
                  } else {
                    ws.publish("room", text, {.audience = text.starts_with("all ") ? audience::everyone : audience::others});
                  }
                },
            .close = [this](auto&, harpia::close_code, std::string_view) { log.add("closed"); },
        },
        options);
    app.start(loopback(threads));
  }

  test::raw_client member(int receive_buffer = 0) {
    auto client = test::raw_client::tcp(app.port(), {.receive_buffer = receive_buffer});
    BOOST_REQUIRE(client.upgrade("/room").status == 101);
    BOOST_REQUIRE(client.read_text() == "joined");
    return client;
  }

  test::event_log log;
  harpia::app app;
};

} // namespace

BOOST_AUTO_TEST_SUITE(groups)

BOOST_AUTO_TEST_CASE(a_message_goes_to_the_others_or_to_everyone_on_whatever_loop) {
  room hall{3};
  std::vector<test::raw_client> members;
  for (int i = 0; i < 6; ++i)
    members.push_back(hall.member());
  BOOST_TEST(hall.app.group("room").size() == 6U);
  members[0].send_text("hello");
  members[0].send_text("all of you");
  for (std::size_t i = 1; i < members.size(); ++i)
    BOOST_TEST(members[i].read_text() == "hello");
  for (auto& each : members)
    BOOST_TEST(each.read_text() == "all of you");
}

BOOST_AUTO_TEST_CASE(what_a_connection_sends_and_publishes_arrives_in_the_order_of_its_calls) {
  room hall{2};
  auto publisher = hall.member();
  auto other = hall.member();
  for (int i = 0; i < 100; ++i) {
    publisher.send_text("three");
    for (const auto* expected : {"a", "b", "c"})
      BOOST_REQUIRE(publisher.read_text() == expected);
    BOOST_REQUIRE(other.read_text() == "b");
  }
}

BOOST_AUTO_TEST_CASE(a_member_that_leaves_or_ends_is_no_member_any_more) {
  room hall{2};
  auto stays = hall.member();
  auto leaves = hall.member();
  auto cut = hall.member();
  auto resets = hall.member();
  leaves.send_text("leave");
  BOOST_TEST(leaves.read_text() == "left");
  cut.send_text("cut");
  resets.reset();
  hall.log.wait_for("closed", 2);
  BOOST_TEST(hall.app.group("room").size() == 1U);
  hall.app.publish("room", "only you");
  BOOST_TEST(stays.read_text() == "only you");
  leaves.send_text("leave");
  BOOST_TEST(leaves.read_text() == "left"); // and nothing before
}

BOOST_AUTO_TEST_CASE(groups_are_isolated_by_name) {
  room hall{1};
  auto member = hall.member();
  hall.app.publish("Room", "not for you");
  hall.app.publish("", "neither");
  hall.app.publish("room", "for you");
  BOOST_TEST(member.read_text() == "for you");
}

BOOST_AUTO_TEST_CASE(a_receipt_counts_what_became_of_the_message) {
  room hall{3};
  std::vector<test::raw_client> members;
  for (int i = 0; i < 5; ++i)
    members.push_back(hall.member());
  members[0].send_text("asked by a member");
  hall.log.wait_for("receipt 4 0 0");
  hall.app.group("room").publish(
      "asked from outside", {.on_receipt = [&](const receipt& sum) { hall.log.add("outside " + numbers(sum)); }});
  hall.log.wait_for("outside 5 0 0");
  hall.app.publish("empty", "hello?", {.on_receipt = [&](const receipt& sum) { hall.log.add("empty " + numbers(sum)); }});
  hall.log.wait_for("empty 0 0 0");
}

BOOST_AUTO_TEST_CASE(a_member_that_does_not_read_harms_itself_only) {
  room hall{2, {.high_watermark = 32 << 10, .low_watermark = 16 << 10, .max_buffered = 64 << 10}};
  auto reads = hall.member();
  auto stuck = hall.member(4096);
  std::atomic<std::size_t> dropped = 0;
  const std::string payload(20'000, 'x');
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) {
    hall.app.publish("room", std::to_string(i) + payload, {.on_receipt = [&](const receipt& sum) { dropped += sum.dropped; }});
    BOOST_REQUIRE(reads.read_text() == std::to_string(i) + payload);
  }
  BOOST_TEST(dropped > 0U);
  BOOST_TEST(dropped < static_cast<std::size_t>(count));
}

BOOST_AUTO_TEST_CASE(every_member_sees_one_order_while_others_come_and_go) {
  constexpr int publishers = 8;
  constexpr int messages = 100;
  constexpr std::size_t members = 100;
  room hall{3};
  std::vector<test::raw_client> listeners;
  for (std::size_t i = 0; i < members; ++i)
    listeners.push_back(hall.member());

  std::vector<std::thread> threads;
  for (int who = 0; who < publishers; ++who)
    threads.emplace_back([&, who] {
      if (who % 2 == 0) { // from outside, or as a member
        for (int i = 0; i < messages; ++i)
          hall.app.publish("room", std::to_string(who) + ' ' + std::to_string(i));
        return;
      }
      auto client = test::raw_client::tcp(hall.app.port());
      client.upgrade("/room");
      for (int i = 0; i < messages; ++i)
        client.send_text(std::to_string(who) + ' ' + std::to_string(i));
      client.send_close(1000);
      while (client.read_frame_or_eof()) {
      }
    });
  std::atomic<bool> publishing = true;
  std::thread guests{[&] {
    for (int i = 0; publishing; ++i) {
      auto guest = test::raw_client::tcp(hall.app.port());
      guest.upgrade("/room");
      if (i % 3 == 0)
        guest.reset(); // in the middle of a fan-out, perhaps with a frame of it half written
      else if (i % 3 == 1)
        guest.send_text("cut");
      else
        guest.send_text("leave");
    }
  }};
  for (auto& each : threads)
    each.join();
  publishing = false;
  guests.join();

  std::vector<std::string> order;
  for (std::size_t i = 0; i < members; ++i) {
    std::vector<std::string> seen;
    for (int k = 0; k < publishers * messages; ++k)
      seen.push_back(listeners[i].read_text());
    if (i == 0)
      order = seen;
    BOOST_TEST((seen == order), "member " << i << " saw another order");
  }
  std::map<std::string, int> next;
  for (const auto& text : order) {
    const auto space = text.find(' ');
    BOOST_TEST(std::stoi(text.substr(space + 1)) == next[text.substr(0, space)]++);
  }
}

BOOST_AUTO_TEST_CASE(members_that_die_in_the_middle_of_a_fan_out_cost_the_others_nothing) {
  constexpr int messages = 300;
  room hall{3};
  std::vector<test::raw_client> stay;
  for (int i = 0; i < 12; ++i)
    stay.push_back(hall.member());
  std::vector<test::raw_client> die;
  for (int i = 0; i < 30; ++i)
    die.push_back(hall.member(i % 2 == 0 ? 4096 : 0));
  const std::string payload(5'000, 'x'); // more than copied, so that shared frames are in the queues of those that die
  std::atomic<int> published = 0;
  std::atomic<std::size_t> accepted = 0;
  std::jthread publisher{[&] {
    for (; published < messages; ++published)
      hall.app.publish("room", std::to_string(published) + payload,
                       {.on_receipt = [&](const receipt& sum) { accepted += sum.accepted; }});
  }};
  for (std::size_t i = 0; i < die.size(); ++i) {
    for (const auto enough = static_cast<int>(i) * messages / 40; published < enough;)
      std::this_thread::yield();
    if (i % 3 == 0)
      die[i].reset();
    else if (i % 3 == 1)
      die[i].send_text("cut");
    else
      die[i].send_close(1000);
  }
  for (auto& each : stay)
    for (int i = 0; i < messages; ++i)
      BOOST_REQUIRE((each.read_text() == std::to_string(i) + payload));
  hall.log.wait_for("closed", die.size());
  BOOST_TEST(hall.app.group("room").size() == stay.size());
  BOOST_TEST(accepted >= stay.size() * messages);
}

namespace {

// A build with sanitizers takes its time.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int a_million = 50'000;
#else
constexpr int a_million = 1'000'000;
#endif

} // namespace

BOOST_AUTO_TEST_CASE(a_million_groups_come_and_go) {
  constexpr int batch = 10'000;
  harpia::app app;
  app.ws("/many", {.message = [](auto& ws, message_view message) {
           const auto first = std::stoi(std::string{message.text()});
           for (int i = first; i < first + batch; ++i)
             ws.subscribe("group " + std::to_string(i));
           const auto sum = ws.subscriptions().size();
           ws.publish("group " + std::to_string(first), "one of them", {.audience = audience::everyone});
           for (int i = first; i < first + batch; ++i)
             ws.unsubscribe("group " + std::to_string(i));
           ws.send(std::to_string(sum) + ' ' + std::to_string(ws.subscriptions().size()));
         }});
  app.start(loopback(2));
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/many").status == 101);
  const auto run = [&](int first) {
    client.send_text(std::to_string(first));
    BOOST_REQUIRE(client.read_text() == "one of them");
    BOOST_REQUIRE(client.read_text() == std::to_string(batch) + " 0");
  };
  run(0);
  const auto before = test::memory_in_use();
  for (int first = batch; first < a_million; first += batch)
    run(first);
  BOOST_TEST(test::memory_in_use() < before + std::size_t{33} * a_million); // nothing of a group could be kept in so little
}

BOOST_AUTO_TEST_CASE(a_million_groups_are_there_at_once) {
  harpia::app app;
  app.start(loopback(1));
  std::vector<harpia::group> groups;
  groups.reserve(a_million);
  for (int i = 0; i < a_million; ++i)
    groups.push_back(app.group("group " + std::to_string(i)));
  groups.front().publish("to nobody");
  BOOST_TEST((access::state(app.group("group 7")) == access::state(groups[7])));
  const auto address = std::weak_ptr{access::state(groups[7])};
  groups.clear();
  BOOST_TEST(address.expired());
  BOOST_TEST(app.group("group 7").size() == 0U);
}

BOOST_AUTO_TEST_CASE(a_typed_group_encodes_a_value_once) {
  room hall{2};
  auto one = hall.member();
  auto other = hall.member();
  int encoded = 0;
  const harpia::group_of<int> counters{hall.app.group("room"), [&](const int& value) {
                                         ++encoded;
                                         return "value " + std::to_string(value);
                                       }};
  counters.publish(7);
  BOOST_TEST(one.read_text() == "value 7");
  BOOST_TEST(other.read_text() == "value 7");
  BOOST_TEST(encoded == 1);
}

BOOST_AUTO_TEST_CASE(who_joins_watches_and_leaves_again_and_again_leaves_no_memory_behind) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  harpia::app app{system};
  app.start(loopback(1));
  const auto room = app.group("room");
  const auto group = harpia::as_actor(room);
  caf::scoped_actor self{system};
  const auto fail = [](const caf::error&) { BOOST_FAIL("the group did not answer"); };
  const auto come_and_go = [&](int times) {
    for (int i = 0; i < times; ++i) {
      self->request(group, caf::infinite, harpia::join_atom::value).receive([] {}, fail);
      self->request(group, caf::infinite, harpia::watch_atom::value).receive([](std::uint64_t) {}, fail);
      self->request(group, caf::infinite, harpia::leave_atom::value).receive([] {}, fail);
      self->request(group, caf::infinite, harpia::unwatch_atom::value).receive([] {}, fail);
    }
    // Takes the events of members that came while it watched.
    for (bool is_empty = false; !is_empty;)
      self->receive([](const harpia::event::joined&) {}, [](const harpia::event::left&) {},
                    caf::after(0s) >> [&] { is_empty = true; });
  };
  come_and_go(100);
  const auto before = test::allocated_memory();
  constexpr int times = 2000;
  come_and_go(times);
  const auto after = test::allocated_memory();
  BOOST_TEST((after < before || (after - before) / times < 16), after << " bytes after " << before);
  BOOST_TEST(room.size() == 0u);
}

BOOST_AUTO_TEST_CASE(an_actor_joins_publishes_watches_and_leaves) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  harpia::app app{system};
  app.ws("/room", {.open = [](auto& ws) {
           ws.subscribe("room");
           ws.send("joined");
         }});
  app.start(loopback(2));
  const auto group = harpia::as_actor(app.group("room"));
  BOOST_REQUIRE(group);
  caf::scoped_actor self{system};
  const auto fail = [](const caf::error&) { BOOST_FAIL("the group did not answer"); };

  self->request(group, 10s, harpia::join_atom::value).receive([] {}, fail);
  self->request(group, 10s, harpia::watch_atom::value).receive([](std::uint64_t size) { BOOST_TEST(size == 1U); }, fail);
  auto client = test::raw_client::tcp(app.port());
  client.upgrade("/room");
  BOOST_TEST(client.read_text() == "joined");
  bool came = false;
  self->receive([&](const harpia::event::joined& event) { came = event.group == "room" && event.who != self; });
  BOOST_TEST(came);

  self->request(group, 10s, harpia::publish_atom::value, std::string{"hello"})
      .receive(
          [](std::uint64_t accepted, std::uint64_t buffered, std::uint64_t dropped) {
            BOOST_TEST(accepted == 2U);
            BOOST_TEST(buffered == 0U);
            BOOST_TEST(dropped == 0U);
          },
          fail);
  BOOST_TEST(client.read_text() == "hello");
  std::string heard;
  self->receive([&](const harpia::group_message& message) { heard = message.view().text(); });
  BOOST_TEST(heard == "hello");
  self->request(group, 10s, harpia::members_atom::value)
      .receive([](const harpia::group_members& all) { BOOST_TEST(all.actors.size() == 2U); }, fail);

  client.send_close(1000);
  bool went = false;
  self->receive([&](const harpia::event::left& event) { went = event.group == "room"; });
  BOOST_TEST(went);
  self->request(group, 10s, harpia::leave_atom::value).receive([] {}, fail);
  BOOST_TEST(app.group("room").size() == 0U);
}

namespace {

/// Watches a group and keeps the sum of what it is told.
class watcher {
public:
  watcher(caf::actor_system& system, caf::actor group) : self_{system}, group_{std::move(group)} {}

  void watch() {
    self_->request(group_, 10s, harpia::watch_atom::value)
        .receive([&](std::uint64_t size) { sum_ = static_cast<std::int64_t>(size); }, [&](const caf::error&) { sum_ = -1; });
  }

  void unwatch() {
    self_->request(group_, 10s, harpia::unwatch_atom::value).receive([] {}, [](const caf::error&) {});
  }

  /// What there should be now that nobody comes or goes.
  std::int64_t sum() {
    // Its answer comes behind everything that it was told before.
    self_->request(group_, 10s, harpia::members_atom::value)
        .receive([](const harpia::group_members&) {}, [](const caf::error&) {});
    self_->send(self_, caf::atom("end"));
    bool more = true;
    self_->receive_while(more)([&](const harpia::event::joined&) { ++sum_; }, [&](const harpia::event::left&) { --sum_; },
                               [&](caf::atom_value) { more = false; });
    return sum_;
  }

private:
  caf::scoped_actor self_;
  caf::actor group_;
  std::int64_t sum_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(what_a_watcher_is_told_adds_up_with_the_number_it_was_answered) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  harpia::app app{system};
  app.ws("/restless", {.message = [](auto& ws, message_view message) {
           for (int i = 0; i < 200; ++i) {
             ws.subscribe("room");
             ws.unsubscribe("room");
           }
           if (message.text() == "stay")
             ws.subscribe("room");
           ws.send("done");
         }});
  app.start(loopback(3));
  const auto room = app.group("room");
  std::vector<test::raw_client> members;
  for (int i = 0; i < 3; ++i) {
    members.push_back(test::raw_client::tcp(app.port()));
    BOOST_REQUIRE(members.back().upgrade("/restless").status == 101);
  }
  watcher first{system, harpia::as_actor(room)};
  watcher second{system, harpia::as_actor(room)};
  for (int round = 0; round < 40; ++round) {
    for (std::size_t i = 0; i < members.size(); ++i)
      members[i].send_text((static_cast<std::size_t>(round) >> i) % 2 == 0 ? "stay" : "go");
    first.watch();
    second.watch();
    first.unwatch(); // what was sent meanwhile is on its way
    (void)first.sum();
    first.watch();
    for (auto& each : members)
      BOOST_REQUIRE(each.read_text() == "done");
    const auto size = static_cast<std::int64_t>(room.size());
    BOOST_TEST(first.sum() == size, "in round " << round);
    BOOST_TEST(second.sum() == size, "in round " << round);
    first.unwatch();
    second.unwatch();
  }
}

BOOST_AUTO_TEST_CASE(a_handle_that_was_moved_from_refers_to_no_group) {
  room served{1};
  auto first = served.app.group("room");
  const auto second = std::move(first);
  BOOST_TEST(second.name() == "room");
  BOOST_TEST(first.name() == ""); // NOLINT(bugprone-use-after-move): it is what this test is about
  BOOST_TEST(first.size() == 0u);
  first.publish("nobody hears it");
  BOOST_TEST(!harpia::as_actor(first));
}

BOOST_AUTO_TEST_SUITE_END()
