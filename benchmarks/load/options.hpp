// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "connection.hpp"

#include <chrono>
#include <optional>
#include <sys/types.h>

namespace load {

using seconds = std::chrono::duration<double>;

enum class mode { echo, broadcast, idle, connect, latency };
enum class output { text, json };

/// The command line.
struct options {
  load::mode mode{};
  client_settings settings;
  std::string url;
  std::size_t clients = 100;
  std::size_t in_flight = 1;
  std::size_t size = 20; // bytes
  opcode kind = opcode::text;
  double rate = 10'000; // messages per second
  std::size_t drips = 0;
  seconds warm_up{1};
  seconds duration{5};
  std::size_t threads = 1;
  std::optional<pid_t> server;
  std::optional<int> cpu;
  output format = output::text;
};

/// Throws `std::invalid_argument` that names the offender.
options parse_options(int argc, char** argv);

/// The help text.
extern const char* const usage;

} // namespace load
