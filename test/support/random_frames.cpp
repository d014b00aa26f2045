// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/random_frames.hpp"

#include "support/deflate_peer.hpp"
#include "support/raw_client.hpp"

#include <array>

namespace harpia::test {

namespace {

std::string random_control(std::mt19937& random) {
  return encode_frame({.opcode = random() % 2 == 0 ? opcode::ping : opcode::pong, .payload = random_payload(random, 120)});
}

int random_kind(std::mt19937& random) {
  return random() % 2 == 0 ? opcode::text : opcode::binary;
}

std::string random_compressed_message(std::mt19937& random) {
  deflate_peer peer;
  const auto payload = random() % 20 == 0 ? std::string(random() % 200'000, 'x') : random_payload(random, 20'000);
  const auto deflated = peer.deflated(payload);
  const auto fragments = random() % 3 + 1;
  std::string frames;
  for (std::size_t i = 0, at = 0; i < fragments; ++i) {
    const auto size = i + 1 == fragments ? deflated.size() - at : random() % (deflated.size() - at + 1);
    frames += encode_frame({.fin = i + 1 == fragments,
                            .rsv1 = i == 0,
                            .opcode = i == 0 ? random_kind(random) : opcode::continuation,
                            .payload = deflated.substr(at, size)});
    at += size;
    if (i + 1 < fragments && random() % 3 == 0)
      frames += random_control(random);
  }
  return frames;
}

std::string make_frames(std::mt19937& random, int count, bool some_compressed) {
  std::string stream;
  bool in_message = false;
  for (int i = 0; i < count; ++i) {
    const auto kind = random() % 100;
    if (kind < 15) {
      stream += random_control(random);
    } else if (kind == 15) {
      stream += encode_frame({.opcode = opcode::close, .payload = encode_close(1000, "bye")});
    } else if (kind == 16) {
      stream += static_cast<char>(random());
    } else if (kind == 17) {
      stream += encode_frame({.opcode = opcode::text, .payload = "\xff" + random_payload(random, 20)});
    } else if (some_compressed && !in_message && kind < 45) {
      stream += random_compressed_message(random);
    } else {
      const bool fin = random() % 4 != 0;
      auto payload = random() % 6 == 0 ? std::string{} : random_payload(random, random() % 20 == 0 ? 70'000 : 300);
      if (random() % 30 == 0 && !payload.empty())
        payload.pop_back(); // perhaps within a character
      stream += encode_frame({.fin = fin, .opcode = in_message ? opcode::continuation : random_kind(random), .payload = payload});
      in_message = !fin;
    }
  }
  return stream;
}

} // namespace

std::string random_payload(std::mt19937& random, std::size_t max) {
  std::string payload;
  for (auto size = random() % max; payload.size() < size;)
    payload += std::array{"a", "é", "漢", "\xf0\x9f\x98\x80"}[random() % 4];
  return payload;
}

std::string random_frames(std::mt19937& random, int count) {
  return make_frames(random, count, false);
}

std::string random_frames_some_compressed(std::mt19937& random, int count) {
  return make_frames(random, count, true);
}

} // namespace harpia::test
