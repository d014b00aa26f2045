// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "session_story.hpp"

#include "support/bytes.hpp"
#include "support/written.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace harpia::fuzz {

namespace {

// Unicode 15, table 3-7, byte by byte, since the library's own way is what is tested.
bool is_utf8(std::string_view text) {
  const auto in = [&](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && static_cast<std::uint8_t>(text[i]) >= low && static_cast<std::uint8_t>(text[i]) <= high;
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t further = 0;
    unsigned low = 0x80;
    unsigned high = 0xbf;
    if (in(i, 0xc2, 0xdf)) {
      further = 1;
    } else if (in(i, 0xe0, 0xef)) {
      further = 2;
      low = in(i, 0xe0, 0xe0) ? 0xa0 : 0x80;
      high = in(i, 0xed, 0xed) ? 0x9f : 0xbf;
    } else if (in(i, 0xf0, 0xf4)) {
      further = 3;
      low = in(i, 0xf0, 0xf0) ? 0x90 : 0x80;
      high = in(i, 0xf4, 0xf4) ? 0x8f : 0xbf;
    } else if (!in(i, 0, 0x7f)) {
      return false;
    }
    for (++i; further > 0; --further, ++i, low = 0x80, high = 0xbf)
      if (!in(i, low, high))
        return false;
  }
  return true;
}

} // namespace

