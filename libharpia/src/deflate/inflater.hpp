// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/deflate_options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct z_stream_s;

namespace harpia::inline v0::deflate {

class limited_buffer;

/// The output of an inflater.
class inflate_target {
public:
  /// The buffer for the next bytes; empty once the limit is reached.
  [[nodiscard]] virtual std::span<std::byte> room() = 0;
  /// Called after `count` bytes of `room` were filled.
  virtual void added(std::size_t count) = 0;

protected:
  ~inflate_target() = default;
};

/// The result of decompressing.
enum class inflated : std::uint8_t {
  good,
  malformed, ///< the bytes are not a valid compressed message (RFC 7692, 7.2.1)
  too_large, ///< the decompressed message exceeds the limit
};

/// Decompresses the payloads of messages (RFC 7692, 7.2.2). Unusable after any result but `good`. Not thread-safe.
class inflater {
public:
  /// @param window_bits 8 to 15 @throws std::bad_alloc
  explicit inflater(int window_bits);
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Decompresses a part of a message. Stops with `too_large` as soon as the output exceeds the room of `out`.
  inflated take(std::span<const std::byte> part, inflate_target& out);
  /// The message has no more parts.
  inflated finish(inflate_target& out);
  /// Resets the context: the next message refers to nothing before it.
  void forget() noexcept;

private:
  enum class stop : bool { at_the_end, after_each_block };
  inflated run(std::span<const std::byte> part, inflate_target& out, stop when);

  std::unique_ptr<z_stream_s> stream_;
  bool had_last_block_ = false;
};

/// The inflaters that one loop's sessions share: those with an empty context, and a scratch buffer for messages. Not thread-safe.
class inflaters {
public:
  /// Maximum number of idle inflaters that are kept, at 40 kilobytes each.
  static constexpr std::size_t max_idle = 4;

  inflaters() { idle_.reserve(max_idle); }

  [[nodiscard]] std::unique_ptr<inflater> take();
  void release(std::unique_ptr<inflater> idle) noexcept;
  /// The buffer that unfragmented messages are inflated into.
  [[nodiscard]] std::span<std::byte> scratch();

private:
  std::vector<std::unique_ptr<inflater>> idle_; // bounded by max_idle
  std::unique_ptr<std::byte[]> scratch_;        // null until it is first used
};

/// Decompresses the messages that one session receives. Without context takeover it holds no memory between messages. Not
/// thread-safe.
class message_inflater {
public:
  /// @param shared outlives it
  /// @param limit maximum size of a decompressed message in bytes
  message_inflater(inflaters& shared, int window_bits, context_takeover takeover, std::size_t limit) noexcept;
  ~message_inflater();

  /// Decompresses a whole message.
  inflated whole(std::span<const std::byte> payload);
  /// Decompresses a part of a message. Uses at most the limit plus a constant amount of memory.
  inflated part(std::span<const std::byte> payload);
  /// The message has no more parts.
  inflated end();

  /// As the two above, but without assembling the message: the output goes to `out` at once, and `out` enforces the limit.
  inflated part(std::span<const std::byte> payload, inflate_target& out);
  inflated end(inflate_target& out);
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  /// A buffer that `out` may use during these calls.
  [[nodiscard]] std::span<std::byte> scratch() { return shared_->scratch(); }

  /// The message, after `whole` or `end` returned `good`. Valid until `forget`, or until `whole` of any inflater with the same `shared`.
  [[nodiscard]] std::span<const std::byte> message() const noexcept { return message_; }
  /// Releases the message.
  void forget() noexcept;

private:
  [[nodiscard]] inflated checked(inflated result) noexcept;
  void have_inflater();
  void begin(std::span<std::byte> borrowed);

  inflaters* shared_;
  std::unique_ptr<inflater> inflater_; // null between messages, except with context takeover
  std::unique_ptr<limited_buffer> buffer_;
  std::span<const std::byte> message_;
  std::size_t limit_;
  int window_bits_;
  context_takeover takeover_;
};

} // namespace harpia::inline v0::deflate
