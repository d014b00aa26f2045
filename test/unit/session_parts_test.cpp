// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/timeless_session.hpp"
#include "websocket/session_context.hpp"

#include "support/bytes.hpp"
#include "support/deflate_peer.hpp"
#include "support/event_functions.hpp"
#include "support/opening.hpp"
#include "support/random_frames.hpp"
#include "support/raw_client.hpp"
#include "support/written.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Messages that are given in parts: put together, they are what they would have been as a whole.

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::last_part;
using test::encode_frame;

namespace {

constexpr harpia::route_options limits{
    .max_payload = 100'000, .high_watermark = 1 << 28, .max_buffered = 1 << 29, .compression = harpia::compression::enabled};

struct owner_plan {
  unsigned pause_every = 0; // events; 0: never
  unsigned close_after = 0; // events; 0: never
};

/// A session that gives messages as a whole or in parts, and what it tells of whole ones.
class subject final : private harpia::test::event_functions {
public:
  subject(websocket::session_context& shared, websocket::messages given, owner_plan plan = {},
          const harpia::route_options& options = limits)
      : plan_{plan}, session_{shared, *this, options, given} {
    session_.accept(test::opening_request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}), {});
    (void)session_.written();
  }

  void receive(std::string_view piece) {
    auto bytes = test::copy_of_bytes(piece);
    session_.receive(bytes);
  }
  void resume_all() {
    while (session_.paused())
      session_.resume();
  }

  [[nodiscard]] const std::string& told() const noexcept { return told_; }
  [[nodiscard]] std::string written() { return session_.written(); }
  [[nodiscard]] test::timeless_session& session() noexcept { return session_; }
  [[nodiscard]] const std::vector<std::string>& parts() const noexcept { return parts_; }

  std::function<void()> in_part = [] {};

private:
  void on_message(harpia::message_view message) override { take(message); }
  void on_part(harpia::message_view part, last_part last) override {
    BOOST_TEST_REQUIRE(!session_.paused());
    if (message_.empty() && !kind_)
      kind_ = part.kind();
    BOOST_TEST_REQUIRE((part.kind() == *kind_));
    BOOST_TEST_REQUIRE((!part.empty() || last == last_part::yes));
    if (part.is_text() && !part.empty()) // cut between characters
      BOOST_TEST_REQUIRE((static_cast<unsigned char>(part.text().front()) & 0xC0) != 0x80);
    parts_.emplace_back(part.text());
    in_part();
    message_.append(part.text());
    if (last == last_part::no)
      return act();
    const auto whole = std::exchange(message_, {});
    const auto kind = *std::exchange(kind_, std::nullopt);
    take({kind, std::as_bytes(std::span{whole})});
  }
  void take(harpia::message_view message) {
    told_.append(message.is_text() ? "text " : "binary ").append(message.text()).append("\n");
    act();
  }
  void act() {
    ++events_;
    if (plan_.pause_every > 0 && events_ % plan_.pause_every == 0)
      session_.pause();
    if (events_ == plan_.close_after)
      session_.close(close_code{4001}, "enough");
  }
  void on_ping(std::string_view payload) override { told_.append("ping ").append(payload).append("\n"); }
  void on_pong(std::string_view payload) override { told_.append("pong ").append(payload).append("\n"); }
  void on_failed(const harpia::error& what) override { told_.append("failed: ").append(what.code().message()).append("\n"); }
  void on_closed(close_code code, std::string_view reason) override {
    told_.append("ended ").append(std::to_string(static_cast<int>(code))).append(reason).append("\n");
  }

  owner_plan plan_;
  test::timeless_session session_;
  std::string told_;
  std::string message_; // that has begun
  std::optional<harpia::message_kind> kind_;
  std::vector<std::string> parts_;
  unsigned events_ = 0;
};

