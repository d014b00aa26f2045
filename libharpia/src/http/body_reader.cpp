// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/body_reader.hpp"

#include "vocabulary/token.hpp"

#include <algorithm>

namespace harpia::inline v0::http {

namespace {

// RFC 9110, 5.5: what may stand in a field value, and so in a quoted string.
bool is_text(char c) noexcept {
  return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

/// 16 for what is no hexadecimal digit.
unsigned hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  const auto lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 16;
}

} // namespace

body_reader body_reader::of_length(std::uint64_t length, std::size_t max) {
  body_reader made{phase::content, max};
  made.left_ = length;
  if (length > max)
    made.state_ = state::too_large;
  else if (length == 0)
    made.state_ = state::complete;
  return made;
}

body_reader body_reader::in_chunks(std::size_t max, std::size_t max_framing) {
  body_reader made{phase::size_begin, max};
  made.max_framing_ = max_framing;
  return made;
}

std::size_t body_reader::read(std::string_view bytes) {
  constexpr std::size_t for_each_byte = 16; // of content
  std::size_t used = 0;
  while (state_ == state::incomplete && used < bytes.size()) {
    if (phase_ == phase::content || phase_ == phase::to_end || phase_ == phase::chunk) {
      used += take_content(bytes.substr(used));
      continue;
    }
    take_framing(bytes[used++]);
    if (++framing_ > max_framing_ + for_each_byte * body_.size() && state_ == state::incomplete)
      state_ = state::too_much_framing;
  }
  return used;
}

std::size_t body_reader::take_content(std::string_view bytes) {
  if (phase_ == phase::to_end) {
    const auto size = std::min(bytes.size(), max_ - body_.size());
    body_.append(bytes.substr(0, size));
    if (size < bytes.size())
      state_ = state::too_large;
    return size;
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
  body_.append(bytes.substr(0, size));
  left_ -= size;
  if (left_ == 0 && phase_ == phase::content)
    state_ = state::complete;
  else if (left_ == 0)
    phase_ = phase::chunk_return;
  return size;
}

void body_reader::take_framing(char c) {
  const auto expect = [&](bool is_right, phase next) {
    if (is_right)
      phase_ = next;
    else
      state_ = state::malformed;
  };
  switch (phase_) {
    case phase::size_begin:
    case phase::size:
      if (const auto digit = hex_digit(c); digit < 16)
        return take_size_digit(digit);
      if (phase_ == phase::size_begin)
        return expect(false, phase_);
      [[fallthrough]];
    case phase::before_extension:
      if (is_blank(c)) // only before a semicolon, or two recipients could differ on the size
        return expect(true, phase::before_extension);
      if (c == ';')
        return expect(true, phase::extension);
      return expect(c == '\r' && phase_ == phase::size, phase::size_end);
    case phase::extension: return c == '\r' ? expect(true, phase::size_end) : expect(is_text(c), phase::extension);
    case phase::size_end: return c == '\n' ? begin_chunk() : expect(false, phase_);
    case phase::chunk_return: return expect(c == '\r', phase::chunk_end);
    case phase::chunk_end: return expect(c == '\n', phase::size_begin);
    case phase::line_begin: return c == '\r' ? expect(true, phase::last_end) : expect(is_token_char(c), phase::name);
    case phase::name: return c == ':' ? expect(true, phase::value) : expect(is_token_char(c), phase::name);
    case phase::value: return c == '\r' ? expect(true, phase::line_end) : expect(is_text(c), phase::value);
    case phase::line_end: return expect(c == '\n', phase::line_begin);
    case phase::last_end: state_ = c == '\n' ? state::complete : state::malformed; return;
    default: return; // content
  }
}

void body_reader::take_size_digit(unsigned digit) {
  constexpr std::uint8_t most = 2 * sizeof left_;
  if (phase_ == phase::size_begin) {
    left_ = 0;
    digits_ = 0;
    phase_ = phase::size;
  }
  if (++digits_ > most)
    state_ = state::malformed;
  left_ = left_ << 4U | digit;
}

void body_reader::begin_chunk() {
  if (left_ > max_ - body_.size())
    state_ = state::too_large;
  else
    phase_ = left_ == 0 ? phase::line_begin : phase::chunk;
}

} // namespace harpia::inline v0::http
