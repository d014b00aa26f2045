// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace harpia::deflate {

/// What two compressed messages have to have in common so that one may be sent for the other.
struct deflate_settings {
  int window_bits = 15; // 9 to 15
  int level = 6;
  int memory_level = 8;

  friend bool operator==(const deflate_settings&, const deflate_settings&) = default;
};

/// Compresses the payloads of messages (RFC 7692, 7.2.1). Not thread-safe.
class deflater {
public:
  /// @throws std::bad_alloc
  explicit deflater(const deflate_settings& settings);
  ~deflater();
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  /// Compresses a payload of at least one byte, which may refer to those before it since the last `forget`.
  /// @return valid until the next call, of `trim` too
  [[nodiscard]] std::string_view deflate(std::string_view payload);
  /// Gives back what only a large message needed; to be called when its result is no longer needed.
  void trim() noexcept;
  /// What comes next refers to nothing before it.
  void forget() noexcept;

  [[nodiscard]] const deflate_settings& settings() const noexcept { return settings_; }
  /// How many messages it has compressed.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
  deflate_settings settings_;
  std::unique_ptr<z_stream_s> stream_;
  std::string output_; // its memory is kept for the next message, up to `kept_output` after `trim`
  std::uint64_t count_ = 0;

  static constexpr std::size_t kept_output = std::size_t{64} << 10;
};

/// The deflaters of one loop for messages that refer to no other: one for all connections that agreed on the same. Not thread-safe.
class deflaters {
public:
  /// How many with different settings are kept, at up to 300 kilobytes each.
  static constexpr std::size_t max_kept = 8;

  /// One that has forgotten what it was given before. Valid until the next call.
  [[nodiscard]] deflater& get(const deflate_settings& settings);
  /// How many messages were compressed.
  [[nodiscard]] std::uint64_t count() const noexcept;

private:
  std::list<deflater> all_; // the last used first; bounded by max_kept
  std::uint64_t count_of_former_ = 0;
};

} // namespace harpia::deflate
