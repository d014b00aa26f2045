// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "frame_script.hpp"
#include "session_story.hpp"

#include <string>

namespace harpia::fuzz {

/// The frames that a session wrote, without masks, since those are random. Requires that they are what `from` may write, and that their
/// messages are those that the story echoed.
[[nodiscard]] std::string
checked_frames(std::string bytes, sender from, const session_story& story, const session_choice& choice);

} // namespace harpia::fuzz
