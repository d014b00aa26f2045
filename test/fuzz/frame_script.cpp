// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frame_script.hpp"

#include "support/deflate_peer.hpp"
#include "support/raw_client.hpp"

#include <array>
#include <optional>
#include <utility>

namespace harpia::fuzz {

namespace {

constexpr std::size_t max_size = std::size_t{128} << 10; // bytes, more or less: what a short script may make

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i)
    result += text;
  return result;
}

// Characters of one to four bytes.
std::string characters(std::string_view choice) {
  constexpr std::array<std::string_view, 4> some{"a", "\xc3\xa9", "\xe6\xbc\xa2", "\xf0\x9f\x98\x80"};
  std::string text;
  for (const char byte : choice)
    text += some[static_cast<std::uint8_t>(byte) % some.size()];
  return text;
}

// Which block holds a message that is "compressed" without being so.
enum class block { any, last, last_alone };

// What becomes of a message in a block without compression (RFC 1951, 3.2.4; RFC 7692, 7.2.3.3). Behind a last one (7.2.3.5) there need not
// be another.
std::string stored(std::string_view message, block kind) {
  const auto low = static_cast<char>(message.size());
  std::string bytes{kind == block::any ? '\0' : '\1', low, '\0', static_cast<char>(~low), '\xff'};
  return bytes.append(message).append(kind == block::last_alone ? 0 : 1, '\0');
}

class frame_maker {
public:
  frame_maker(input& script, sender from, const deflate_choice& how)
      : script_{&script}, right_{from == sender::client ? std::optional{test::default_mask} : std::nullopt},
        wrong_{right_ ? std::nullopt : std::optional{test::default_mask}}, how_{how} {}

  [[nodiscard]] std::string next() {
    const unsigned first = script_->byte();
    const unsigned form = script_->byte();
    const auto size = form % 32;
    switch (form / 32) {
      case 0: return encode(first, std::string{script_->take(size)}, right_);
      case 1: return encode(first, std::string{script_->take(size + 32)}, right_);
      case 2: return encode(first, made(first, size, [](auto text) { return repeated(text, 16); }), right_);
      case 3: return encode(first, made(first, size, [](auto text) { return repeated(text, 2300); }), right_);
      case 4: return encode(first, stored(script_->take(size / 3), block{static_cast<int>(size % 3)}), right_);
      case 5: return encode(first, made(first, size, characters), right_);
      case 6: return encode(first, std::string{script_->take(size)}, wrong_);
      default: return std::string(1, static_cast<char>(first)).append(script_->take(size)); // bytes without a frame
    }
  }

  /// Bytes of all frames, as if none were compressed.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  [[nodiscard]] std::string encode(unsigned first, std::string payload, std::optional<test::mask_key> mask) {
    auto bytes = test::encode_frame({.payload = std::move(payload)}, mask);
    bytes.front() = static_cast<char>(first);
    size_ += bytes.size();
    return bytes;
  }

  template <class Make>
  [[nodiscard]] std::string made(unsigned first, std::size_t size, Make make) {
    const bool is_last = (first & 0x80U) != 0;
    const bool deflates = (first & 0x40U) != 0;
    const bool continues = (first & 0x4FU) == 0 && !deflated_.empty();
    if (!deflates && !continues)
      return make(script_->take(size));
    const std::size_t part = is_last ? std::string::npos : script_->byte();
    if (deflates)
      deflated_ = deflated(make(script_->take(size)));
    const auto payload = deflated_.substr(0, part);
    deflated_.erase(0, part);
    return payload;
  }

  [[nodiscard]] std::string deflated(const std::string& text) {
    if (text.empty())
      return {'\0'}; // RFC 7692, 7.2.3.6
    size_ += text.size();
    if (!peer_)
      peer_.emplace(how_.window_bits);
    else if (how_.takeover == context_takeover::disabled)
      peer_->forget();
    return peer_->deflated(text);
  }

  input* script_;
  std::optional<test::mask_key> right_;
  std::optional<test::mask_key> wrong_;
  deflate_choice how_;
  std::optional<test::deflate_peer> peer_; // since it is large
  std::string deflated_;                   // what is left of a compressed message
  std::size_t size_ = 0;
};

} // namespace

std::string frames_of(input& script, sender from, const deflate_choice& how) {
  frame_maker maker{script, from, how};
  std::string stream;
  while (!script.empty() && maker.size() < max_size)
    stream += maker.next();
  return stream;
}

} // namespace harpia::fuzz
