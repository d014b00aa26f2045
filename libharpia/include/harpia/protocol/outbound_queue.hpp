// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/protocol/buffer_pool.hpp>
#include <harpia/protocol/frame.hpp>
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct iovec;

namespace harpia::protocol {

/// Where a connection's back-pressure begins, ends and stops growing, in bytes.
struct watermarks {
  std::size_t high;
  std::size_t low;
  std::size_t max;

  explicit watermarks(const route_options& options)
      : high{options.high_watermark}, low{options.low_watermark}, max{options.max_buffered} {}
};

/// The bytes that were accepted for one peer and not yet taken by the kernel, in order, with the drain contract: once `report` said
/// `buffered`, `take_drain` says yes, once, as soon as no more than the low watermark waits.
///
/// Small frames are copied together; shared frames of `reference_size` and more are referenced. Bounded by `watermarks::max` plus
/// what `push_raw` and `push_control` add. Knows no socket and no thread.
class outbound_queue {
public:
  /// Frames from this size on are not copied but referenced.
  static constexpr std::size_t reference_size = 4096;
  /// Copied frames are gathered into buffers of about this size.
  static constexpr std::size_t buffer_size = std::size_t{16} << 10;

  outbound_queue(buffer_pool& pool, watermarks marks) noexcept : pool_{&pool}, marks_{marks} {}
  ~outbound_queue() { clear(); }
  outbound_queue(outbound_queue&& other) noexcept;
  outbound_queue& operator=(outbound_queue&& other) noexcept;

  /// Encodes a message, unless it would go over the limit. @return `sent` or `dropped`
  send_status push(message_view message);
  /// Takes an encoded frame, unless it would go over the limit. @return `sent` or `dropped`
  send_status push(const shared_frame& encoded);
  /// Whether a frame of `size` bytes would go over the limit. An empty queue takes any frame.
  [[nodiscard]] bool exceeds_limit(std::size_t size) const noexcept { return size_ != 0 && size_ + size > marks_.max; }
  /// Appends bytes that must not be dropped: handshakes and frames that Beast made.
  void push_raw(std::string_view bytes);
  /// Appends a control frame of at most `max_control_payload` bytes.
  void push_control(opcode code, std::string_view payload);

  /// What to answer for a message that was accepted. After `buffered` a drain is owed.
  /// @return `sent` or `buffered`
  send_status report() noexcept;
  /// Whether an owed drain is due now; the debt is paid then.
  [[nodiscard]] bool take_drain() noexcept;

  /// Fills `out` with what to write next, oldest first.
  /// @return the part of `out` that was filled
  [[nodiscard]] std::span<iovec> gather(std::span<iovec> out) const noexcept;
  /// Forgets the oldest `count` bytes, which the kernel took. `count` must not exceed `size()`.
  void consume(std::size_t count) noexcept;

  /// Forgets everything, an owed drain too.
  void clear() noexcept;

  /// Bytes that wait.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

private:
  struct segment {
    std::string copied;
    shared_frame referenced;

    [[nodiscard]] std::string_view bytes() const noexcept { return referenced ? referenced->wire() : std::string_view{copied}; }
  };

  std::string& tail(std::size_t size);
  void pop_front() noexcept;

  buffer_pool* pool_;
  watermarks marks_;
  std::vector<segment> segments_; // bounded by size_
  std::size_t first_ = 0;         // index of the oldest segment
  std::size_t offset_ = 0;        // bytes of it that were consumed
  std::size_t size_ = 0;
  bool owes_drain_ = false;
};

} // namespace harpia::protocol
