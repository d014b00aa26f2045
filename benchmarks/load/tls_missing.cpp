// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "byte_stream.hpp"

#include <stdexcept>

namespace load {

std::unique_ptr<byte_stream> connect_tls(const endpoint&, source_address) {
  throw std::runtime_error{"this harpia-load was built without OpenSSL, so it has no wss://"};
}

} // namespace load
