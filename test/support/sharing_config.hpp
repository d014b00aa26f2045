// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>

namespace harpia::test {

/// For actor systems whose workers hand jobs over under a lock. ThreadSanitizer sees those of the system's libcaf_core, but not the
/// atomics by which workers steal from one another.
struct sharing_config : caf::actor_system_config {
  sharing_config() { set("scheduler.policy", caf::atom("sharing")); }
};

} // namespace harpia::test
