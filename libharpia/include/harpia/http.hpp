// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/request.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace harpia {

/// A small HTTP answer. Content-Length, Connection and Date are added when it is sent, and the connection is closed after it.
struct http_response {
  /// From 200 to 599.
  int status = 200;
  std::string body = {};
  std::string content_type = "text/plain; charset=utf-8";
  /// Further fields: name and value.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Answers a GET; for HEAD the body is left out. Runs on an event loop's thread and must not block.
using http_handler = std::function<http_response(const request&)>;

} // namespace harpia
