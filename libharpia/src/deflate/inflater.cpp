// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "deflate/inflater.hpp"

#include "deflate/deflate_tail.hpp"
#include "deflate/limited_buffer.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>
#include <zlib.h>

namespace harpia::inline v0::deflate {

namespace {

constexpr std::size_t scratch_size = std::size_t{64} << 10;
constexpr std::size_t most = std::numeric_limits<uInt>::max();
// Many peers compress with 9 bits where 8 were agreed on: older versions of zlib did so.
constexpr int smallest_window = 9;

// A bit of zlib's `data_type`: inflate stopped at the end of a block.
constexpr int is_behind_block = 128;

} // namespace

inflater::inflater(int window_bits) : stream_{std::make_unique<z_stream>()} {
  if (inflateInit2(stream_.get(), -std::max(window_bits, smallest_window)) != Z_OK)
    throw std::bad_alloc{};
}

inflater::~inflater() {
  inflateEnd(stream_.get());
}

inflated inflater::take(std::span<const std::byte> part, inflate_target& out) {
  while (!part.empty()) {
    const auto now = part.first(std::min(part.size(), most));
    if (const auto result = run(now, out, stop::at_the_end); result != inflated::good)
      return result;
    part = part.subspan(now.size());
  }
  return inflated::good;
}

inflated inflater::finish(inflate_target& out) {
  if (!had_last_block_)
    if (const auto result = run(std::as_bytes(std::span{deflate_tail}), out, stop::after_each_block); result != inflated::good)
      return result;
  if (std::exchange(had_last_block_, false)) { // applies to this message only
    inflateResetKeep(stream_.get());
    return inflated::good;
  }
  return (stream_->data_type & is_behind_block) != 0 ? inflated::good : inflated::malformed;
}

inflated inflater::run(std::span<const std::byte> part, inflate_target& out, stop when) {
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(part.data())); // zlib only reads it
  stream_->avail_in = static_cast<uInt>(part.size());
  std::byte one_more{}; // room beyond the limit, to detect that there is more
  for (;;) {
    // A final block (RFC 7692, 7.2.3.5) does not end the stream: later blocks may refer to earlier bytes.
    if (stream_->avail_in > 0 && std::exchange(had_last_block_, false))
      inflateResetKeep(stream_.get());
    const auto room = out.room();
    const auto size = std::clamp<std::size_t>(room.size(), 1, most);
    stream_->next_out = reinterpret_cast<Bytef*>(room.empty() ? &one_more : room.data());
    stream_->avail_out = static_cast<uInt>(size);
    const auto result = ::inflate(stream_.get(), when == stop::after_each_block ? Z_BLOCK : Z_SYNC_FLUSH);
    if (room.empty() && stream_->avail_out == 0)
      return inflated::too_large;
    if (!room.empty())
      out.added(size - stream_->avail_out);
    had_last_block_ = result == Z_STREAM_END;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      return inflated::malformed;
    // If there is room left, zlib has no more output.
    if (stream_->avail_in == 0 && (stream_->avail_out > 0 || had_last_block_))
      return inflated::good;
  }
}

void inflater::forget() noexcept {
  inflateReset(stream_.get());
  had_last_block_ = false;
}

std::unique_ptr<inflater> inflaters::take() {
  if (idle_.empty())
    return std::make_unique<inflater>(MAX_WBITS);
  auto lent = std::move(idle_.back());
  idle_.pop_back();
  lent->forget();
  return lent;
}

void inflaters::release(std::unique_ptr<inflater> idle) noexcept {
  if (idle_.size() < max_idle)
    idle_.push_back(std::move(idle));
}

std::span<std::byte> inflaters::scratch() {
  if (!scratch_)
    scratch_ = std::make_unique_for_overwrite<std::byte[]>(scratch_size);
  return {scratch_.get(), scratch_size};
}

message_inflater::message_inflater(inflaters& shared, int window_bits, context_takeover takeover, std::size_t limit) noexcept
    : shared_{&shared}, limit_{limit}, window_bits_{window_bits}, takeover_{takeover} {}

message_inflater::~message_inflater() {
  forget();
}

void message_inflater::have_inflater() {
  if (!inflater_)
    inflater_ = takeover_ == context_takeover::enabled ? std::make_unique<inflater>(window_bits_) : shared_->take();
}

void message_inflater::begin(std::span<std::byte> borrowed) {
  have_inflater();
  buffer_ = std::make_unique<limited_buffer>(limit_, borrowed);
}

inflated message_inflater::whole(std::span<const std::byte> payload) {
  begin(shared_->scratch());
  const auto result = part(payload);
  return result == inflated::good ? end() : result;
}

inflated message_inflater::part(std::span<const std::byte> payload) {
  if (!buffer_)
    begin({});
  return checked(inflater_->take(payload, *buffer_));
}

inflated message_inflater::end() {
  if (!buffer_)
    begin({});
  const auto result = checked(inflater_->finish(*buffer_));
  if (result == inflated::good)
    message_ = buffer_->bytes();
  return result;
}

inflated message_inflater::part(std::span<const std::byte> payload, inflate_target& out) {
  have_inflater();
  return checked(inflater_->take(payload, out));
}

inflated message_inflater::end(inflate_target& out) {
  have_inflater();
  return checked(inflater_->finish(out));
}

// Frees the memory after an error: the closing handshake may still take a while.
inflated message_inflater::checked(inflated result) noexcept {
  if (result != inflated::good) {
    inflater_.reset();
    forget();
  }
  return result;
}

void message_inflater::forget() noexcept {
  message_ = {};
  buffer_.reset();
  if (inflater_ && takeover_ == context_takeover::disabled)
    shared_->release(std::move(inflater_));
}

} // namespace harpia::inline v0::deflate
