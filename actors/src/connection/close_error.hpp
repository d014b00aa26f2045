// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/actor_system_config.hpp>

namespace harpia::inline v0::detail {

/// Registers the renderer of close errors with `config`.
void render_close_errors(caf::actor_system_config& config);

} // namespace harpia::inline v0::detail
