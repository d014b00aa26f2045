// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/outbound_queue.hpp"

#include "support/bytes.hpp"
#include "support/memory_in_use.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <utility>
#include <vector>

namespace websocket = harpia::websocket;
using harpia::send_status;
using harpia::test::as_bytes;
using websocket::make_frame;

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr auto reference_size = websocket::write_chain::reference_size;

harpia::send_limits marks(std::size_t high, std::size_t low, std::size_t max) {
  return {.high_watermark = high, .low_watermark = low, .max_buffered = max};
}

const auto roomy = marks(1 << 20, 1 << 10, 1 << 30);

std::string encoded(harpia::message_view message) {
  return std::string{websocket::frame{message}.bytes()};
}

std::string joined(std::span<const iovec> pieces) {
  std::string bytes;
  for (const auto& piece : pieces)
    bytes.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  return bytes;
}

/// What would be written if the kernel took all of it.
std::string content(websocket::outbound_queue& queue) {
  std::vector<iovec> pieces(1000);
  return joined(queue.gather(pieces));
}

std::size_t pieces_of(websocket::outbound_queue& queue) {
  std::array<iovec, 100> pieces;
  return queue.gather(pieces).size();
}

bool points_into(websocket::outbound_queue& queue, const websocket::shared_frame& frame) {
  std::array<iovec, 100> pieces;
  const auto filled = queue.gather(pieces);
  return std::ranges::any_of(filled, [&](const iovec& piece) { return piece.iov_base == frame->bytes().data(); });
}

struct with_pool {
  websocket::buffer_pool pool;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(outbound_queue, with_pool)

// Order

BOOST_AUTO_TEST_CASE(a_new_queue_is_empty) {
  websocket::outbound_queue queue{pool, roomy};
  BOOST_TEST(queue.empty());
  BOOST_TEST(queue.size() == 0u);
  BOOST_TEST(content(queue) == "");
  BOOST_TEST(pieces_of(queue) == 0u);
}

BOOST_AUTO_TEST_CASE(everything_leaves_in_the_order_it_came) {
  websocket::outbound_queue queue{pool, roomy};
  const std::string large(reference_size, 'L');
  queue.push_raw("HTTP/1.1 101");
  queue.push("text"sv);
  queue.push(make_frame(std::string_view{large}));
  queue.push_control(websocket::opcode::ping, "are you there");
  queue.push(harpia::message_view{as_bytes("\0\xff"sv)});
  queue.push(make_frame("shared"sv));
  const auto expected =
      "HTTP/1.1 101" + encoded("text"sv) + encoded(std::string_view{large})
      + "\x89\x0d"
        "are you there"
      + "\x82\x02\x00\xff"s + encoded("shared"sv);
  BOOST_TEST((content(queue) == expected));
  BOOST_TEST(queue.size() == expected.size());
}

/// A queue whose pool has a budget of its own, so that two of them can be compared.
struct queue_with_budget {
  explicit queue_with_budget(const harpia::send_limits& limits) : queue{pool, limits} {}

