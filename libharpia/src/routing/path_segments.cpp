// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "routing/path_segments.hpp"
#include <harpia/request.hpp>

#include <algorithm>

namespace harpia::inline v0::routing {

path_segments::path_segments(std::string_view path) : valid_{split(path)} {}

bool path_segments::split(std::string_view path) {
  if (!path.starts_with('/'))
    return false;
  auto rest = path.substr(1);
  if (rest.empty())
    return true;
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  while (true) {
    const auto size = std::min(rest.find('/'), rest.size());
    if (!add(rest.substr(0, size), rest.size()))
      return false;
    if (size == rest.size())
      return true;
    rest.remove_prefix(size + 1);
  }
}

bool path_segments::add(std::string_view encoded, std::size_t room) {
  if (size_ == max_segments)
    return false;
  if (encoded.find('%') == std::string_view::npos) {
    segments_[size_++] = encoded;
    return true;
  }
  const auto decoded = percent_decode(encoded);
  if (!decoded)
    return false;
  if (decoded_.empty())
    decoded_.reserve(room); // enough for all segments: decoding never lengthens
  const auto begin = decoded_.size();
  decoded_ += *decoded;
  segments_[size_++] = std::string_view{decoded_}.substr(begin);
  return true;
}

std::string path_segments::join_from(std::size_t first) const {
  std::string result;
  for (std::size_t i = first; i < size_; ++i) {
    if (i != first)
      result += '/';
    result += segments_[i];
  }
  return result;
}

} // namespace harpia::inline v0::routing
