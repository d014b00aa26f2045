// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/harpia.hpp>

#include <string>

namespace gateway {

/// Every client of `app` gets a connection of its own to the server at `url`, with its own path and query: "ws://backend" makes
/// "ws://backend/tea?name=Ann" of "/tea?name=Ann".
void add_routes(harpia::app& app, const std::string& url);

} // namespace gateway
