// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/middleware.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace harpia::inline v0 {

/// What pages of other origins may do.
struct cors_options {
  /// Origins whose pages may read the answers, as browsers send them: "https://example.org", or "*" for any. Compared without case.
  std::vector<std::string> origins = {"*"};
  /// Methods that they may use beside GET, HEAD and POST.
  std::vector<std::string> methods = {"PUT", "PATCH", "DELETE"};
  /// Header fields that they may send, beside those that browsers always allow.
  std::vector<std::string> headers = {"Content-Type"};
  /// Header fields of the answers that they may read, beside those that browsers always show.
  std::vector<std::string> exposed_headers = {};
  /// Whether they may send cookies and authorization. It cannot be combined with the origin "*".
  bool credentials = false;
  /// How long a browser may keep what it has learnt from a preflight request.
  std::chrono::seconds max_age = std::chrono::minutes{10};
};

/// Makes a middleware that tells browsers which pages of other origins may read the answers below its prefix, and answers their preflight
/// requests. It refuses nobody: what another origin must not cause needs a check of its own. WebSockets do not know CORS; see
/// `route_options::origins`.
///
///     app.use("/api", harpia::cors({.origins = {"https://example.org"}}));
///
/// *Errors* Throws `std::invalid_argument` naming the option that is wrong.
///
/// *Source* Fetch Standard, 3.3.
[[nodiscard]] HARPIA_API middleware cors(cors_options options = {});

} // namespace harpia::inline v0
