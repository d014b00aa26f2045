// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/deflate_options.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct z_stream_s;

namespace harpia::deflate {

class limited_buffer;

/// Where an inflater puts what it makes.
class inflate_target {
public:
  /// Where the next bytes belong; empty once there are as many as there may be.
  [[nodiscard]] virtual std::span<std::byte> room() = 0;
  /// `count` bytes of the room have been filled.
  virtual void added(std::size_t count) = 0;

protected:
  ~inflate_target() = default;
};

/// What became of compressed bytes.
enum class inflated : std::uint8_t {
  good,
  malformed, ///< they are not what RFC 7692, 7.2.1 makes of a message
  too_large, ///< there is more in them than may be
};

/// Decompresses the payloads of messages (RFC 7692, 7.2.2). After anything but `good` it is good for nothing. Not thread-safe.
class inflater {
public:
  /// @param window_bits 8 to 15 @throws std::bad_alloc
  explicit inflater(int window_bits);
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// Decompresses a part of a message. Gives up as soon as there is more in it than `out` has room for.
  inflated take(std::span<const std::byte> part, inflate_target& out);
  /// The message has no more parts.
  inflated finish(inflate_target& out);
  /// What comes next refers to nothing before it.
  void forget() noexcept;

private:
  enum class stop : bool { at_the_end, after_each_block };
  inflated run(std::span<const std::byte> part, inflate_target& out, stop when);

  std::unique_ptr<z_stream_s> stream_;
  bool had_last_block_ = false;
};

/// What the sessions of one loop inflate with: inflaters that remember nothing, and a place for messages. Not thread-safe.
class inflaters {
public:
  /// How many that nobody needs are kept, at 40 kilobytes each.
  static constexpr std::size_t max_idle = 4;

  inflaters() { idle_.reserve(max_idle); }

  [[nodiscard]] std::unique_ptr<inflater> take();
  void give_back(std::unique_ptr<inflater> idle) noexcept;
  /// Where messages are inflated that come in one piece.
  [[nodiscard]] std::span<std::byte> scratch();

private:
  std::vector<std::unique_ptr<inflater>> idle_; // bounded by max_idle
  std::unique_ptr<std::byte[]> scratch_;        // null until it is needed
};

/// Puts the compressed messages together that one session receives. One that was negotiated without context takeover holds no
/// memory between messages. Not thread-safe.
class message_inflater {
public:
  /// @param shared outlives it
  /// @param limit bytes of a message
  message_inflater(inflaters& shared, int window_bits, context_takeover takeover, std::size_t limit) noexcept;
  ~message_inflater();

  /// Decompresses a message that is there as a whole.
  inflated whole(std::span<const std::byte> payload);
  /// Decompresses a part of a message. It takes no more memory than the limit and a constant.
  inflated part(std::span<const std::byte> payload);
  /// The message has no more parts.
  inflated end();

  /// The same two for whoever puts nothing together: what there is goes to `out` at once, and the limit is for that to keep.
  inflated part(std::span<const std::byte> payload, inflate_target& out);
  inflated end(inflate_target& out);
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  /// A place that `out` may borrow for as long as these take.
  [[nodiscard]] std::span<std::byte> scratch() { return shared_->scratch(); }

  /// After `whole` or `end` was good: the message. Valid until `forget`, or until anybody else's `whole`.
  [[nodiscard]] std::span<const std::byte> message() const noexcept { return message_; }
  /// Nobody needs the message any more.
  void forget() noexcept;

private:
  [[nodiscard]] inflated checked(inflated result) noexcept;
  void have_inflater();
  void begin(std::span<std::byte> borrowed);

  inflaters* shared_;
  std::unique_ptr<inflater> inflater_; // null between messages, unless they refer to one another
  std::unique_ptr<limited_buffer> buffer_;
  std::span<const std::byte> message_;
  std::size_t limit_;
  int window_bits_;
  context_takeover takeover_;
};

} // namespace harpia::deflate
