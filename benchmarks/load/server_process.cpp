// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "server_process.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

namespace load {

namespace {

std::uint64_t read_clock(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0)
    throw std::runtime_error{"the server's process has ended"};
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(time.tv_nsec);
}

} // namespace

// Its clock is /proc/PID/stat's utime and stime, but in nanoseconds rather than in ticks of 10 ms.
server_process::server_process(pid_t process) : process_(process) {
  if (::clock_getcpuclockid(process, &clock_) != 0)
    throw std::runtime_error{"there is no process " + std::to_string(process)};
}

std::uint64_t server_process::processor_time() const {
  return read_clock(clock_);
}
std::uint64_t server_process::resident() const {
  return status_field("VmRSS:");
}
std::uint64_t server_process::resident_private() const {
  return status_field("RssAnon:");
}

std::uint64_t server_process::status_field(const char* name) const {
  std::ifstream status{"/proc/" + std::to_string(process_) + "/status"};
  for (std::string word; status >> word;)
    if (word == name) {
      std::uint64_t kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
  throw std::runtime_error{"the server's process has ended"};
}

std::uint64_t own_processor_time() {
  return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

} // namespace load
