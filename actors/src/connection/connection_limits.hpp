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

namespace harpia::inline v0::detail {

/// A limited number of slots. Thread-safe; outlives its slots.
class limited_slots {
public:
  /// @param limit maximum number of taken slots; 0: unlimited, and not counted
  explicit limited_slots(std::size_t limit) noexcept : limit_{limit} {}
  limited_slots(const limited_slots&) = delete;
  limited_slots& operator=(const limited_slots&) = delete;

  struct releaser {
    void operator()(limited_slots* of) const noexcept { of->taken_.fetch_sub(1, std::memory_order_relaxed); }
  };
  /// Holds a slot until destroyed or reset. Null if slots are not counted.
  using slot = std::unique_ptr<limited_slots, releaser>;

  /// Takes a slot. @return nothing if all are taken
  [[nodiscard]] std::optional<slot> take() noexcept;
  [[nodiscard]] std::size_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }

private:
  const std::size_t limit_;
  std::atomic<std::size_t> taken_ = 0;
};

/// A slot limit for each network address. An IPv6 client usually owns a whole /64, so a /64 counts as one address.
/// Thread-safe; outlives its slots.
class slots_by_address {
  struct row;

public:
  /// @param limit maximum for each address; 0: unlimited, and not counted
  explicit slots_by_address(std::size_t limit) noexcept : limit_{limit} {}
  slots_by_address(const slots_by_address&) = delete;
  slots_by_address& operator=(const slots_by_address&) = delete;

  struct releaser {
    void operator()(row* taken) const noexcept;
  };
  /// As `limited_slots::slot`.
  using slot = std::unique_ptr<row, releaser>;

  /// Takes a slot of `address`. @return nothing if all are taken. Other addresses, such as a Unix socket's, are not counted.
  [[nodiscard]] std::optional<slot> take(std::string_view address);
  /// Number of addresses with taken slots.
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
  std::unordered_map<key, row, hash> rows_; // guarded by mutex_; only addresses with slots, so at most one row a socket
};

/// The slots of a socket: one of its address from its accept on, and one of the server from its upgrade on.
struct connection_slots {
  slots_by_address::slot of_address = {};
  limited_slots::slot of_server = {};

  [[nodiscard]] explicit operator bool() const noexcept { return of_address || of_server; }
};

/// Allows `limit` events in each window of length `span`. An event after the end of a window begins the next one. Not thread-safe.
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

} // namespace harpia::inline v0::detail
