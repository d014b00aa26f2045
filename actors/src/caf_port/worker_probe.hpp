// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/intrusive_ptr.hpp>

namespace harpia::inline v0::detail {

/// Finds out whether the threads of CAF's scheduler still run actors: a job that one of them runs when it comes to it.
class worker_probe {
public:
  /// @param system outlives the probe
  explicit worker_probe(caf::actor_system& system);
  ~worker_probe();
  worker_probe(const worker_probe&) = delete;
  worker_probe& operator=(const worker_probe&) = delete;

  /// Submits the job. It must not be pending.
  void send();
  /// Whether no thread has run it yet.
  [[nodiscard]] bool is_pending() const noexcept;

private:
  class job;

  caf::actor_system* system_;
  caf::intrusive_ptr<job> job_;
};

} // namespace harpia::inline v0::detail
