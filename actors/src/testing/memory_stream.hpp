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

namespace harpia::testing {

/// A TCP connection as its two ends see it, in memory: the application's end is a `byte_stream`, the test's are the functions here.
///
/// All on one thread. A loop is told of readiness, level-triggered, by work that is posted to it.
class memory_connection : public std::enable_shared_from_this<memory_connection> {
public:
  /// @param capacity bytes that the kernels hold in each direction before a write has to wait
  /// @param on_change is called when the application has written, ended, made room or let go
  memory_connection(std::size_t capacity, std::function<void()> on_change)
      : capacity_{capacity}, on_change_{std::move(on_change)} {}

  /// The application's end; once.
  [[nodiscard]] std::unique_ptr<net::byte_stream> application_end();

  /// Bytes that may be delivered now.
  [[nodiscard]] std::size_t room() const noexcept;
  /// Brings bytes to the application; at most `room()`.
  void deliver(std::string_view bytes);
  /// The test has closed its socket, in an orderly way: the application reads an end behind what was delivered.
  void deliver_end();
  /// The connection breaks, what was under way is lost.
  void deliver_reset();

  /// Whether the application has read all that was delivered.
  [[nodiscard]] bool is_read() const noexcept { return to_application_.empty(); }

  /// What the application has written; nothing more once it was reset.
  [[nodiscard]] std::string take_written();
  [[nodiscard]] bool has_written() const noexcept { return !to_test_.empty(); }
  /// Whether the application will write no more.
  [[nodiscard]] bool application_ended() const noexcept { return application_ended_; }
  [[nodiscard]] bool was_reset() const noexcept { return reset_; }

  enum class reading : bool { stopped, going_on };
  /// While the test reads, a write finds some room even if the capacity is 0.
  void set_reading(reading state);

  /// Nobody is told of changes any more.
  void forget_test() noexcept { on_change_ = nullptr; }

private:
  class application_stream;

  [[nodiscard]] std::size_t room_to_test() const noexcept;
  [[nodiscard]] net::interest ready() const noexcept;
  net::io_result read(std::span<std::byte> target) noexcept;
  net::io_result write(std::span<const iovec> source) noexcept;
  void end_application();
  void tell();
  void serve();
  void changed();

  std::size_t capacity_;
  std::function<void()> on_change_;
  std::string to_application_; // at most capacity_, or reading_room if that is more
  std::string to_test_;        // likewise
  bool test_ended_ = false;
  bool application_ended_ = false;
  bool reset_ = false;
  reading reading_ = reading::going_on;

  net::event_loop* loop_ = nullptr;
  net::io_handler* owner_ = nullptr; // who watches the application's end
  net::interest wanted_ = net::interest::none;
  bool told_ = false; // work is posted that will call the owner
};

} // namespace harpia::testing
