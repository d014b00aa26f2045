// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstdint>
#include <string>

namespace harpia::test {

/// Makes system calls of this process fail: this executable has its own `recv`, `send`, `epoll_ctl` and so on in front of the C
/// library's. A call that fails does nothing but set `errno`. `close`, and taking a descriptor out of an epoll set, cannot fail.
///
/// Calls are counted while faults are armed, on all threads but those that are spared. Thread-safe.
namespace system_faults {

/// From now on the `n`-th call fails, once, n from 1. Calls of one kind fail in different ways for different `variant`.
void fail_call(std::uint64_t n, std::uint64_t variant);
/// From now on about one call in `one_in` fails, in ways that depend on `seed`.
void fail_randomly(std::uint64_t seed, std::uint32_t one_in);
/// No call fails and none is counted until `resume`.
void pause() noexcept;
void resume() noexcept;
/// Ends that.
void disarm() noexcept;

/// Calls counted since faults were armed.
[[nodiscard]] std::uint64_t counted() noexcept;
/// Calls that have failed since then.
[[nodiscard]] std::uint64_t failed() noexcept;
/// The last of these: "recv, Connection reset by peer"; empty if there was none.
[[nodiscard]] std::string last();

/// While this lives, calls of its thread are neither counted nor fail: those of a test's own clients.
class spared {
public:
  spared() noexcept;
  ~spared();
  spared(const spared&) = delete;
  spared& operator=(const spared&) = delete;

private:
  bool before_;
};

/// Calls of this thread are neither counted nor fail, to its end.
void spare_this_thread() noexcept;

/// While this lives, calls of its thread count although it is spared: `app.start`.
class not_spared {
public:
  not_spared() noexcept;
  ~not_spared();
  not_spared(const not_spared&) = delete;
  not_spared& operator=(const not_spared&) = delete;

private:
  bool before_;
};

} // namespace system_faults

} // namespace harpia::test
