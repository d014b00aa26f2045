// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "options.hpp"

#include <string>
#include <utility>
#include <vector>

namespace load {

/// Figures with names, in order.
class report {
public:
  void add(std::string name, std::string_view text);
  void add(std::string name, double number);
  void add(std::string name, std::uint64_t number);

  /// One line for each, or one JSON object.
  void print(output format) const;

private:
  struct figure {
    std::string name;
    std::string value;
    bool is_text;
  };
  std::vector<figure> figures_;
};

} // namespace load
