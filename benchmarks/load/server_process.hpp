// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <optional>
#include <sys/types.h>
#include <time.h>

namespace load {

/// What the kernel tells about the server's process. Throws `std::runtime_error` if there is no such process.
class server_process {
public:
  explicit server_process(pid_t process);

  /// Nanoseconds of processor time, of all threads, also of those that have ended.
  [[nodiscard]] std::uint64_t processor_time() const;
  /// Bytes.
  [[nodiscard]] std::uint64_t resident() const;
  /// Bytes of the resident memory that is in no file: heap and stacks.
  [[nodiscard]] std::uint64_t resident_private() const;

private:
  [[nodiscard]] std::uint64_t status_field(const char* name) const;

  pid_t process_;
  clockid_t clock_;
};

/// Nanoseconds of processor time of this process.
std::uint64_t own_processor_time();

} // namespace load
