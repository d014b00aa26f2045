// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/atom.hpp>

namespace harpia::detail {

// What the actors of a server say to one another.

/// To the listener: stop the server. To a router: close your connections, accept no more; answered when that is under way.
using stop_atom = caf::atom_constant<caf::atom("stop")>;
/// To a router: cut the connections that are still there.
using cut_atom = caf::atom_constant<caf::atom("cut")>;
/// To a router: tell how many handlers were entered and how many of them threw.
using counts_atom = caf::atom_constant<caf::atom("counts")>;

} // namespace harpia::detail
