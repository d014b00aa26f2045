// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/log.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <mutex>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace harpia::inline v0 {

namespace {

// What a pipe takes at once or not at all (PIPE_BUF): poll(2) says so before, and then write(2) does not wait.
constexpr std::size_t longest_line = 4096;

/// Keeps SIGPIPE from this thread: what a write raises is taken back.
class without_sigpipe {
public:
  without_sigpipe() noexcept {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~without_sigpipe() {
    const timespec now{};
    if (!was_pending_)
      while (sigtimedwait(&pipe_, nullptr, &now) == -1 && errno == EINTR) {
      }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  without_sigpipe(const without_sigpipe&) = delete;
  without_sigpipe& operator=(const without_sigpipe&) = delete;

private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_;
};

// Writes `line` if that needs no waiting for a reader. @return whether it was written
bool try_write(const std::string& line) noexcept {
  struct stat file {};
  const bool has_reader = ::fstat(STDERR_FILENO, &file) == 0 && !S_ISREG(file.st_mode);
  const iovec whole{const_cast<char*>(line.data()), line.size()};
  auto written = has_reader ? ::pwritev2(STDERR_FILENO, &whole, 1, -1, RWF_NOWAIT) : ::writev(STDERR_FILENO, &whole, 1);
  if (has_reader && written == -1 && errno != EAGAIN && errno != EPIPE) { // the kernel has no RWF_NOWAIT for this kind of file
    pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0)
      return false;
    written = ::writev(STDERR_FILENO, &whole, 1);
  }
  return written == static_cast<ssize_t>(line.size());
}

} // namespace

void log_to_standard_error(const log_record& record) noexcept {
  static std::mutex mutex; // lines do not mix, and guards `lost`
  static std::uint64_t lost = 0;
  try {
    auto line = to_line(record);
    if (line.size() >= longest_line - 64)
      line.replace(longest_line - 64, std::string::npos, "…");
    line.push_back('\n');
    const std::scoped_lock lock{mutex};
    const without_sigpipe quiet;
    if (lost > 0 && try_write(std::to_string(lost) + " lines of harpia's log were lost: standard error did not take them\n"))
      lost = 0;
    if (!try_write(line))
      ++lost;
  } catch (...) { // no memory for the line
  }
}

} // namespace harpia::inline v0
