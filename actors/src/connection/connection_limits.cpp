// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "connection/connection_limits.hpp"

#include <harpia/network_address.hpp>

#include <algorithm>
#include <functional>

namespace harpia::inline v0::detail {

std::optional<limited_slots::slot> limited_slots::take() noexcept {
  if (limit_ == 0)
    return slot{};
  auto taken = taken_.load(std::memory_order_relaxed);
  do {
    if (taken >= limit_)
      return std::nullopt;
  } while (!taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
  return slot{this};
}

std::optional<slots_by_address::slot> slots_by_address::take(std::string_view address) {
  if (limit_ == 0)
    return slot{};
  const auto client = key_of(address);
  if (!client)
    return slot{};
  const std::scoped_lock lock{mutex_};
  auto& found = rows_.try_emplace(*client, row{this, *client}).first->second;
  if (found.taken >= limit_)
    return std::nullopt;
  ++found.taken;
  return slot{&found};
}

void slots_by_address::releaser::operator()(row* taken) const noexcept {
  auto& table = *taken->table;
  const std::scoped_lock lock{table.mutex_};
  if (--taken->taken == 0)
    table.rows_.erase(table.rows_.find(taken->address));
}

std::size_t slots_by_address::addresses() const {
  const std::scoped_lock lock{mutex_};
  return rows_.size();
}

std::optional<slots_by_address::key> slots_by_address::key_of(std::string_view address) {
  const auto read = network_address::parse(address.substr(0, address.find('%'))); // RFC 4007, 11: a zone may follow
  if (!read)
    return std::nullopt;
  auto bytes = read->bytes();
  // All link-local addresses share their first 64 bits (RFC 4291, 2.5.6), so each of them is counted on its own.
  const bool is_link_local = bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80;
  if (!read->is_ipv4() && !is_link_local)
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return bytes;
}

bool limited_rate::take(clock::time_point now) noexcept {
  if (taken_ == 0 || now - began_ >= span_) {
    began_ = now;
    taken_ = 0;
  }
  if (taken_ >= limit_)
    return false;
  ++taken_;
  return true;
}

std::size_t slots_by_address::hash::operator()(const key& bytes) const noexcept {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

} // namespace harpia::inline v0::detail
