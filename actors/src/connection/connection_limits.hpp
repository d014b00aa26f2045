// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace harpia::detail {

/// Slots of which only so many are taken at once. Thread-safe; outlives its slots.
class limited_slots {
public:
  /// @param limit 0: any number; then nothing is counted
  explicit limited_slots(std::size_t limit) noexcept : limit_{limit} {}
  limited_slots(const limited_slots&) = delete;
  limited_slots& operator=(const limited_slots&) = delete;

  struct give_back {
    void operator()(limited_slots* of) const noexcept { of->taken_.fetch_sub(1, std::memory_order_relaxed); }
  };
  /// Taken until it is destroyed or reset. Null where nothing is counted.
  using slot = std::unique_ptr<limited_slots, give_back>;

  /// Nothing if all are taken.
  [[nodiscard]] std::optional<slot> take() noexcept;
  [[nodiscard]] std::size_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }

private:
  const std::size_t limit_;
  std::atomic<std::size_t> taken_ = 0;
};

/// The same for each network address: for an IPv6 address its /64, since one client has all of that. Thread-safe; outlives its slots.
class slots_by_address {
  struct row;

public:
  /// @param limit of each address; 0: any number; then nothing is counted
  explicit slots_by_address(std::size_t limit) noexcept : limit_{limit} {}
  slots_by_address(const slots_by_address&) = delete;
  slots_by_address& operator=(const slots_by_address&) = delete;

  struct give_back {
    void operator()(row* taken) const noexcept;
  };
  /// As `limited_slots::slot`.
  using slot = std::unique_ptr<row, give_back>;

  /// Nothing if all of `address` are taken. What is no network address, as of a Unix socket, is not counted.
  [[nodiscard]] std::optional<slot> take(std::string_view address);
  /// How many addresses have slots.
  [[nodiscard]] std::size_t addresses() const;

private:
  using key = std::array<unsigned char, 16>; // an IPv6 address, or an IPv4 address mapped to one
  struct hash {
    [[nodiscard]] std::size_t operator()(const key& bytes) const noexcept;
  };
  struct row {
    slots_by_address* table;
    key address;
    std::size_t taken = 0; // guarded by the table's mutex_
  };

  [[nodiscard]] static std::optional<key> key_of(std::string_view address);

  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::unordered_map<key, row, hash> rows_; // guarded by mutex_: only those with slots, so no more than there are sockets
};

/// What a socket takes up: of its address as soon as it is accepted, and of the server from its upgrade on.
struct connection_slots {
  slots_by_address::slot of_address = {};
  limited_slots::slot of_server = {};

  [[nodiscard]] explicit operator bool() const noexcept { return of_address || of_server; }
};

/// Lets so many through in each span of time, the first of which begins with the first one. Of one thread.
class limited_rate {
public:
  using clock = std::chrono::steady_clock;

  limited_rate(std::size_t limit, clock::duration span) noexcept : limit_{limit}, span_{span} {}

  [[nodiscard]] bool take(clock::time_point now) noexcept;

private:
  std::size_t limit_;
  clock::duration span_;
  clock::time_point began_{};
  std::size_t taken_ = 0;
};

} // namespace harpia::detail
