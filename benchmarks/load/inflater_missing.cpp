// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "inflater.hpp"

#include <stdexcept>

namespace load {

struct inflater::state {};

inflater::inflater() = default;
inflater::~inflater() = default;

std::string_view inflater::inflate(std::string&, std::size_t) {
  throw std::runtime_error{"this harpia-load was built without zlib, so it has no --compress"};
}

} // namespace load
