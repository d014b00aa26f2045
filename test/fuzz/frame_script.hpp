// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/deflate_options.hpp>

#include "input.hpp"

#include <string>

namespace harpia::fuzz {

/// Who sends frames.
enum class sender { client, server };

/// How the messages of a sender are compressed.
struct deflate_choice {
  int window_bits = 15;
  context_takeover takeover = context_takeover::disabled;
};

/// The bytes that `script`, all of it, stands for: frame after frame, or now and then something else. In a script lengths are right,
/// masks applied, texts readable and compressed messages such that they can be inflated, whatever is changed in it; a stream of bytes
/// is a stream of frames no more after most changes.
///
/// A frame is a byte for its first byte, one for its form, and its payload; the form, from the highest bit on:
/// three for what is done with the payload, five for its size in the script. What is made of a payload is compressed if RSV1 is set. Of
/// a compressed message that does not end with its frame a byte in front of the payload says how much is in that; the rest is in the
/// continuations, which need no payload of their own.
[[nodiscard]] std::string frames_of(input& script, sender from, const deflate_choice& how);

} // namespace harpia::fuzz
