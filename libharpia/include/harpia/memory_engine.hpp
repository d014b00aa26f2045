// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/engine.hpp>
#include <harpia/export.hpp>

#include <cstddef>
#include <memory>

namespace harpia::inline v0 {

namespace fleet {
class memory_hub;
}

/// An engine in the memory of this process, which several of its apps share: for tests of what an application does on several nodes, and when
/// its engine fails.
///
///     harpia::memory_engine engine;
///     harpia::app one{{.engine = engine}};
///     harpia::app other{{.engine = engine}};
///
/// *Thread safety* All functions may be called by any thread. Copies are the same engine.
///
/// *Lifetimes* May end before the apps.
class HARPIA_API memory_engine {
public:
  /// @param options of all apps that get it
  explicit memory_engine(engine_options options = {});

  /// As `app_options::engine`.
  operator engine() const;

  // Faults.

  /// The engine cannot be reached until `come_back`.
  void go_away() const;
  void come_back() const;
  /// Ends all connections; they are made again.
  void cut() const;
  /// A replica takes over that lacks the last `count` messages, at most 64.
  void fail_over(std::size_t count) const;
  /// Starts again, and has kept nothing.
  void restart_empty() const;

private:
  std::shared_ptr<fleet::memory_hub> hub_;
  engine_options options_;
};

} // namespace harpia::inline v0
