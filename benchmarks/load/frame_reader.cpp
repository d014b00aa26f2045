// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "frame_reader.hpp"

namespace load {

void frame_reader::begin_frame() {
  const auto code = header_[0] & 0x0f;
  if ((header_[0] & 0x30) != 0)
    throw std::runtime_error{"the server set a reserved bit"};
  if (is_control()) {
    if (code > static_cast<int>(opcode::pong) || remaining_ > 125 || !is_final() || (header_[0] & 0x40) != 0)
      throw std::runtime_error{"the server sent a malformed control frame"};
    return;
  }
  const bool begun = kind_ != opcode::continuation;
  if (code > static_cast<int>(opcode::binary) || (code == 0) != begun)
    throw std::runtime_error{"the server sent a data frame with opcode " + std::to_string(code) + " out of turn"};
  if (!begun) {
    kind_ = static_cast<opcode>(code);
    compression_ = (header_[0] & 0x40) != 0 ? compression::deflate : compression::none;
    message_length_ = 0;
  }
}

} // namespace load
