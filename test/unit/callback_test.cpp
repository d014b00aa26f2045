// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/callback.hpp>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>

namespace {

struct anything {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "it must fit");
  }
};

using function = harpia::callback<int(int), anything>;

int doubled(int number) {
  return 2 * number;
}

struct counter {
  int from = 0;
  int operator()(int) { return ++from; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(callback)

BOOST_AUTO_TEST_CASE(it_is_empty_until_it_has_a_function) {
  BOOST_TEST(!function{});
  BOOST_TEST(!function{nullptr});
  BOOST_TEST(!function{std::function<int(int)>{}});
  int (*none)(int) = nullptr;
  BOOST_TEST(!function{none});
  BOOST_TEST(!!function{doubled});
}

BOOST_AUTO_TEST_CASE(it_calls_functions_lambdas_and_objects) {
  BOOST_TEST(function{doubled}(21) == 42);
  BOOST_TEST(function{&doubled}(21) == 42);
  BOOST_TEST(function{[](short number) { return number + 1; }}(41) == 42);
  BOOST_TEST(function{std::function<int(int)>{doubled}}(21) == 42);
  const function counting{counter{40}};
  counting(0);
  BOOST_TEST(counting(0) == 42);
}

BOOST_AUTO_TEST_CASE(what_it_holds_need_not_be_copyable_and_copies_share_it) {
  const function first{[owned = std::make_unique<int>(0)](int number) { return *owned += number; }};
  const function second = first;
  first(40);
  BOOST_TEST(second(2) == 42);
}

BOOST_AUTO_TEST_CASE(an_empty_one_takes_the_place_of_a_function) {
  function emptied{doubled};
  emptied = {};
  BOOST_TEST(!emptied);
}

BOOST_AUTO_TEST_SUITE_END()
