// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// As mistakes.cpp, without <harpia/actors.hpp>.
#include <harpia/harpia.hpp>

void behaviours(harpia::app& app) {
  app.ws("/", [](harpia::connection<harpia::no_data>*) {}); // a behaviour needs #include <harpia/actors.hpp>
}
