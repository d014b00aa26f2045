// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/message_parts.hpp"

#include "deflate/inflater.hpp"

#include "support/bytes.hpp"
#include "support/deflate_peer.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deflate = harpia::deflate;
namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::last_part;
using harpia::message_kind;
using wish = websocket::part_taker::wish;
using strings = std::vector<std::string>;

namespace {

constexpr std::size_t limit = 100'000;

/// Writes down what it is given, and changes its wish after some parts.
class taker final : public websocket::part_taker {
public:
  [[nodiscard]] wish wants_part() const noexcept override { return parts_.size() < changes_after ? wish::now : then; }
  void on_part(harpia::message_view part, last_part last) override {
    bytes_ += part.size();
    const std::string kind = part.is_text() ? "text " : "binary ";
    parts_.push_back(kind + std::string{part.text()} + (last == last_part::yes ? "." : ""));
  }

  [[nodiscard]] const strings& parts() const noexcept { return parts_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  std::size_t changes_after = 1000;
  wish then = wish::now;

private:
  strings parts_;
  std::size_t bytes_ = 0;
};

/// Messages in parts, and who takes them.
struct subject {
  std::optional<websocket::message_fault> take(message_kind kind, std::string_view piece, last_part last) {
    return parts.take({kind, test::as_bytes(piece)}, last, to);
  }
  std::optional<websocket::message_fault> text(std::string_view piece, last_part last = last_part::no) {
    return take(message_kind::text, piece, last);
  }
  std::optional<websocket::message_fault> deflated(std::string_view piece, last_part last = last_part::yes) {
    return parts.take_deflated({message_kind::text, test::as_bytes(piece)}, last, incoming, to);
  }

  deflate::inflaters shared;
  deflate::message_inflater incoming{shared, 15, harpia::context_takeover::disabled, limit};
  websocket::message_parts parts;
  taker to;
};

} // namespace

BOOST_AUTO_TEST_SUITE(message_parts)

BOOST_AUTO_TEST_CASE(a_piece_is_a_part_and_an_empty_one_only_at_the_end) {
  subject one;
  for (const auto kind : {message_kind::binary, message_kind::text})
    for (const auto* const piece : {"", "ab", "", "c"})
      BOOST_TEST(!one.take(kind, piece, last_part::no));
  BOOST_TEST(!one.take(message_kind::text, "", last_part::yes));
  BOOST_TEST((one.to.parts() == strings{"binary ab", "binary c", "text ab", "text c", "text ."}));
}

BOOST_AUTO_TEST_CASE(what_is_not_wanted_yet_is_one_part_later) {
  subject one;
  one.to.changes_after = 1;
  one.to.then = wish::later;
  BOOST_TEST(!one.text("first"));
  BOOST_TEST(!one.parts.has_held());
  BOOST_TEST(!one.text("a\xc3"));
  BOOST_TEST(!one.text("\xa9"));
  BOOST_TEST(!one.text("b", last_part::yes));
  BOOST_TEST(one.parts.has_held());
  BOOST_TEST((one.to.parts() == strings{"text first"}));
  one.parts.give_held(one.to);
  BOOST_TEST(!one.parts.has_held());
  BOOST_TEST((one.to.parts()
              == strings{"text first", "text a\xc3\xa9"
                                       "b."}));
}

BOOST_AUTO_TEST_CASE(nothing_gets_past_what_is_held) {
  subject one;
  one.to.changes_after = 0;
  one.to.then = wish::later;
  BOOST_TEST(!one.text("first "));
  one.to.then = wish::now;
  BOOST_TEST(!one.text("second"));
  BOOST_TEST(one.to.parts().empty());
  one.parts.give_held(one.to);
  BOOST_TEST((one.to.parts() == strings{"text first second"}));
}

BOOST_AUTO_TEST_CASE(a_wish_that_changes_within_a_piece_counts_at_once) {
  for (const auto then : {wish::later, wish::never}) {
    subject one;
    one.to.changes_after = 1;
    one.to.then = then;
    BOOST_TEST(!one.text("\xc3"));
    BOOST_TEST(!one.text("\xa9 and more")); // the character that was kept is a part by itself
    BOOST_TEST((one.to.parts() == strings{"text \xc3\xa9"}));
    BOOST_TEST(one.parts.has_held() == (then == wish::later));
  }
}

BOOST_AUTO_TEST_CASE(what_is_held_is_dropped_once_it_is_never_wanted) {
  subject one;
  one.to.changes_after = 0;
  one.to.then = wish::later;
  BOOST_TEST(!one.text("held"));
  one.to.then = wish::never;
  BOOST_TEST(!one.text("dropped"));
  one.parts.give_held(one.to);
  BOOST_TEST(!one.parts.has_held());
  BOOST_TEST(one.to.parts().empty());
}

BOOST_AUTO_TEST_CASE(a_fault_is_named) {
  test::deflate_peer peer;
  BOOST_TEST((subject{}.text("\xff") == websocket::invalid_text));
  BOOST_TEST((subject{}.deflated(peer.deflated("a\xff")) == websocket::invalid_text));
  BOOST_TEST((subject{}.deflated("\xff\xff\xff", last_part::no) == websocket::malformed_deflate));
  BOOST_TEST((subject{}.deflated(peer.deflated(std::string(limit + 1, 'x'))) == websocket::message_too_big));
}

BOOST_AUTO_TEST_CASE(the_first_fault_of_a_compressed_message_counts_and_nothing_is_given_after_it) {
  test::deflate_peer peer;
  subject one;
  // More than is inflated at once: good text, then none, and then more than there may be.
  const auto fault = one.deflated(peer.deflated(std::string(70'000, 'x') + "\xff" + std::string(limit, 'x')));
  BOOST_TEST((fault == websocket::invalid_text));
  BOOST_TEST(one.to.parts().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_limit_is_that_of_each_compressed_message_in_whatever_pieces) {
  test::deflate_peer peer;
  subject one;
  const auto half = peer.deflated(std::string(limit / 2, 'x'));
  const auto whole = half + std::string{"\0\0\xff\xff", 4} + peer.deflated(std::string(limit / 2, 'x'));
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(!one.deflated(whole.substr(0, half.size()), last_part::no));
    BOOST_TEST(!one.deflated(whole.substr(half.size())));
  }
  BOOST_TEST(one.to.bytes() == 2 * limit);
}

BOOST_AUTO_TEST_SUITE_END()
