// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routing/topic_index.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

BOOST_AUTO_TEST_SUITE(topic_index)

namespace {

struct member;
using index = harpia::routing::topic_index<member, int>;

struct member {
  int number = 0;
  index::subscriptions subscriptions;
};

std::multiset<int> members_of(const index::topic& topic) {
  std::multiset<int> result;
  topic.for_each([&](member& each) { result.insert(each.number); });
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_topic_comes_with_its_first_member_and_goes_with_its_last) {
  index topics;
  member first{1, {}};
  member second{2, {}};
  const auto [made, joined] = topics.subscribe(first, first.subscriptions, "a");
  BOOST_TEST(joined);
  BOOST_TEST(made->name() == "a");
  made->tag = 7;
  BOOST_TEST((topics.subscribe(second, second.subscriptions, "a").first == made));
  BOOST_TEST(topics.size() == 1u);
  BOOST_TEST((topics.unsubscribe(first.subscriptions, "a") == std::pair{true, 0}));
  BOOST_TEST((topics.find("a") == made));
  BOOST_TEST((topics.unsubscribe(second.subscriptions, "a") == std::pair{true, 7})); // the tag is handed back
  BOOST_TEST((topics.find("a") == nullptr));
  BOOST_TEST(topics.size() == 0u);
}

BOOST_AUTO_TEST_CASE(joining_twice_and_leaving_twice_change_nothing) {
  index topics;
  member one{1, {}};
  BOOST_TEST(topics.subscribe(one, one.subscriptions, "a").second);
  BOOST_TEST(!topics.subscribe(one, one.subscriptions, "a").second);
  BOOST_TEST(topics.find("a")->size() == 1u);
  BOOST_TEST(topics.unsubscribe(one.subscriptions, "a").first);
  BOOST_TEST(!topics.unsubscribe(one.subscriptions, "a").first);
  BOOST_TEST(!topics.unsubscribe(one.subscriptions, "never").first);
}

BOOST_AUTO_TEST_CASE(any_text_names_a_topic) {
  using namespace std::string_view_literals;
  index topics;
  member one{1, {}};
  for (const auto name : {""sv, "\0"sv, "a/b#+*"sv, "\xff"sv})
    BOOST_TEST(topics.subscribe(one, one.subscriptions, name).second);
  BOOST_TEST(topics.size() == 4u);
  for (const auto& name : one.subscriptions.names())
    topics.unsubscribe(one.subscriptions, name);
}

BOOST_AUTO_TEST_CASE(it_agrees_with_a_simple_model) {
  for (const std::uint32_t seed : {1u, 2u, 3u, 4u}) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      const auto pick = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>{0, count - 1}(random); };
      index topics;
      std::array<member, 20> members;
      for (std::size_t i = 0; i < members.size(); ++i)
        members[i].number = static_cast<int>(i);
      std::map<std::string, std::multiset<int>> model;

      for (int step = 0; step < 5'000; ++step) {
        auto& who = members[pick(members.size())];
        const auto name = "topic " + std::to_string(pick(12));
        const bool was_in = model.contains(name) && model[name].contains(who.number);
        BOOST_REQUIRE(index::is_subscribed(who.subscriptions, name) == was_in);
        if (pick(2) == 0) {
          BOOST_REQUIRE(topics.subscribe(who, who.subscriptions, name).second == !was_in);
          if (!was_in)
            model[name].insert(who.number);
        } else {
          BOOST_REQUIRE(topics.unsubscribe(who.subscriptions, name).first == was_in);
          if (was_in && (model[name].erase(who.number), model[name].empty()))
            model.erase(name);
        }
        BOOST_REQUIRE(topics.size() == model.size());
        const auto* topic = topics.find(name);
        BOOST_REQUIRE((topic != nullptr) == model.contains(name));
        if (topic)
          BOOST_REQUIRE((members_of(*topic) == model[name]));
      }

      for (auto& who : members) {
        auto names = who.subscriptions.names();
        std::ranges::sort(names);
        std::vector<std::string> expected;
        for (const auto& [name, numbers] : model)
          if (numbers.contains(who.number))
            expected.push_back(name);
        BOOST_TEST(names == expected, boost::test_tools::per_element());
        for (const auto& name : names)
          topics.unsubscribe(who.subscriptions, name);
        BOOST_TEST(who.subscriptions.empty());
      }
      BOOST_TEST(topics.size() == 0u);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
