// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "options.hpp"
#include "server_process.hpp"
#include "traffic.hpp"

namespace load {

/// What was measured between the end of the warm-up and the end of the duration.
struct outcome {
  double seconds = 0;
  std::uint64_t messages = 0;
  std::uint64_t server_time = 0;      // ns of processor time, where the server's process is known
  std::uint64_t own_time = 0;         // ns of processor time of all threads
  std::uint64_t resident = 0;         // bytes at the end
  std::uint64_t resident_private = 0; // bytes at the end
  std::uint64_t whole_run = 0;        // messages, those of the warm-up and of the end too
  std::uint64_t received = 0;         // bytes in the whole run, those of the upgrades too
  std::uint64_t compressed = 0;       // messages in the whole run
  histogram latencies;
};

/// Runs each traffic on a thread of its own. Throws `std::runtime_error` where the server does anything wrong, also if it keeps
/// an answer for itself.
outcome run_load(const options& wanted, const std::vector<std::unique_ptr<traffic>>& traffics, measured_window& window);

} // namespace load
