// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "net/event_loop.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace harpia::inline v0::testing {

/// A TCP connection in memory. The application's end is a `byte_stream`; the functions of this class are the test's end.
///
/// Everything runs on one thread. Readiness is level-triggered and reaches a loop as posted work.
class memory_connection : public std::enable_shared_from_this<memory_connection> {
public:
  /// @param capacity bytes that the simulated kernels buffer in each direction before a write would block
  /// @param on_change is called after the application has written, read, shut down or closed
  memory_connection(std::size_t capacity, std::function<void()> on_change)
      : capacity_{capacity}, on_change_{std::move(on_change)} {}

  /// The application's end. Call it once.
  [[nodiscard]] std::unique_ptr<net::byte_stream> application_end();

  /// Bytes that may be delivered now.
  [[nodiscard]] std::size_t space() const noexcept;
  /// Delivers at most `space()` bytes to the application.
  void deliver(std::string_view bytes);
  /// Closes the test's socket in an orderly way: the application reads end-of-file after the delivered bytes.
  void deliver_end();
  /// Resets the connection. Bytes in transit are lost.
  void deliver_reset();

  /// Whether the application has read all delivered bytes.
  [[nodiscard]] bool is_read() const noexcept { return to_application_.empty(); }

  /// Takes the bytes that the application has written; none after a reset.
  [[nodiscard]] std::string take_written();
  [[nodiscard]] bool has_written() const noexcept { return !to_test_.empty(); }
  /// Whether the application has shut down its sending side.
  [[nodiscard]] bool application_ended() const noexcept { return application_ended_; }
  [[nodiscard]] bool was_reset() const noexcept { return reset_; }

  enum class reading : bool { stopped, going_on };
  /// While the test reads, there is some room for writes even if the capacity is 0.
  void set_reading(reading state);

  /// Stops the calls of `on_change`.
  void forget_test() noexcept { on_change_ = nullptr; }

private:
  class application_stream;

  [[nodiscard]] std::size_t space_to_test() const noexcept;
  [[nodiscard]] net::interest ready() const noexcept;
  net::io_result read(std::span<std::byte> target) noexcept;
  net::io_result write(std::span<const iovec> source) noexcept;
  void end_application();
  void notify_later();
  void notify_owner();
  void changed();

  std::size_t capacity_;
  std::function<void()> on_change_;
  std::string to_application_; // at most capacity_, or min_reader_capacity if that is more
  std::string to_test_;        // likewise
  bool test_ended_ = false;
  bool application_ended_ = false;
  bool reset_ = false;
  reading reading_ = reading::going_on;

  net::event_loop* loop_ = nullptr;
  net::io_handler* owner_ = nullptr; // watches the application's end
  net::interest wanted_ = net::interest::none;
  bool notify_pending_ = false; // posted work will call the owner
};

} // namespace harpia::inline v0::testing
