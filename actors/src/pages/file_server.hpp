// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/unique_fd.hpp"
#include <harpia/http.hpp>
#include <harpia/page.hpp>
#include <harpia/request.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>

namespace harpia::inline v0::detail {

/// A part of a file that is to be sent.
struct file_part {
  net::unique_fd file;
  std::uint64_t from;
  std::uint64_t size;
};

/// The answer of a file server.
struct file_answer {
  http_response head;                       // has the whole body if `length` is empty
  std::optional<std::uint64_t> length = {}; // of the body that follows, or that HEAD leaves out
  std::optional<file_part> body = {};
};

/// The files below a folder.
class file_server {
public:
  /// @throws std::invalid_argument if `folder` is not a directory, or naming the option that is wrong
  file_server(const std::filesystem::path& folder, file_options options);

  /// Answers a GET or HEAD request whose tail is the file's name (RFC 9110, 13 and 14). Reads no file, and opens one for GET only.
  [[nodiscard]] file_answer answer(const request& asked) const;

private:
  std::filesystem::path folder_; // absolute; may be a symbolic link, which is followed for each request
  file_options options_;
};

} // namespace harpia::inline v0::detail
