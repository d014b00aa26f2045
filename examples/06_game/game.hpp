// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/app.hpp>

#include <caf/actor.hpp>

namespace game {

/// "/play" seats a player in a match, "/play?seat=…" once more in the same one; "/watch/:match" shows a match to spectators.
/// @param lobby an actor of class `lobby`
void add_routes(harpia::app& app, const caf::actor& lobby);

} // namespace game
