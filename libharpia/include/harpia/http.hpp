// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/request.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace harpia::inline v0 {

/// A whole HTTP response. Date, Connection, Content-Type and Content-Length are added when it is sent, unless `headers` has them.
struct http_response {
  /// Status code, 200 to 599. A handler's response with another status is replaced by 500, as one whose fields cannot be sent.
  int status = 200;
  std::string body = {};
  std::string content_type = "text/plain; charset=utf-8";
  /// Further header fields: name and value.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// A function that answers requests for a page, see `page_handler`. It runs on an event loop's thread and must not block.
///
/// *Errors*: An exception is logged and answered with 500.
using http_handler = std::function<http_response(const request&)>;

} // namespace harpia::inline v0
