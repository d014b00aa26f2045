// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "deflate/deflater.hpp"

#include "deflate/deflate_tail.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <new>
#include <utility>
#include <zlib.h>

namespace harpia::inline v0::deflate {

deflater::deflater(const deflate_settings& settings) : settings_{settings}, stream_{std::make_unique<z_stream>()} {
  // A negative window selects raw deflate, without zlib's header and checksum.
  if (deflateInit2(stream_.get(), settings.level, Z_DEFLATED, -settings.window_bits, settings.memory_level, Z_DEFAULT_STRATEGY)
      != Z_OK)
    throw std::bad_alloc{};
}

deflater::~deflater() {
  deflateEnd(stream_.get());
}

std::string_view deflater::deflate(std::string_view payload) {
  assert(!payload.empty()); // a second flush without new input would produce nothing
  output_.clear();
  ++count_;
  constexpr std::size_t most = std::numeric_limits<uInt>::max();
  std::array<char, std::size_t{16} << 10> piece;
  do {
    const auto part = payload.substr(0, most);
    payload.remove_prefix(part.size());
    stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data())); // zlib only reads it
    stream_->avail_in = static_cast<uInt>(part.size());
    do {
      stream_->next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_->avail_out = static_cast<uInt>(piece.size());
      ::deflate(stream_.get(), payload.empty() ? Z_SYNC_FLUSH : Z_NO_FLUSH);
      output_.append(piece.data(), piece.size() - stream_->avail_out);
    } while (stream_->avail_out == 0);
  } while (!payload.empty());
  assert(output_.ends_with(deflate_tail));
  return std::string_view{output_}.substr(0, output_.size() - deflate_tail.size());
}

void deflater::trim() noexcept {
  if (output_.capacity() > kept_output)
    std::string{}.swap(output_); // an assignment would keep the memory
}

void deflater::forget() noexcept {
  deflateReset(stream_.get());
}

deflater& deflaters::get(const deflate_settings& settings) {
  const auto found = std::ranges::find(all_, settings, &deflater::settings);
  if (found != all_.end()) {
    all_.splice(all_.begin(), all_, found);
  } else {
    all_.emplace_front(settings);
    if (all_.size() > max_kept) {
      count_of_former_ += all_.back().count();
      all_.pop_back();
    }
  }
  all_.front().forget();
  return all_.front();
}

std::uint64_t deflaters::count() const noexcept {
  auto sum = count_of_former_;
  for (const auto& each : all_)
    sum += each.count();
  return sum;
}

} // namespace harpia::inline v0::deflate
