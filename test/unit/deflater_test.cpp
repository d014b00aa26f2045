// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "deflate/deflater.hpp"

#include "support/deflate_peer.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <malloc.h>
#include <random>
#include <string>
#include <string_view>

namespace deflate = harpia::deflate;
namespace test = harpia::test;

namespace {

using namespace std::string_literals;

std::string noise(std::size_t size) {
  std::mt19937 random{7};
  std::string bytes(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>(random());
  return bytes;
}

std::string text(std::size_t lines) {
  std::string all;
  for (std::size_t i = 0; i < lines; ++i)
    all += "{\"symbol\":\"ACME\",\"price\":" + std::to_string(i * 7919 % 1000) + "}\n";
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(deflater)

BOOST_AUTO_TEST_CASE(what_it_makes_can_be_inflated_whatever_the_settings) {
  for (int bits = 9; bits <= 15; ++bits)
    for (const int level : {0, 1, 5, 6, 9})
      for (const int memory : {1, 8, 9}) {
        deflate::deflater ours{{bits, level, memory}};
        test::deflate_peer peer{15, bits};
        for (const auto& payload : {"x"s, "hello hello hello"s, text(3000), noise(70'000), std::string(1 << 20, '\0'), "x"s})
          BOOST_REQUIRE_MESSAGE((peer.inflated(std::string{ours.deflate(payload)}) == payload),
                                payload.size() << " bytes with " << bits << ", " << level << ", " << memory);
      }
}

BOOST_AUTO_TEST_CASE(it_remembers_until_it_forgets) {
  deflate::deflater ours{{}};
  const auto payload = text(10);
  const std::string first{ours.deflate(payload)};
  const std::string second{ours.deflate(payload)};
  BOOST_TEST(second.size() < first.size() / 4);
  ours.forget();
  BOOST_TEST((std::string{ours.deflate(payload)} == first));
  BOOST_TEST(ours.count() == 3u);
}

BOOST_AUTO_TEST_CASE(one_for_each_settings_is_kept_but_not_of_too_many) {
  deflate::deflaters all;
  const auto payload = text(10);
  const std::string first{all.get({}).deflate(payload)};
  BOOST_TEST((std::string{all.get({}).deflate(payload)} == first)); // it has forgotten
  BOOST_TEST((&all.get({}) == &all.get({})));
  for (int bits = 9; bits <= 15; ++bits)
    for (int level = 1; level <= 9; ++level) {
      test::deflate_peer peer;
      const deflate::deflate_settings settings{bits, level, 8};
      BOOST_TEST((all.get(settings).settings() == settings));
      BOOST_TEST((peer.inflated(std::string{all.get(settings).deflate(payload)}) == payload));
    }
  BOOST_TEST(all.count() == 2u + 7 * 9);
}

BOOST_AUTO_TEST_CASE(a_large_message_leaves_no_memory_behind) {
  deflate::deflater ours{{}};
  const auto payload = noise(16 << 20);
  (void)ours.deflate("x");
  const auto before = ::mallinfo2();
  (void)ours.deflate(payload);
  ours.trim();
  const auto after = ::mallinfo2();
  BOOST_TEST(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + (std::size_t{1} << 20));
}

BOOST_AUTO_TEST_SUITE_END()
