// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "clock.hpp"
#include "connection.hpp"
#include "socket.hpp"

#include <utility>

namespace load {

/// The connections of one thread and its epoll set.
class worker {
public:
  /// Arguments outlive it.
  worker(const client_settings& settings, connection_events& events);

  /// Begins to open the client of that number, in the place of the one that had it.
  void open(std::size_t index);
  /// Opens `count` more clients, a few at a time, and awaits that.
  void open_all(std::size_t count);
  /// Waits up to `timeout` and serves the sockets that are ready.
  void turn(nanoseconds timeout);

  [[nodiscard]] connection& client(std::size_t index) { return *clients_[index]; }
  [[nodiscard]] std::size_t clients() const { return clients_.size(); }
  /// Clients that are closed since the last call; they may be opened anew.
  std::vector<std::size_t> take_closed() { return std::exchange(closed_, {}); }
  [[nodiscard]] const connection_buffers& buffers() const { return buffers_; }

private:
  const client_settings& settings_;
  connection_events& events_;
  connection_buffers buffers_;
  file_descriptor poll_;
  std::vector<std::unique_ptr<connection>> clients_;
  std::vector<std::size_t> closed_;
  std::size_t opened_ = 0;
};

} // namespace load
