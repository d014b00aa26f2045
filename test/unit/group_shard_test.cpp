// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "groups/group_shard.hpp"

#include "net/event_loop.hpp"
#include "websocket/frame.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace detail = harpia::detail;
namespace websocket = harpia::websocket;
using harpia::receipt;

namespace {

struct listener final : detail::group_member {
  explicit listener(detail::group_shard& where) : shard{&where} { shard->subscribe(*this, subscriptions, "room"); }
  ~listener() { shard->unsubscribe_all(*this, subscriptions); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  void deliver(const detail::publication&, receipt& sum) override {
    ++delivered;
    ++sum.accepted;
  }
  caf::strong_actor_ptr actor() override { return nullptr; }

  detail::group_shard* shard;
  detail::group_shard::subscriptions subscriptions;
  std::size_t delivered = 0;
};

/// Two loops that never turn, so that what is published waits until the test has them catch up.
struct two_loops {
  /// Publishes until the inboxes hold no more.
  void fill() {
    const auto large = websocket::make_frame(std::string_view{std::string(16 << 20, 'x')}); // shared, so it is there once
    for (std::size_t filled = 0; filled + large->bytes().size() <= detail::group_shard::max_inbox;
         filled += large->bytes().size())
      room->publish(large);
    one_more = large;
  }

  harpia::net::event_loop first_loop;
  harpia::net::event_loop second_loop;
  const std::shared_ptr<detail::group_directory> shared_ = std::make_shared<detail::group_directory>();
  detail::group_directory& directory = *shared_;
  detail::group_shard first{first_loop, directory};
  detail::group_shard second{second_loop, directory};
  std::shared_ptr<detail::group_home> room = directory.get("room");
  websocket::shared_frame one_more;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(group_shard, two_loops)

BOOST_AUTO_TEST_CASE(what_a_loop_is_too_far_behind_to_take_counts_for_each_of_its_members) {
  listener a{first};
  listener b{first};
  listener c{second};
  fill();
  second.catch_up(); // only the first is still behind
  BOOST_TEST(room->dropped() == 0U);
  std::optional<receipt> told;
  room->publish(one_more, {.on_receipt = [&](const receipt& sum) { told = sum; }});
  BOOST_TEST(room->dropped() == 2U);
  const auto before = c.delivered;
  second.catch_up();
  BOOST_TEST(c.delivered == before + 1);
  first_loop.stop();
  first_loop.run(); // where the receipt is told, if the first was the last to answer
  second_loop.stop();
  second_loop.run();
  BOOST_REQUIRE(told.has_value());
  BOOST_TEST(told->accepted == 1U);
  BOOST_TEST(told->dropped == 2U);
}

BOOST_AUTO_TEST_CASE(who_has_left_counts_no_more) {
  listener a{first};
  std::optional<listener> b{std::in_place, first};
  b.reset();
  fill();
  room->publish(one_more);
  BOOST_TEST(room->dropped() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
