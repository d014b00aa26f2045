// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/io_batch.hpp"

// Replaces io_batch.cpp where harpia is built without io_uring: `make` returns null.

namespace harpia::inline v0::net {

struct io_batch::ring {};

io_uring_support find_io_uring() noexcept {
  return io_uring_support::not_built;
}

std::unique_ptr<io_batch> io_batch::make() {
  return nullptr;
}

io_batch::~io_batch() = default;

void io_batch::write(int, std::size_t) noexcept {}

void io_batch::read(int, std::span<std::byte>) noexcept {}

std::span<const io_result> io_batch::run() noexcept {
  return {};
}

} // namespace harpia::inline v0::net