session_choice::session_choice(input& in) {
  constexpr std::array<std::size_t, 4> limits{1U << 20U, 70'000, 1000, 100};
  constexpr std::array<std::size_t, 4> max_pieces{5000, 40, 7, 1};
  constexpr std::array<int, 4> windows{15, 9, 10, 12};
  const unsigned choice = in.byte(); // bits: raw, compression, echo, two of the limit, two of the sizes, takeover
  seed_ = in.byte();
  const unsigned owner = in.byte(); // bits: two of pauses, three of their length, three of the closing message
  const bool may_deflate = (choice & 2U) != 0;
  const unsigned deflate = may_deflate ? in.byte() : 0; // bits: two of each window, refusal of the peer
  raw = (choice & 1U) != 0;
  peer_deflates = may_deflate && (deflate & 16U) == 0;
  const auto takeover = (choice & 128U) != 0 ? context_takeover::enabled : context_takeover::disabled;
  options = {.max_payload = limits[choice / 8 % 4],
             .high_watermark = 1U << 28U,
             .max_buffered = 1U << 29U,
             .compression = may_deflate ? compression::enabled : compression::disabled,
             .deflate = {.server_max_window_bits = windows[deflate % 4],
                         .client_max_window_bits = windows[deflate / 4 % 4],
                         .server_context_takeover = takeover,
                         .client_context_takeover = takeover,
                         .threshold = 0}};
  of_whole = {.echoes = (choice & 4U) != 0, .takes_parts = seed_ % 2 != 0, .close_after = owner / 32};
  of_cut = of_whole;
  of_cut.pause_every = owner % 4;
  of_cut.resume_after = owner / 4 % 8;
  max_piece_ = max_pieces[choice / 32 % 4];
}

deflate_choice session_choice::deflate_of(sender from) const noexcept {
  const auto& deflate = options.deflate;
  return from == sender::client ? deflate_choice{deflate.client_max_window_bits, deflate.client_context_takeover}
                                : deflate_choice{deflate.server_max_window_bits, deflate.server_context_takeover};
}

pieces session_choice::cut(std::size_t stream_size) const noexcept {
  return {std::max(max_piece_, stream_size / 4096), seed_};
}

session_story::session_story(websocket::session_context& shared, const route_options& options, const owner_plan& plan)
    : max_payload_{options.max_payload}, plan_{plan},
      session_{shared, *this, options, plan.takes_parts ? websocket::messages::in_parts : websocket::messages::whole} {}

std::string session_story::take_written() {
  return session_.written();
}

void session_story::receive(std::string_view stream, const pieces& how) {
  cut(stream, how, [this](std::string_view piece) {
    auto bytes = test::copy_of_bytes(piece);
    session_.receive(bytes);
    if (session_.paused() && paused_for_++ == plan_.resume_after)
      resume_all();
    return true; // also once it has ended: nothing may come of it
  });
  resume_all();
  session_.receive_end({});
  require(has_ended_, "a session ends with its bytes");
  require(session_.state() == ready_state::closed, "a session that has ended is closed");
  auto late = test::copy_of_bytes(std::string_view{"\x81\x80\0\0\0\0", 6});
  session_.receive(late);
  session_.receive_end({});
  require(session_.send(std::string_view{"late"}) == send_status::closed, "nothing is sent after the end");
}

void session_story::resume_all() {
  paused_for_ = 0;
  while (session_.paused())
    session_.resume(); // which delivers what was kept, and may lead to the next pause
}

void session_story::on_response(const http_response& answer) {
  require(told_.empty(), "an answer comes first, and once");
  tell("answered", std::to_string(answer.status));
}

void session_story::on_message(message_view message) {
  require(message.size() <= max_payload_, "no message is over the limit");
  require(!message.is_text() || is_utf8(message.text()), "a text is UTF-8");
  tell(message.is_text() ? "text" : "binary", message.text());
  if (plan_.echoes && session_.state() == ready_state::open) {
    require(session_.send(message) == send_status::sent, "an open session sends");
    echoed_.append(message.text());
  }
  ++messages_;
  if (plan_.pause_every > 0 && messages_ % plan_.pause_every == 0)
    session_.pause();
  if (messages_ == plan_.close_after)
    session_.close(close_code{4001}, "enough");
}

void session_story::on_part(message_view part, last_part last) {
  require(!session_.paused(), "no part comes while the session is paused");
  require(!part.empty() || last == last_part::yes, "only the last part may be empty");
  require(!part.is_text() || is_utf8(part.text()), "a text is cut between characters");
  message_.append(part.text());
  require(message_.size() <= max_payload_, "no message is over the limit");
  if (last == last_part::yes) {
    const auto whole = std::exchange(message_, {});
    on_message({part.kind(), std::as_bytes(std::span{whole})});
  } else if (plan_.pause_every > 0 && ++parts_ % plan_.pause_every == 0) {
    session_.pause();
  }
}

void session_story::on_failed(const error& what) {
  require(!has_failed_, "a session fails once");
  require(!has_ended_, "a session fails before it ends");
  ending_.append("failed ").append(what.what()).append("\n");
  has_failed_ = true;
}

void session_story::on_closed(close_code code, std::string_view reason) {
  require(reason.size() <= max_close_reason && is_utf8(reason), "a reason is a short text");
  // The RFC says nothing about 5000 and up, so a peer that sends one is believed.
  require(is_sendable(code) || code == close_code::no_status || code == close_code::abnormal || code >= close_code{5000},
          "a code is one that a peer may send, or stands for none");
  require(!has_ended_, "there is one end");
  ending_.append("ended ").append(std::to_string(static_cast<unsigned>(code))).append(" ").append(reason).append("\n");
  has_ended_ = true;
}

void session_story::tell(std::string_view what, std::string_view payload) {
  require(!has_ended_, "nothing comes after the end");
  require(!has_failed_, "what follows a failure is the end");
  told_.append(what).append(" ").append(payload).append("\n");
}

void session_story::tell_control(std::string_view what, std::string_view payload) {
  require(payload.size() <= websocket::max_control_payload, "a control frame's payload is short");
  tell(what, payload);
}

void compare_stories(const session_choice& choice, std::size_t stream_size, const story_run& run) {
  websocket::session_context shared; // by both
  session_story whole{shared, choice.options, choice.of_whole};
  const auto written = run(whole, {0});
  session_story cut{shared, choice.options, choice.of_cut};
  require(run(cut, choice.cut(stream_size)) == written, "pieces make no difference to what is written");
  require(cut.told() == whole.told(), "pieces make no difference to what is told");
  require(cut.has_failed() == whole.has_failed(), "pieces make no difference to whether a session fails");
  require(cut.ending() == whole.ending(), "pieces make no difference to how it ends");
}

} // namespace harpia::fuzz
