// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/log.hpp>

#include <atomic>
#include <memory>
#include <string_view>
#include <utility>

namespace harpia::inline v0::detail {

/// The log of an app. Thread-safe.
class logger {
public:
  logger(log_sink sink, log_level lowest) noexcept : sink_{std::move(sink)}, lowest_{lowest} {}

  /// Whether records of that level are written.
  [[nodiscard]] bool takes(log_level level) const noexcept { return level >= lowest_.load(std::memory_order_relaxed); }
  /// Writes a record, whose time it sets, if its level is written.
  void write(log_record record) const noexcept;
  /// From now on writes every record, and explains close codes to peers.
  void show_all() noexcept {
    lowest_.store(log_level::debug, std::memory_order_relaxed);
    is_verbose_.store(true, std::memory_order_relaxed);
  }
  /// Whether `show_all` was called.
  [[nodiscard]] bool is_verbose() const noexcept { return is_verbose_.load(std::memory_order_relaxed); }

  /// The log of what runs in no app.
  [[nodiscard]] static const std::shared_ptr<const logger>& without_app() noexcept;

private:
  log_sink sink_;
  std::atomic<log_level> lowest_;
  std::atomic<bool> is_verbose_ = false;
};

/// In a `catch` block: writes that `function`, of which nobody else is told, threw.
void log_failure(const logger& log, std::string_view function) noexcept;

} // namespace harpia::inline v0::detail
