// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/send_file.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <sys/sendfile.h>
#include <system_error>

namespace harpia::inline v0::net {

namespace {

/// Keeps SIGPIPE from this thread for its own lifetime, and takes away the one that was made meanwhile.
class without_sigpipe {
public:
  without_sigpipe() noexcept {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~without_sigpipe() {
    const int error = errno;
    if (!was_pending_) {
      const timespec at_once{};
      while (sigtimedwait(&pipe_, nullptr, &at_once) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }
  without_sigpipe(const without_sigpipe&) = delete;
  without_sigpipe& operator=(const without_sigpipe&) = delete;

private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false; // for another reason
};

} // namespace

io_result send_file(int socket, int file, std::uint64_t from, std::size_t most) noexcept {
  using enum io_result::outcome;
  const without_sigpipe guard;
  auto offset = static_cast<off_t>(from);
  const auto size = ::sendfile(socket, file, &offset, most);
  if (size > 0)
    return {.what = done, .size = static_cast<std::size_t>(size)};
  if (size == 0)
    return {.what = end};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return {.what = would_block};
  return {.what = failed, .error = std::error_code{errno, std::system_category()}};
}

} // namespace harpia::inline v0::net