std::string concatenated(const std::vector<std::string>& parts) {
  std::string all;
  for (const auto& each : parts)
    all += each;
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(session_parts)

BOOST_AUTO_TEST_CASE(parts_make_the_messages_that_would_have_been_given_as_a_whole) {
  websocket::session_context shared;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random{seed};
    const auto stream = test::random_frames_some_compressed(random, 60);
    subject whole{shared, websocket::messages::whole};
    whole.receive(stream);
    const auto expected = whole.written();
    for (const auto max_piece : std::initializer_list<std::size_t>{1, 40, 5000, 600'000}) {
      if (max_piece == 1 && seed % 20 != 0)
        continue;
      subject cut{shared, websocket::messages::in_parts, {.pause_every = seed % 4}};
      for (std::string_view rest{stream}; !rest.empty();) {
        const auto size = std::min<std::size_t>(rest.size(), random() % max_piece + 1);
        cut.receive(rest.substr(0, size));
        rest.remove_prefix(size);
        if (random() % 3 == 0)
          cut.resume_all();
      }
      cut.resume_all();
      BOOST_TEST_REQUIRE((cut.told() == whole.told()), "seed " << seed << ", pieces of up to " << max_piece);
      BOOST_TEST_REQUIRE((cut.written() == expected), "seed " << seed << ", pieces of up to " << max_piece);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_large_message_comes_as_it_is_read) {
  websocket::session_context shared;
  auto options = limits;
  options.max_payload = 1 << 30;
  subject in_parts{shared, websocket::messages::in_parts, {}, options};
  const std::string payload(std::size_t{1} << 20, 'x');
  const auto frame = encode_frame({.opcode = test::opcode::binary, .payload = payload});
  std::size_t given = 0;
  for (std::size_t at = 0; at < frame.size(); at += 1000) {
    in_parts.receive(std::string_view{frame}.substr(at, 1000));
    for (; given < in_parts.parts().size(); ++given)
      BOOST_TEST(in_parts.parts()[given].size() <= 1000u);
    BOOST_TEST(concatenated(in_parts.parts()).size() + 14 >= std::min(at + 1000, payload.size()));
  }
  BOOST_TEST((in_parts.told() == "binary " + payload + "\n"));
}

BOOST_AUTO_TEST_CASE(a_message_that_ends_early_leaves_its_parts_and_no_last_one) {
  websocket::session_context shared;
  subject in_parts{shared, websocket::messages::in_parts};
  in_parts.receive(encode_frame({.fin = false, .opcode = test::opcode::text, .payload = "first "}));
  in_parts.receive(encode_frame({.fin = false, .opcode = test::opcode::continuation, .payload = "second"}));
  in_parts.receive(encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(1001, "gone")}));
  BOOST_TEST((in_parts.parts() == std::vector<std::string>{"first ", "second"}));
  BOOST_TEST(in_parts.told() == "ended 1001gone\n");
}

BOOST_AUTO_TEST_CASE(a_message_over_the_limit_is_refused_as_soon_as_it_is) {
  websocket::session_context shared;
  const std::string part(60'000, 'x');
  subject plain{shared, websocket::messages::in_parts};
  plain.receive(encode_frame({.fin = false, .opcode = test::opcode::binary, .payload = part}));
  BOOST_TEST(concatenated(plain.parts()).size() == part.size());
  plain.receive(encode_frame({.fin = false, .opcode = test::opcode::continuation, .payload = part}).substr(0, 20));
  BOOST_TEST(plain.told().ends_with("ended 1009\n"));

  subject compressed{shared, websocket::messages::in_parts};
  const auto deflated = test::deflate_peer{}.deflated(std::string(100'001, 'x'));
  compressed.receive(encode_frame({.rsv1 = true, .opcode = test::opcode::binary, .payload = deflated}));
  BOOST_TEST(concatenated(compressed.parts()).size() == 100'000u);
  BOOST_TEST(compressed.told().ends_with("ended 1009\n"));

  subject next{shared, websocket::messages::in_parts}; // a message of exactly the limit, and another one: each begins at 0
  for (int i = 0; i < 2; ++i)
    next.receive(encode_frame(
        {.rsv1 = true, .opcode = test::opcode::binary, .payload = test::deflate_peer{}.deflated(std::string(100'000, 'x'))}));
  BOOST_TEST(concatenated(next.parts()).size() == 200'000u);
}

BOOST_AUTO_TEST_CASE(half_a_character_at_the_end_of_a_text_is_refused) {
  websocket::session_context shared;
  const auto failure = "failed: " + harpia::make_error_code(harpia::errc::invalid_text).message() + "\nended 1007\n";
  for (const bool compressed : {false, true}) {
    const auto payload = [&](std::string_view text) {
      return compressed ? test::deflate_peer{}.deflated(text) : std::string{text};
    };
    subject at_once{shared, websocket::messages::in_parts};
    at_once.receive(encode_frame({.rsv1 = compressed, .opcode = test::opcode::text, .payload = payload("ab\xe6\xbc")}));
    BOOST_TEST(at_once.told() == failure);
  }
  subject in_frames{shared, websocket::messages::in_parts};
  in_frames.receive(encode_frame({.fin = false, .opcode = test::opcode::text, .payload = "ab\xe6"}));
  BOOST_TEST((in_frames.parts() == std::vector<std::string>{"ab"}));
  in_frames.receive(encode_frame({.fin = false, .opcode = test::opcode::continuation, .payload = "\xbc"}));
  in_frames.receive(encode_frame({.opcode = test::opcode::continuation, .payload = ""}));
  BOOST_TEST((in_frames.parts() == std::vector<std::string>{"ab"}));
  BOOST_TEST(in_frames.told() == failure);
}

BOOST_AUTO_TEST_CASE(a_character_in_four_frames_is_given_once_it_is_whole) {
  websocket::session_context shared;
  subject in_parts{shared, websocket::messages::in_parts};
  in_parts.receive(encode_frame({.fin = false, .opcode = test::opcode::text, .payload = "a\xf0"}));
  in_parts.receive(encode_frame({.fin = false, .opcode = test::opcode::continuation, .payload = "\x9f"}));
  in_parts.receive(encode_frame({.fin = false, .opcode = test::opcode::continuation, .payload = "\x98"}));
  in_parts.receive(encode_frame({.fin = false, .opcode = test::opcode::continuation, .payload = "\x80"}));
  in_parts.receive(encode_frame({.opcode = test::opcode::continuation, .payload = ""}));
  BOOST_TEST((in_parts.parts() == std::vector<std::string>{"a", "\xf0\x9f\x98\x80", ""}));
}

BOOST_AUTO_TEST_CASE(after_a_pause_no_part_comes_whatever_a_frame_still_holds) {
  websocket::session_context shared;
  auto options = limits;
  options.max_payload = 1 << 30;
  const std::string zeros(std::size_t{8} << 20, '\0');
  const auto deflated = test::deflate_peer{}.deflated(zeros); // eight KiB, or so
  subject paused{shared, websocket::messages::in_parts, {.pause_every = 1}, options};
  paused.receive(encode_frame({.rsv1 = true, .opcode = test::opcode::binary, .payload = deflated}));
  BOOST_TEST(paused.parts().size() == 1u);
  std::size_t most = 0;
  while (paused.session().paused()) {
    const auto before = paused.parts().size();
    paused.session().resume();
    BOOST_TEST_REQUIRE(paused.parts().size() <= before + 1);
    most = std::max(most, paused.parts().back().size());
  }
  BOOST_TEST(most <= std::size_t{1} << 20);
  BOOST_TEST((paused.told() == "binary " + zeros + "\n"));
}

BOOST_AUTO_TEST_CASE(with_context_takeover_later_messages_refer_to_earlier_ones) {
  websocket::session_context shared;
  auto options = limits;
  options.deflate.client_context_takeover = harpia::context_takeover::enabled;
  subject in_parts{shared, websocket::messages::in_parts, {}, options};
  test::deflate_peer peer;
  const auto payload = "a text that is sent twice, so that the second refers to the first: " + std::string(1000, 'x');
  const auto first = peer.deflated(payload);
  const auto second = peer.deflated(payload);
  BOOST_TEST(second.size() * 2 < first.size());
  in_parts.receive(encode_frame({.rsv1 = true, .payload = first}));
  in_parts.receive(encode_frame({.fin = false, .rsv1 = true, .payload = second.substr(0, 3)}));
  in_parts.receive(encode_frame({.opcode = test::opcode::continuation, .payload = second.substr(3)}));
  BOOST_TEST((in_parts.told() == "text " + payload + "\ntext " + payload + "\n"));
}

BOOST_AUTO_TEST_CASE(what_a_pause_holds_back_is_dropped_by_a_close) {
  websocket::session_context shared;
  subject paused{shared, websocket::messages::in_parts, {.pause_every = 1}};
  paused.receive(encode_frame({.rsv1 = true, .payload = test::deflate_peer{}.deflated(std::string(90'000, 'x'))}));
  BOOST_TEST(paused.parts().size() == 1u);
  paused.session().close(close_code::normal, "enough");
  paused.session().resume();
  BOOST_TEST(paused.parts().size() == 1u);
  paused.receive(encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(1000, "enough")}));
  BOOST_TEST(paused.told() == "ended 1000enough\n");
}

BOOST_AUTO_TEST_CASE(an_abort_between_parts_is_the_end) {
  websocket::session_context shared;
  subject aborted{shared, websocket::messages::in_parts};
  aborted.in_part = [&] { aborted.session().abort(); };
  aborted.receive(encode_frame({.payload = std::string(70'000, 'x') + "\xff" + std::string(1000, 'x')}));
  BOOST_TEST(aborted.parts().size() == 1u);
  BOOST_TEST(aborted.told() == "ended 1006\n");
}

BOOST_AUTO_TEST_CASE(nothing_is_given_after_a_close_in_the_middle_of_a_frame) {
  websocket::session_context shared;
  const std::string text(90'000, 'x');
  for (const bool compressed : {false, true})
    for (const auto close_after : {1U, 2U}) {
      subject closes{shared, websocket::messages::in_parts, {.close_after = close_after}};
      const auto payload = compressed ? test::deflate_peer{}.deflated(text) : text;
      const auto frame = encode_frame({.fin = false, .rsv1 = compressed, .opcode = test::opcode::text, .payload = payload});
      closes.receive(frame);
      closes.receive(encode_frame({.opcode = test::opcode::continuation, .payload = ""}));
      BOOST_TEST(closes.parts().size() == close_after);
      BOOST_TEST(closes.told().empty());
      closes.receive(encode_frame({.opcode = test::opcode::close, .payload = test::encode_close(4001, "enough")}));
      BOOST_TEST(closes.told() == "ended 4001enough\n");
    }
}

BOOST_AUTO_TEST_SUITE_END()
