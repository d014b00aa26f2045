// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"
#include "net/timer_wheel.hpp"
#include "net/unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

namespace harpia::inline v0::net {

struct socket_address;

/// The addresses of a server, in the order to try them. A value.
class address_list {
public:
  address_list();
  explicit address_list(std::vector<socket_address> addresses);
  address_list(const address_list&);
  address_list(address_list&&) noexcept;
  address_list& operator=(const address_list&);
  address_list& operator=(address_list&&) noexcept;
  ~address_list();

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const socket_address& operator[](std::size_t index) const noexcept;
  /// The same addresses with those of the first one's family and of the other taking turns (RFC 8305, 4).
  [[nodiscard]] address_list interleaved() const;
  /// Appends the addresses of `more`.
  void append(const address_list& more);

private:
  std::vector<socket_address> addresses_;
};

/// The addresses of a host, or the error.
using resolve_result = std::variant<address_list, std::error_code>;

/// What `resolve` accepts as a host. `name_or_address` blocks for as long as the system's resolver does; `address` does not block.
enum class host_kind { name_or_address, address };

/// Finds the addresses of a host. Any thread may call it; an event loop's thread may call it for `host_kind::address` only.
[[nodiscard]] resolve_result resolve(const std::string& host, std::uint16_t port, host_kind kind);

/// A connection to a server: non-blocking, with TCP_NODELAY.
struct connected {
  unique_fd socket;
  std::string remote_address; ///< the server's numeric host, without port
};

/// The outcome of an attempt to connect.
using connect_result = std::variant<connected, std::error_code>;

/// One attempt to connect: tries the addresses without blocking, until one answers or the deadline has passed (RFC 8305, "Happy Eyeballs").
/// The families take turns. An address that has not answered after `attempt_delay` does not hold up the next one, which is tried beside it;
/// the first one that answers is taken.
///
/// Belongs to the loop's thread. The destructor cancels the attempt. `done` may destroy the connector.
class connector final : private timer {
public:
  static constexpr std::chrono::milliseconds attempt_delay{250}; // RFC 8305, 5

  /// @param loop outlives the connector
  /// @param done is called once: by `start`, or by the loop later
  connector(event_loop& loop, address_list addresses, event_loop::clock::time_point deadline,
            std::function<void(connect_result)> done);
  ~connector() override;
  connector(const connector&) = delete;
  connector& operator=(const connector&) = delete;

  void start();

private:
  class candidate;

  void on_timer() override;

  void try_next();
  [[nodiscard]] bool open(const socket_address& address);
  void on_connected(candidate& first);
  void on_failed(candidate& failed, std::error_code why);
  void finish(connect_result result);

  event_loop* loop_;
  address_list addresses_;
  event_loop::clock::time_point deadline_;
  std::function<void(connect_result)> done_;
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<candidate>> candidates_; // addresses that have not answered yet
  std::error_code last_error_;
};

} // namespace harpia::inline v0::net
