// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/handle.hpp>

#include <caf/actor.hpp>
#include <caf/actor_control_block.hpp>

#include <mutex>
#include <string_view>

namespace harpia::inline v0::detail {

/// State shared by a client's handles and its supervisor. Thread-safe.
class client_state {
public:
  /// The current connection; an empty handle while there is none.
  [[nodiscard]] handle connection() const;
  /// The supervisor; invalid once the client has ended.
  [[nodiscard]] caf::actor actor() const;
  void close(close_code code, std::string_view reason);

  // For the supervisor.

  void set_actor(const caf::actor& supervisor);
  void set_connection(handle present);
  /// The client has ended, or is about to.
  void end();

private:
  mutable std::mutex mutex_; // guards the members below
  caf::weak_actor_ptr supervisor_;
  handle connection_;
  bool ending_ = false;
};

} // namespace harpia::inline v0::detail
