// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "memory/byte_buffer.hpp"

#include "support/memory_in_use.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <new>
#include <string>
#include <utility>

namespace memory = harpia::memory;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(byte_buffer)

BOOST_AUTO_TEST_CASE(what_is_appended_stays_however_much_it_is) {
  memory::byte_buffer buffer;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string piece(static_cast<std::size_t>(i * i), static_cast<char>('a' + i % 26));
    buffer.append(piece);
    expected += piece;
    BOOST_REQUIRE((buffer.text() == expected));
  }
  BOOST_TEST(buffer.capacity() >= memory::byte_buffer::mapped_size);
}

BOOST_AUTO_TEST_CASE(bytes_may_be_filled_in_place) {
  memory::byte_buffer buffer;
  buffer.append("begin "sv);
  for (const std::size_t capacity : {std::size_t{100}, memory::byte_buffer::mapped_size, std::size_t{1} << 20}) {
    buffer.reserve(capacity);
    BOOST_TEST(buffer.capacity() >= capacity);
    const auto spare = buffer.spare();
    BOOST_TEST(spare.size() == buffer.capacity() - buffer.size());
    std::ranges::fill(spare.first(4), std::byte{'x'});
    buffer.extend(4);
  }
  BOOST_TEST(buffer.text() == "begin xxxxxxxxxxxx");
}

BOOST_AUTO_TEST_CASE(a_buffer_that_is_moved_leaves_an_empty_one) {
  memory::byte_buffer first;
  first.append("hello"sv);
  memory::byte_buffer second{std::move(first)};
  BOOST_TEST(second.text() == "hello");
  memory::byte_buffer third;
  third = std::move(second);
  BOOST_TEST(third.text() == "hello");
  third.clear();
  BOOST_TEST(third.empty());
  BOOST_TEST(third.append("again"sv).text() == "again");
}

BOOST_AUTO_TEST_CASE(large_memory_returns_to_the_system) {
  const auto before = harpia::test::memory_in_use();
  for (int i = 0; i < 8; ++i) {
    memory::byte_buffer buffer;
    buffer.append(std::string(std::size_t{8} << 20, 'x'));
  }
  BOOST_TEST(harpia::test::memory_in_use() < before + (std::size_t{12} << 20)); // what the string took may stay
}

BOOST_AUTO_TEST_CASE(memory_that_is_not_there_is_an_exception_and_the_bytes_stay) {
  memory::byte_buffer buffer;
  buffer.append("hello"sv);
  BOOST_CHECK_THROW(buffer.reserve(std::numeric_limits<std::size_t>::max() / 2), std::bad_alloc);
  BOOST_TEST(buffer.text() == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
