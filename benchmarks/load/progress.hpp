// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace load {

/// A bar on standard error, if that is a terminal. It goes when the run is over.
class progress_bar {
public:
  /// Nanoseconds of the steady clock.
  progress_bar(std::int64_t start, std::int64_t end) : start_(start), end_(end), shown_(::isatty(STDERR_FILENO) == 1) {}
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;
  ~progress_bar() {
    if (shown_)
      std::fputs("\r\x1b[K", stderr);
  }

  void show(std::int64_t now, std::uint64_t messages) const {
    if (!shown_)
      return;
    constexpr std::int64_t width = 40;
    const auto done = static_cast<std::size_t>(std::min(width, (now - start_) * width / (end_ - start_)));
    std::fprintf(stderr, "\r[%s%s] %llu messages", std::string(done, '#').c_str(), std::string(width - done, '.').c_str(),
                 static_cast<unsigned long long>(messages));
  }

private:
  std::int64_t start_;
  std::int64_t end_;
  bool shown_;
};

} // namespace load
