// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Boost.JSON's sources, compiled once for all examples: no library to link, and no example pays for them again.
#include <boost/json/src.hpp>
