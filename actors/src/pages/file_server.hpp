// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/http.hpp>

#include <filesystem>

namespace harpia::detail {

/// Responds with the file below `folder` that the tail of the pattern names.
/// @throws std::invalid_argument if `folder` is no directory
[[nodiscard]] http_handler make_file_handler(const std::filesystem::path& folder);

} // namespace harpia::detail
