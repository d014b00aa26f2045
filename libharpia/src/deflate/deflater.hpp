// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace harpia::inline v0::deflate {

/// The settings that determine the compressed bytes: equal settings mean that a compressed message can be shared.
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

  /// Compresses a payload of at least one byte. The result may refer to payloads since the last `forget`.
  /// @return the compressed bytes, valid until the next call of any function, `trim` included
  [[nodiscard]] std::string_view deflate(std::string_view payload);
  /// Frees memory that only a large message needed. Call it when the last result is no longer needed.
  void trim() noexcept;
  /// Resets the context: the next message refers to nothing before it.
  void forget() noexcept;

  [[nodiscard]] const deflate_settings& settings() const noexcept { return settings_; }
  /// The number of messages it has compressed.
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

private:
  deflate_settings settings_;
  std::unique_ptr<z_stream_s> stream_;
  std::string output_; // keeps its memory for the next message; at most `kept_output` after `trim`
  std::uint64_t count_ = 0;

  static constexpr std::size_t kept_output = std::size_t{64} << 10;
};

/// The deflaters of one loop for messages without context takeover. Connections with the same settings share one. Not thread-safe.
class deflaters {
public:
  /// Maximum number of deflaters, each with different settings; up to 300 kilobytes each.
  static constexpr std::size_t max_kept = 8;

  /// A deflater with an empty context. Valid until the next call.
  [[nodiscard]] deflater& get(const deflate_settings& settings);
  /// The number of compressed messages.
  [[nodiscard]] std::uint64_t count() const noexcept;

private:
  std::list<deflater> all_; // most recently used first; bounded by max_kept
  std::uint64_t count_of_former_ = 0;
};

} // namespace harpia::inline v0::deflate
