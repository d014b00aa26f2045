// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iomanip>
#include <locale>
#include <sstream>

namespace harpia::inline v0::http {

// Not by strftime, whose names are those of the program's locale.
std::string date(std::time_t time) {
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::time_t last = 253'402'300'799; // of the year 9999: the form has four digits
  time = std::clamp<std::time_t>(time, 0, last);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  const auto size =
      std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                    days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday, months[static_cast<std::size_t>(parts.tm_mon)],
                    parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<std::time_t> parse_date(std::string_view text) {
  constexpr std::string_view zone = " GMT";
  const bool has_zone = text.ends_with(zone);
  if (has_zone)
    text.remove_suffix(zone.size());
  const auto read = [&](const char* form) -> std::optional<std::time_t> {
    std::istringstream in{std::string{text}};
    in.imbue(std::locale::classic());
    std::tm parts{};
    in >> std::get_time(&parts, form);
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof())
      return std::nullopt;
    return timegm(&parts);
  };
  if (!has_zone)
    return read("%a %b %d %H:%M:%S %Y");
  const auto found = read("%a, %d %b %Y %H:%M:%S");
  return found ? found : read("%a, %d-%b-%y %H:%M:%S");
}

std::chrono::seconds retry_after(std::string_view field, std::time_t now) {
  using std::chrono::seconds;
  if (!field.empty() && std::ranges::all_of(field, [](char c) { return c >= '0' && c <= '9'; })) {
    seconds::rep count = 0;
    const bool fits = std::from_chars(field.data(), field.data() + field.size(), count).ec == std::errc{};
    return fits ? seconds{count} : seconds::max();
  }
  const auto time = parse_date(field);
  return time && *time > now ? seconds{*time - now} : seconds{0};
}

} // namespace harpia::inline v0::http
