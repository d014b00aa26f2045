// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "deflate/inflater.hpp"

#include "support/bytes.hpp"
#include "support/deflate_peer.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace deflate = harpia::deflate;
namespace test = harpia::test;
using deflate::inflated;
using harpia::context_takeover;
using test::as_bytes;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr std::size_t limit = 1 << 20;

std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What a message inflates to, given in pieces of `size` bytes; how it failed if it did.
std::string in_pieces(deflate::message_inflater& incoming, std::string_view bytes, std::size_t size) {
  auto result = inflated::good;
  for (; !bytes.empty() && result == inflated::good; bytes.remove_prefix(std::min(size, bytes.size())))
    result = incoming.part(as_bytes(bytes.substr(0, size)));
  if (result == inflated::good)
    result = incoming.end();
  if (result != inflated::good)
    return result == inflated::malformed ? "malformed" : "too large";
  auto text = as_text(incoming.message());
  incoming.forget();
  return text;
}

std::string at_once(deflate::message_inflater& incoming, std::string_view bytes) {
  const auto result = incoming.whole(as_bytes(bytes));
  if (result != inflated::good)
    return result == inflated::malformed ? "malformed" : "too large";
  auto text = as_text(incoming.message());
  incoming.forget();
  return text;
}

/// Checks what a first message is taken for, however it comes.
void check(std::string_view bytes, const std::string& expected, std::size_t most = limit) {
  for (const auto takeover : {context_takeover::disabled, context_takeover::enabled}) {
    deflate::inflaters shared;
    deflate::message_inflater whole{shared, 15, takeover, most};
    BOOST_TEST((at_once(whole, bytes) == expected));
    for (const auto size : std::initializer_list<std::size_t>{1, 3, 1000}) {
      deflate::message_inflater cut{shared, 15, takeover, most};
      BOOST_TEST((in_pieces(cut, bytes, size) == expected), "in pieces of " << size);
    }
  }
}

struct remembering {
  deflate::inflaters shared;
  deflate::message_inflater incoming{shared, 15, context_takeover::enabled, limit};
};

} // namespace

BOOST_AUTO_TEST_SUITE(inflater)

// The examples of RFC 7692, 7.2.3

BOOST_AUTO_TEST_CASE(a_message_of_one_block) {
  check("\xf2\x48\xcd\xc9\xc9\x07\x00"sv, "Hello");
}

BOOST_FIXTURE_TEST_CASE(a_message_that_refers_to_the_one_before, remembering) {
  BOOST_TEST(at_once(incoming, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == "Hello");
  BOOST_TEST(at_once(incoming, "\xf2\x00\x11\x00\x00"sv) == "Hello");
  BOOST_TEST(in_pieces(incoming, "\xf2\x00\x11\x00\x00"sv, 2) == "Hello");
}

BOOST_AUTO_TEST_CASE(a_block_without_compression) {
  check("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"sv, "Hello");
}

BOOST_AUTO_TEST_CASE(a_block_that_says_that_it_is_the_last) {
  check("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv, "Hello");
  check("\xf3\x48\xcd\xc9\xc9\x07\x00"sv, "Hello"); // nothing behind it, which is as clear
}

BOOST_AUTO_TEST_CASE(two_blocks_in_one_message) {
  check("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"sv, "Hello");
}

BOOST_AUTO_TEST_CASE(an_empty_message) {
  check("\x00"sv, "");
}

// Last blocks

BOOST_AUTO_TEST_CASE(what_follows_a_last_block_belongs_to_the_message) {
  check("\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\xf2\x48\xcd\xc9\xc9\x07\x00"sv, "HelloHelloHello");
}

BOOST_FIXTURE_TEST_CASE(what_follows_a_last_block_may_refer_to_what_was_before_it, remembering) {
  BOOST_TEST(at_once(incoming, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv) == "Hello");
  BOOST_TEST(at_once(incoming, "\xf2\x00\x11\x00\x00"sv) == "Hello");
  BOOST_TEST(at_once(incoming, "\xf3\x48\xcd\xc9\xc9\x07\x00"sv) == "Hello");
  BOOST_TEST(at_once(incoming, "\xf2\x00\x11\x00\x00"sv) == "Hello");
}

BOOST_FIXTURE_TEST_CASE(a_last_block_does_not_excuse_the_next_message_from_being_one, remembering) {
  BOOST_TEST(at_once(incoming, "\xf3\x48\xcd\xc9\xc9\x07\x00"sv) == "Hello");
  BOOST_TEST(at_once(incoming, ""sv) == "malformed");
}

// Faults

BOOST_AUTO_TEST_CASE(what_is_not_deflate_is_malformed) {
  check("\xff\xff\xff\xff\xff\xff garbage"sv, "malformed");
  check("\xf2\x00\x11\x00\x00"sv, "malformed"); // refers to a message, but is the first
}

BOOST_AUTO_TEST_CASE(a_message_that_ends_within_a_block_is_malformed) {
  check("\xf2\x48\xcd"sv, "malformed");
  check("\x00\x05\x00\xfa\xff\x48\x65"sv, "malformed");
  check(""sv, "malformed");
}

BOOST_AUTO_TEST_CASE(without_takeover_nothing_is_remembered) {
  deflate::inflaters shared;
  deflate::message_inflater first{shared, 15, context_takeover::disabled, limit};
  BOOST_TEST(at_once(first, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == "Hello");
  BOOST_TEST(at_once(first, "\xf2\x00\x11\x00\x00"sv) == "malformed");
  deflate::message_inflater second{shared, 15, context_takeover::disabled, limit};
  BOOST_TEST(at_once(second, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == "Hello");
}

// Sizes

BOOST_AUTO_TEST_CASE(messages_of_all_sizes_up_to_the_limit_are_whole_and_larger_ones_are_cut) {
  for (const auto size :
       std::initializer_list<std::size_t>{1, 2, 4095, 4096, 4097, 8192, 8193, 65'535, 65'536, 65'537, 200'000}) {
    std::string payload;
    while (payload.size() < size)
      payload += "piece " + std::to_string(payload.size()) + "; ";
    payload.resize(size);
    const auto bytes = test::deflate_peer{}.deflated(payload);
    check(bytes, payload, size);
    check(bytes, payload, size + 1);
    if (size > 1)
      check(bytes, "too large", size - 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()
