// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "report.hpp"

#include <cstdio>

namespace load {

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char byte : text) {
    if (byte == '"' || byte == '\\')
      result.push_back('\\');
    result.push_back(byte);
  }
  return result + '"';
}

} // namespace

void report::add(std::string name, std::string_view text) {
  figures_.push_back({std::move(name), std::string{text}, true});
}

void report::add(std::string name, double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  figures_.push_back({std::move(name), text, false});
}

void report::add(std::string name, std::uint64_t number) {
  figures_.push_back({std::move(name), std::to_string(number), false});
}

void report::print(output format) const {
  if (format == output::text) {
    for (const auto& [name, value, is_text] : figures_)
      std::printf("%-34s %s\n", name.c_str(), value.c_str());
    return;
  }
  const char* separator = "{";
  for (const auto& [name, value, is_text] : figures_) {
    std::printf("%s%s: %s", separator, quoted(name).c_str(), is_text ? quoted(value).c_str() : value.c_str());
    separator = ", ";
  }
  std::puts("}");
}

} // namespace load
