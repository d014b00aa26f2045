// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/date.hpp"

#include <iomanip>
#include <locale>
#include <sstream>

namespace harpia::http {

std::string date(std::time_t time) {
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
  const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

std::optional<std::time_t> parse_date(std::string_view text) {
  for (const auto* form : {"%a, %d %b %Y %H:%M:%S GMT", "%a, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::istringstream in{std::string{text}};
    in.imbue(std::locale::classic());
    std::tm parts{};
    in >> std::get_time(&parts, form);
    if (!in.fail() && in.peek() == std::istringstream::traits_type::eof())
      return timegm(&parts);
  }
  return std::nullopt;
}

} // namespace harpia::http
