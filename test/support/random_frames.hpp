// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace harpia::test {

/// A text of fewer than `max` bytes and three more, of characters of every size.
[[nodiscard]] std::string random_payload(std::mt19937& random, std::size_t max);

/// `count` frames as a client may send them; one in a hundred breaks the protocol somehow.
[[nodiscard]] std::string random_frames(std::mt19937& random, int count);

/// The same for a peer that also compresses, a third of its messages, each without regard to the others.
[[nodiscard]] std::string random_frames_some_compressed(std::mt19937& random, int count);

} // namespace harpia::test
