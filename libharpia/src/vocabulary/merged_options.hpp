// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/route_options.hpp>

#include <string>

namespace harpia::inline v0 {

/// `own`, whose fields that are not set are those of `inherited`.
[[nodiscard]] route_options merged(route_options own, const route_options& inherited);

/// The fields that are set, as text: "max_payload 1024, idle_timeout 30000 ms".
[[nodiscard]] std::string describe(const route_options& options);

} // namespace harpia::inline v0
