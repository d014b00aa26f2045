// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "input.hpp"

#include <string>

namespace harpia::fuzz {

/// Who sends frames.
enum class sender { client, server };

/// The bytes that `script`, all of it, stands for: frame after frame, or now and then something else. In a script lengths are right,
/// masks applied and texts readable, whatever is changed in it; a stream of bytes is a stream of frames no more after most changes.
///
/// A frame is a byte for its first byte, one for its form, and its payload; the form, from the highest bit on:
/// three for what is done with the payload, five for its size in the script.
[[nodiscard]] std::string frames_of(input& script, sender from);

} // namespace harpia::fuzz
