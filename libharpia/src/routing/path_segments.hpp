// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "routing/pattern.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace harpia::inline v0::routing {

/// A path taken apart at its slashes, one final slash ignored, each segment percent-decoded.
///
/// Refers to `path`, which must outlive it. Allocates only if something is encoded. Segments may be empty ("//") and may contain a
/// slash that was sent as %2F.
class path_segments {
public:
  /// @param path the part of a request target before its '?'
  explicit path_segments(std::string_view path);
  path_segments(const path_segments&) = delete;
  path_segments& operator=(const path_segments&) = delete;

  /// False if the path does not begin with '/', has more than `max_segments` segments or a malformed %XX. `size()` is meaningless then.
  [[nodiscard]] bool valid() const noexcept { return valid_; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept { return segments_[index]; }

  /// The segments from `first` on, joined by '/'.
  [[nodiscard]] std::string join_from(std::size_t first) const;

private:
  [[nodiscard]] bool split(std::string_view path);
  [[nodiscard]] bool add(std::string_view encoded, std::size_t room);

  std::array<std::string_view, max_segments> segments_;
  std::size_t size_ = 0;
  std::string decoded_; // never grows past its first reservation: segments_ points into it
  bool valid_;
};

} // namespace harpia::inline v0::routing