  std::shared_ptr<websocket::buffer_budget> budget = std::make_shared<websocket::buffer_budget>(20'000);
  websocket::buffer_pool pool{budget};
  websocket::outbound_queue queue;
};

BOOST_AUTO_TEST_CASE(the_short_way_does_what_the_long_one_does_or_nothing) {
  std::mt19937 random{20261130};
  const auto up_to = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>{0, most}(random); };
  const auto any_limits = [&] {
    auto limits = marks(up_to(200'000), up_to(10'000), 1 + up_to(300'000));
    limits.on_limit = static_cast<harpia::on_limit>(up_to(3));
    return limits;
  };
  std::size_t short_ones = 0;
  std::size_t long_ones = 0;
  for (int run = 0; run < 500; ++run) {
    const auto limits = any_limits();
    queue_with_budget first{limits};
    queue_with_budget second{limits};
    auto& tried = first.queue;
    auto& plain = second.queue;
    const auto give = [&](const auto& message) {
      const auto before = tried.size();
      if (tried.push_usual(message)) {
        ++short_ones;
        BOOST_TEST((plain.push(message) == send_status::sent));
        BOOST_TEST((plain.report() == send_status::sent));
        BOOST_TEST((tried.report() == send_status::sent));
      } else {
        ++long_ones;
        BOOST_REQUIRE(tried.size() == before);
        BOOST_TEST((tried.push(message) == plain.push(message)));
        BOOST_TEST((tried.report() == plain.report()));
      }
    };
    const auto both = [&](auto change) {
      change(tried);
      change(plain);
    };
    for (int step = 0; step < 80; ++step) {
      const std::string text(up_to(3) == 0 ? up_to(20'000) : up_to(200), static_cast<char>('a' + up_to(25)));
      switch (up_to(20)) {
        case 0:
        case 1:
        case 2: give(make_frame(std::string_view{text})); break;
        case 3: both([](auto& queue) { queue.push_control(websocket::opcode::ping, "ping"); }); break;
        case 4: {
          const auto changed = any_limits();
          both([&](auto& queue) { queue.set_limits(changed); });
          break;
        }
        case 5:
          if (up_to(9) == 0)
            both([](auto& queue) { static_cast<void>(queue.open_to_remote_senders()); });
          break;
        case 6:
        case 7:
        case 8:
        case 9: { // the kernel is offered all of it, and takes some
          const auto all = content(tried);
          BOOST_REQUIRE((all == content(plain)));
          const auto taken = up_to(2) == 0 ? up_to(all.size()) : all.size();
          both([&](auto& queue) {
            queue.consume(taken);
            queue.account();
          });
          break;
        }
        default: give(harpia::message_view{std::string_view{text}});
      }
      BOOST_REQUIRE(tried.size() == plain.size());
      BOOST_REQUIRE(tried.take_drain() == plain.take_drain());
      BOOST_REQUIRE(tried.take_dropped().bytes == plain.take_dropped().bytes);
      BOOST_REQUIRE(first.budget->held() == second.budget->held());
    }
  }
  BOOST_TEST(short_ones > 1000u);
  BOOST_TEST(long_ones > 1000u);
}

BOOST_AUTO_TEST_CASE(the_short_way_is_closed_while_something_must_be_looked_at) {
  const auto text = "text"sv;
  {
    websocket::outbound_queue queue{pool, marks(4, 0, 1000)};
    BOOST_TEST(!queue.push_usual(text)); // would be buffered
  }
  websocket::outbound_queue queue{pool, marks(100, 0, 1000)};
  queue.push(text); // takes the buffer that the next one is copied into
  BOOST_TEST(queue.push_usual(text));
  queue.account(); // the kernel was offered it and did not take it, which the budget counts
  BOOST_TEST(!queue.push_usual(text));
  queue.consume(queue.size());
  queue.account();
  BOOST_TEST(queue.push_usual(text));
  queue.set_limits(marks(7, 0, 1000));
  BOOST_TEST(!queue.push_usual(text));
  queue.set_limits(marks(100, 0, 1000));
  BOOST_TEST(queue.push_usual(make_frame(text)));
  const auto quota = queue.open_to_remote_senders(); // their bytes count, too
  BOOST_TEST(!queue.push_usual(text));
}

BOOST_AUTO_TEST_CASE(empty_messages_are_messages_and_empty_raw_bytes_are_nothing) {
  websocket::outbound_queue queue{pool, roomy};
  queue.push_raw("");
  BOOST_TEST(queue.empty());
  BOOST_TEST(pieces_of(queue) == 0u);
  queue.push(""sv);
  queue.push_raw("");
  queue.push_control(websocket::opcode::pong, "");
  BOOST_TEST(content(queue) == "\x81\x00\x8a\x00"s);
}

// Copies and references

BOOST_AUTO_TEST_CASE(small_frames_are_gathered_into_one_piece) {
  websocket::outbound_queue queue{pool, roomy};
  for (int i = 0; i < 100; ++i) {
    queue.push("message"sv);
    queue.push(make_frame("message"sv));
  }
  BOOST_TEST(pieces_of(queue) == 1u);
  BOOST_TEST(queue.size() == 200u * 9);
}

BOOST_AUTO_TEST_CASE(a_small_shared_frame_is_referenced_while_it_is_all_there_is) {
  websocket::outbound_queue queue{pool, roomy};
  const auto frame = make_frame("shared"sv);
  queue.push(frame);
  BOOST_TEST(points_into(queue, frame));
  queue.consume(3);
  queue.push("more"sv);
  BOOST_TEST(!points_into(queue, frame));
  BOOST_TEST(frame.use_count() == 1);
  BOOST_TEST(content(queue) == encoded("shared"sv).substr(3) + encoded("more"sv));
  std::array<iovec, 4> pieces;
  BOOST_TEST(queue.gather(pieces).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_shared_frame_behind_others_is_referenced_from_the_reference_size_on) {
  websocket::outbound_queue queue{pool, roomy};
  queue.push("first"sv);
  const auto below = make_frame(std::string_view{std::string(reference_size - 5, 'x')}); // its header takes four bytes
  const auto exact = make_frame(std::string_view{std::string(reference_size - 4, 'x')});
  queue.push(below);
  BOOST_TEST(!points_into(queue, below));
  BOOST_TEST(below.use_count() == 1);
  queue.push(exact);
  BOOST_TEST(points_into(queue, exact));
  BOOST_TEST(exact.use_count() == 2);
  queue.consume(queue.size() - 1);
  BOOST_TEST(exact.use_count() == 2);
  queue.consume(1);
  BOOST_TEST(exact.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_message_is_copied_however_large_it_is) {
  websocket::outbound_queue queue{pool, roomy};
  std::string large(1 << 20, 'a');
  queue.push(std::string_view{large});
  std::fill(large.begin(), large.end(), 'b');
  BOOST_TEST((content(queue) == encoded(std::string_view{std::string(1 << 20, 'a')})));
}

BOOST_AUTO_TEST_CASE(gathered_pieces_are_of_bounded_size) {
  websocket::outbound_queue queue{pool, roomy};
  for (int i = 0; i < 1000; ++i)
    queue.push(std::string_view{std::string(100, 'x')});
  std::array<iovec, 100> pieces;
  for (const auto& piece : queue.gather(pieces))
    BOOST_TEST(piece.iov_len <= websocket::write_chain::buffer_size);
}

BOOST_AUTO_TEST_CASE(pieces_stay_where_they_are_while_more_is_pushed_behind_them) {
  websocket::outbound_queue queue{pool, roomy};
  const auto frame = make_frame(std::string_view{std::string(reference_size, 'x')});
  queue.push(frame);
  queue.push("small"sv);
  for (int i = 0; i < 100; ++i)
    queue.push(frame);
  BOOST_TEST(points_into(queue, frame));
}

// Gathering and consuming

BOOST_AUTO_TEST_CASE(gather_fills_no_more_than_there_is_room_for) {
  websocket::outbound_queue queue{pool, roomy};
  const auto frame = make_frame(std::string_view{std::string(reference_size, 'x')});
  for (int i = 0; i < 3; ++i)
    queue.push(frame);
  std::array<iovec, 2> pieces;
  BOOST_TEST(queue.gather(pieces).size() == 2u);
  BOOST_TEST(queue.gather(std::span<iovec>{}).size() == 0u);
}

BOOST_AUTO_TEST_CASE(what_was_consumed_in_part_goes_on_where_it_stopped) {
  websocket::outbound_queue queue{pool, roomy};
  queue.push_raw("abcdef");
  queue.consume(2);
  BOOST_TEST(content(queue) == "cdef");
  queue.push_raw("ghi");
  BOOST_TEST(content(queue) == "cdefghi");
  queue.consume(0);
  queue.consume(6);
  BOOST_TEST(content(queue) == "i");
  queue.consume(1);
  BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_random_steps_agree_with_a_string) {
  std::mt19937 random{20260730};
  const auto up_to = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>{0, most}(random); };
  const std::array frames{
      make_frame("tiny"sv), make_frame(std::string_view{std::string(1000, 'm')}),
      make_frame(std::string_view{std::string(reference_size, 'r')}), make_frame(std::string_view{std::string(70'000, 'R')})};
  websocket::outbound_queue queue{pool, roomy};
  std::string model;
  // Whether messages wait behind the write chain, which control frames overtake.
  const auto has_backlog = [&] {
    (void)content(queue); // fills the write chain
    return queue.size() >= websocket::outbound_queue::chain_size;
  };
  const auto take = [&](std::size_t size) {
    while (size > 0) {
      const auto taken = std::min(size, content(queue).size());
      queue.consume(taken);
      model.erase(0, taken);
      size -= taken;
    }
  };
  for (int step = 0; step < 100'000; ++step) {
    switch (up_to(7)) {
      case 0: {
        const std::string text(up_to(8) == 0 ? up_to(40'000) : up_to(200), static_cast<char>('a' + step % 26));
        BOOST_REQUIRE((queue.push(std::string_view{text}) == send_status::sent));
        model += encoded(std::string_view{text});
        break;
      }
      case 1: {
        const auto& frame = frames[up_to(frames.size() - 1)];
        BOOST_REQUIRE((queue.push(frame) == send_status::sent));
        model += frame->bytes();
        break;
      }
      case 2:
        if (has_backlog())
          break;
        queue.push_control(websocket::opcode::pong, "pong");
        model += "\x8a\x04pong";
        break;
      case 3:
        if (has_backlog())
          break;
        queue.push_raw("raw");
        model += "raw";
        break;
      default: { // the kernel takes a part of what it is offered
        std::array<iovec, 8> pieces;
        const auto offered = queue.gather(std::span{pieces}.first(1 + up_to(7)));
        const auto bytes = joined(offered);
        BOOST_REQUIRE((std::string_view{model}.substr(0, bytes.size()) == bytes));
        const auto taken = up_to(2) == 0 ? bytes.size() : up_to(bytes.size());
        queue.consume(taken);
        model.erase(0, taken);
      }
    }
    BOOST_REQUIRE(queue.size() == model.size());
    if (model.size() > 2'000'000)
      take(model.size() - up_to(1000));
  }
  BOOST_TEST((content(queue).substr(0, model.size()) == model.substr(0, content(queue).size())));
  take(model.size());
  BOOST_TEST(queue.empty());
  for (const auto& frame : frames)
    BOOST_TEST(frame.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_queue_that_never_empties_does_not_grow) {
  websocket::outbound_queue queue{pool, roomy};
  const auto frame = make_frame(std::string_view{std::string(reference_size, 'x')});
  const auto step = [&] {
    queue.push(frame);
    queue.push("a copy"sv);
    queue.consume(frame->bytes().size() + 8);
  };
  queue.push("always one message ahead"sv);
  for (int i = 0; i < 1000; ++i)
    step();
  const auto before = harpia::test::memory_in_use();
  for (int i = 0; i < 1'000'000; ++i) // of two entries of some fifty bytes each
    step();
  BOOST_TEST(harpia::test::memory_in_use() < before + (16 << 20));
  BOOST_TEST(queue.size() == 26u);
  BOOST_TEST(pieces_of(queue) <= 3u);
}

// The drain contract

BOOST_AUTO_TEST_CASE(up_to_the_high_watermark_a_message_counts_as_sent) {
  websocket::outbound_queue queue{pool, marks(10, 4, 100)};
  queue.push_raw("0123456789");
  BOOST_TEST((queue.report() == send_status::sent));
  queue.push_raw("a");
  BOOST_TEST((queue.report() == send_status::buffered));
}

BOOST_AUTO_TEST_CASE(a_drain_is_due_once_when_the_low_watermark_is_reached) {
  websocket::outbound_queue queue{pool, marks(10, 4, 100)};
  queue.push_raw("0123456789a");
  BOOST_TEST((queue.report() == send_status::buffered));
  BOOST_TEST(!queue.take_drain());
  queue.consume(6); // five wait
  BOOST_TEST(!queue.take_drain());
  queue.consume(1);
  BOOST_TEST(queue.take_drain());
  BOOST_TEST(!queue.take_drain());
  queue.consume(4);
  BOOST_TEST(!queue.take_drain());
}

BOOST_AUTO_TEST_CASE(without_a_report_of_buffered_no_drain_is_owed) {
  websocket::outbound_queue queue{pool, marks(10, 4, 100)};
  queue.push_raw("0123456789abcdef"); // over the high watermark, but nobody was told
  queue.consume(16);
  BOOST_TEST(!queue.take_drain());
  BOOST_TEST((queue.report() == send_status::sent));
  BOOST_TEST(!queue.take_drain());
}

BOOST_AUTO_TEST_CASE(a_drain_is_owed_again_only_after_another_buffered) {
  websocket::outbound_queue queue{pool, marks(10, 4, 100)};
  for (int i = 0; i < 3; ++i) {
    queue.push_raw("0123456789a");
    BOOST_TEST((queue.report() == send_status::buffered));
    BOOST_TEST((queue.report() == send_status::buffered)); // twice told, once owed
    queue.consume(11);
    queue.push_raw("abc");
    BOOST_TEST((queue.report() == send_status::sent));
    BOOST_TEST(queue.take_drain());
    BOOST_TEST(!queue.take_drain());
    queue.consume(3);
    BOOST_TEST(!queue.take_drain());
  }
}

BOOST_AUTO_TEST_CASE(a_low_watermark_of_zero_waits_for_the_last_byte) {
  websocket::outbound_queue queue{pool, marks(0, 0, 100)};
  queue.push_raw("ab");
  BOOST_TEST((queue.report() == send_status::buffered));
  queue.consume(1);
  BOOST_TEST(!queue.take_drain());
  queue.consume(1);
  BOOST_TEST(queue.take_drain());
}

// The limit

BOOST_AUTO_TEST_CASE(up_to_the_limit_everything_is_taken_and_over_it_dropped) {
  websocket::outbound_queue queue{pool, marks(10, 4, 20)};
  BOOST_TEST((queue.push("12345678"sv) == send_status::sent)); // ten bytes with their header
  BOOST_TEST((queue.push("123456789"sv) == send_status::dropped));
  BOOST_TEST((queue.push(make_frame("123456789"sv)) == send_status::dropped));
  BOOST_TEST(queue.size() == 10u);
  BOOST_TEST((queue.push("12345678"sv) == send_status::sent));
  BOOST_TEST((queue.push(""sv) == send_status::dropped));
  BOOST_TEST(content(queue) == encoded("12345678"sv)); // ten bytes are as much as the write chain takes
  queue.consume(2);
  BOOST_TEST((queue.push(""sv) == send_status::sent));
}

BOOST_AUTO_TEST_CASE(an_empty_queue_takes_any_message) {
  websocket::outbound_queue queue{pool, marks(10, 4, 20)};
  const std::string large(1000, 'x');
  BOOST_TEST((queue.push(std::string_view{large}) == send_status::sent));
  BOOST_TEST((queue.push(""sv) == send_status::dropped));
  queue.consume(queue.size());
  BOOST_TEST((queue.push(make_frame(std::string_view{large})) == send_status::sent));
}

BOOST_AUTO_TEST_CASE(what_must_not_be_dropped_goes_over_the_limit) {
  websocket::outbound_queue queue{pool, marks(10, 4, 20)};
  queue.push_raw(std::string(30, 'x'));
  queue.push_control(websocket::opcode::close, "\x03\xe8");
  BOOST_TEST(queue.size() == 34u);
}

BOOST_AUTO_TEST_CASE(what_comes_from_other_threads_makes_room_too_when_the_oldest_are_dropped) {
  const harpia::send_limits limits{
      .high_watermark = 20, .low_watermark = 0, .max_buffered = 40, .on_limit = harpia::on_limit::drop_oldest};
  websocket::outbound_queue queue{pool, limits};
  const auto others = queue.open_to_remote_senders();
  std::size_t dropped = 0;
  const auto first = make_frame("first..."sv);
  const auto newest = make_frame("newest.."sv);
  for (int i = 0; i < 100; ++i) {
    const auto& frame = i < 99 ? first : newest;
    BOOST_TEST((others->request(frame->bytes().size()) != send_status::dropped));
    others->settle(frame->bytes().size());
    BOOST_TEST((queue.push(frame, {.granted = websocket::granted::yes}) == send_status::sent));
    queue.publish_size();
    BOOST_TEST(queue.total() <= 40u);
    dropped += queue.take_dropped().messages;
  }
  BOOST_TEST(dropped == 96u);
  std::string all;
  while (!queue.empty()) {
    all = content(queue);
    queue.consume(all.size());
  }
  BOOST_TEST(all.ends_with(newest->bytes()));
}

BOOST_AUTO_TEST_CASE(what_is_on_its_way_from_other_threads_is_bounded_too_when_the_oldest_are_dropped) {
  const harpia::send_limits limits{
      .high_watermark = 20, .low_watermark = 0, .max_buffered = 40, .on_limit = harpia::on_limit::drop_oldest};
  websocket::outbound_queue queue{pool, limits};
  const auto others = queue.open_to_remote_senders();
  for (int i = 0; i < 4; ++i)
    BOOST_TEST((others->request(10) != send_status::dropped));
  BOOST_TEST((others->request(10) == send_status::dropped));
  BOOST_TEST(queue.total() == 40u);
}

// Conflation

namespace {

harpia::send_limits conflating(std::size_t high, std::size_t max) {
  return {.high_watermark = high, .low_watermark = 0, .max_buffered = max, .on_limit = harpia::on_limit::conflate};
}

send_status push(websocket::outbound_queue& queue, std::string_view message, std::string_view key) {
  return queue.push(message, {.key = key});
}

} // namespace

BOOST_AUTO_TEST_CASE(the_write_chain_takes_no_more_than_the_high_watermark_so_that_keyed_messages_find_their_older_ones) {
  websocket::outbound_queue queue{pool, conflating(20, 80)};
  for (const auto* text : {"a 1......", "b 1......", "c 1......", "d 1......"})
    BOOST_TEST((push(queue, text, std::string_view{text, 1}) == send_status::sent));
  const auto offered = content(queue); // the kernel was offered a part and took nothing
  for (int i = 2; i < 50; ++i)
    for (const std::string key : {"c", "d"})
      BOOST_TEST((push(queue, (key + ' ' + std::to_string(i) + ".....").substr(0, 9), key) == send_status::sent));
  BOOST_TEST(offered == encoded("a 1......"sv) + encoded("b 1......"sv));
  queue.consume(offered.size());
  BOOST_TEST(content(queue) == encoded("c 49....."sv) + encoded("d 49....."sv));
}

BOOST_AUTO_TEST_CASE(a_high_watermark_of_zero_still_lets_one_message_at_a_time_through) {
  websocket::outbound_queue queue{pool, conflating(0, 100)};
  for (const auto* text : {"a", "b"})
    BOOST_TEST((push(queue, text, text) == send_status::sent));
  queue.push("c"sv);
  for (const auto* text : {"a", "b", "c"}) {
    BOOST_TEST(content(queue) == encoded(std::string_view{text}));
    queue.consume(3);
  }
  BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(the_newest_of_a_key_takes_the_place_of_an_older_one_also_when_it_is_larger_than_the_room_left) {
  websocket::outbound_queue queue{pool, conflating(10, 40)};
  BOOST_TEST((push(queue, "wire....", "w") == send_status::sent));
  (void)content(queue); // ten bytes are on the write chain
  BOOST_TEST((push(queue, "a1", "a") == send_status::sent));
  BOOST_TEST((push(queue, "b1", "b") == send_status::sent));
  const std::string large(50, '2');
  BOOST_TEST((push(queue, "a" + large, "a") == send_status::sent)); // one message over the limit
  BOOST_TEST((push(queue, "c1", "c") == send_status::dropped));
  BOOST_TEST((queue.take_dropped().messages == 1U));
  // Memory stays bounded by the limit and one message: for the next that is larger than what it replaces, others must go.
  BOOST_TEST((push(queue, "b" + large, "b") == send_status::sent));
  BOOST_TEST(queue.size() <= 40 + 53U);
  const auto dropped = queue.take_dropped();
  BOOST_TEST(dropped.messages == 1U);
  BOOST_TEST(dropped.bytes == 53U);
  queue.consume(10);
  BOOST_TEST(content(queue) == encoded(std::string_view{"b" + large}));
}

BOOST_AUTO_TEST_CASE(new_limits_move_the_border_between_write_chain_and_backlog) {
  websocket::outbound_queue queue{pool, conflating(20, 100)};
  queue.push(std::string_view{std::string(30, 'x')});
  queue.push("waits"sv);
  BOOST_TEST(content(queue) == encoded(std::string_view{std::string(30, 'x')}));
  queue.set_limits(conflating(1 << 20, 2 << 20));
  BOOST_TEST(content(queue) == encoded(std::string_view{std::string(30, 'x')}) + encoded("waits"sv));
}

// Ownership

BOOST_AUTO_TEST_CASE(a_written_buffer_returns_to_the_pool_in_its_chain) {
  websocket::outbound_queue queue{pool, roomy};
  queue.push("hello"sv);
  std::array<iovec, 1> pieces;
  const void* const buffer = queue.gather(pieces).front().iov_base;
  queue.consume(queue.size());
  BOOST_TEST(pool.take_chain()->kept().spare().data() == buffer);
}

BOOST_AUTO_TEST_CASE(a_buffer_that_has_grown_returns_to_the_pool_by_itself) {
  websocket::outbound_queue queue{pool, roomy};
  const std::string text(1000, 'x');
  for (int i = 0; i < 10; ++i)
    queue.push(std::string_view{text});
  std::array<iovec, 1> pieces;
  const void* const buffer = queue.gather(pieces).front().iov_base;
  queue.consume(queue.size());
  BOOST_TEST(pool.take_chain()->kept().capacity() == 0u);
  BOOST_TEST(pool.take().spare().data() == buffer);
}

BOOST_AUTO_TEST_CASE(clearing_and_destroying_return_buffers_and_frames) {
  const auto frame = make_frame(std::string_view{std::string(reference_size, 'x')});
  const void* buffer = nullptr;
  {
    websocket::outbound_queue queue{pool, marks(1, 0, 1 << 20)};
    queue.push("hello"sv);
    std::array<iovec, 1> pieces;
    buffer = queue.gather(pieces).front().iov_base;
    queue.push(frame);
    queue.consume(3);
    BOOST_TEST((queue.report() == send_status::buffered));
    queue.clear();
    BOOST_TEST(queue.empty());
    BOOST_TEST(content(queue) == "");
    BOOST_TEST(frame.use_count() == 1);
    BOOST_TEST(!queue.take_drain()); // forgotten too
    queue.push("again"sv);
    BOOST_TEST(content(queue) == encoded("again"sv));
    queue.push(frame);
  }
  BOOST_TEST(frame.use_count() == 1);
  BOOST_TEST(pool.take_chain()->kept().spare().data() == buffer);
}

BOOST_AUTO_TEST_CASE(a_queue_that_holds_something_takes_no_more_once_the_budget_is_spent) {
  const auto budget = std::make_shared<websocket::buffer_budget>(100);
  websocket::buffer_pool shared{budget};
  websocket::outbound_queue slow{shared, roomy};
  websocket::outbound_queue quick{shared, roomy};
  const std::string long_text(98, 'x');
  BOOST_TEST((slow.push(std::string_view{long_text}) == send_status::sent)); // 100 with its header
  BOOST_TEST(budget->held() == 0);                                           // the kernel may take it yet
  slow.account();
  BOOST_TEST(budget->held() == 100);
  BOOST_TEST((slow.push("x"sv) == send_status::dropped));
  BOOST_TEST(slow.take_dropped().messages == 1);
  for (int i = 0; i < 2; ++i) // within one turn
    BOOST_TEST((quick.push("x"sv) == send_status::sent));
  slow.consume(1);
  slow.account();
  BOOST_TEST((slow.push("x"sv) == send_status::sent));
}

BOOST_AUTO_TEST_CASE(the_oldest_make_as_much_room_as_the_new_message_takes_once_the_budget_is_spent) {
  const auto budget = std::make_shared<websocket::buffer_budget>(100);
  websocket::buffer_pool shared{budget};
  auto limits = marks(10, 10, 1 << 20);
  limits.on_limit = harpia::on_limit::drop_oldest;
  websocket::outbound_queue slow{shared, limits};
  for (const auto* text : {"on the write chain", "oldest", "second", "third!"})
    slow.push(std::string_view{text});
  BOOST_TEST(slow.take_dropped().messages == 0);
  slow.account();
  budget->change(0, 1000); // others hold much
  const auto before = slow.size();
  BOOST_TEST((slow.push("newest"sv) == send_status::sent));
  BOOST_TEST(slow.take_dropped().messages == 1);
  BOOST_TEST(slow.size() == before);
  BOOST_TEST((slow.push("as long as two oldest"sv) == send_status::sent));
  BOOST_TEST((slow.push(std::string_view{std::string(1000, 'x')}) == send_status::dropped));
  BOOST_TEST(slow.size() <= before);
}

BOOST_AUTO_TEST_CASE(what_a_queue_held_is_given_back_when_it_is_cleared_and_destroyed) {
  const auto budget = std::make_shared<websocket::buffer_budget>(100);
  websocket::buffer_pool shared{budget};
  {
    websocket::outbound_queue queue{shared, roomy};
    queue.push("12345678"sv);
    queue.account();
    BOOST_TEST(budget->held() == 10);
    queue.clear();
    BOOST_TEST(budget->held() == 0);
    queue.push("1234"sv);
    queue.account();
    BOOST_TEST(budget->held() == 6);
  }
  BOOST_TEST(budget->held() == 0);
}

BOOST_AUTO_TEST_CASE(other_threads_are_refused_likewise) {
  const auto budget = std::make_shared<websocket::buffer_budget>(10);
  websocket::send_quota slow{roomy, budget};
  websocket::send_quota quick{roomy, budget};
  budget->change(0, 10);
  slow.set_held(10);
  BOOST_TEST((slow.request(1) == send_status::dropped));
  BOOST_TEST((quick.request(1) == send_status::sent));
  BOOST_TEST((quick.request(1) == send_status::sent)); // the kernel was not offered the first yet
  budget->change(10, 9);
  BOOST_TEST((slow.request(1) == send_status::sent));
}

BOOST_AUTO_TEST_SUITE_END()
