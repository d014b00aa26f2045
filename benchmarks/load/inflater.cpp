// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "inflater.hpp"

#include <stdexcept>
#include <zlib.h>

namespace load {

struct inflater::state {
  z_stream stream{};
  std::string output;
};

inflater::inflater() : state_(std::make_unique<state>()) {
  if (inflateInit2(&state_->stream, -15) != Z_OK)
    throw std::runtime_error{"zlib cannot start"};
}

inflater::~inflater() {
  inflateEnd(&state_->stream);
}

std::string_view inflater::inflate(std::string& message, std::size_t limit) {
  message.append("\x00\x00\xff\xff", 4); // which the server left out
  auto& [stream, output] = *state_;
  output.resize(limit + 1);
  inflateReset(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(message.data());
  stream.avail_in = static_cast<uInt>(message.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  const int outcome = ::inflate(&stream, Z_SYNC_FLUSH);
  if ((outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) || stream.avail_in != 0 || stream.avail_out == 0)
    throw std::runtime_error{"the server sent a compressed message that does not inflate, or is too long"};
  return std::string_view{output}.substr(0, output.size() - stream.avail_out);
}

} // namespace load
