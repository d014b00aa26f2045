// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/log.hpp>

#include "log/escape.hpp"
#include "log/logger.hpp"

#include "websocket/utf8.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <exception>
#include <span>
#include <utility>

namespace harpia::inline v0 {

namespace {

// ISO 8601, in UTC.
std::string to_text(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = static_cast<std::time_t>(since.count() / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const auto length = std::strftime(text.data(), text.size(), "%FT%T", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>(since.count() % 1000));
  return text.data();
}

void append_line_text(std::string& line, std::string_view text) {
  for (const char c : text)
    detail::is_control(c) ? detail::append_escaped(line, c) : line.push_back(c);
}

void append_json_text(std::string& json, std::string_view text) {
  const bool is_utf8 = websocket::is_utf8(std::as_bytes(std::span{text}));
  json.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json.append({'\\', c});
    } else if (detail::is_control(c)) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      json.append(escaped.data());
    } else if (!is_utf8 && static_cast<unsigned char>(c) > 0x7F) {
      json.push_back('\\');
      detail::append_escaped(json, c);
    } else {
      json.push_back(c);
    }
  }
  json.push_back('"');
}

} // namespace

std::string_view to_string(log_level level) noexcept {
  constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
  const auto number = static_cast<std::size_t>(level);
  return number < names.size() ? names[number] : "unknown";
}

std::string to_line(const log_record& record) {
  auto line = to_text(record.time);
  line.append(" ").append(to_string(record.level)).append(" harpia: ");
  append_line_text(line, record.what);
  line.append(" [").append(record.event);
  if (record.connection != 0)
    line.append(" connection=").append(std::to_string(record.connection));
  const auto append = [&line](std::string_view name, std::string_view value) {
    if (value.empty())
      return;
    line.append(" ").append(name).append("=");
    append_line_text(line, value);
  };
  append("route", record.route);
  append("address", record.remote_address);
  if (record.code != 0)
    line.append(" code=").append(std::to_string(record.code));
  line.push_back(']');
  return line;
}

std::string to_json(const log_record& record) {
  std::string json = "{";
  const auto append = [&json](std::string_view name, std::string_view value) {
    if (value.empty())
      return;
    json.append(json.size() > 1 ? ",\"" : "\"").append(name).append("\":");
    append_json_text(json, value);
  };
  const auto append_number = [&json](std::string_view name, std::uint64_t value) {
    if (value != 0)
      json.append(",\"").append(name).append("\":").append(std::to_string(value));
  };
  append("time", to_text(record.time));
  append("level", to_string(record.level));
  append("event", record.event);
  append("route", record.route);
  append_number("connection", record.connection);
  append("remote_address", record.remote_address);
  append_number("code", record.code);
  append("what", record.what);
  json.push_back('}');
  return json;
}

namespace detail {

void logger::write(log_record record) const noexcept {
  if (!takes(record.level))
    return;
  try {
    record.time = std::chrono::system_clock::now();
    sink_(record);
  } catch (...) { // there is nobody left to be told
  }
}

void log_failure(const logger& log, std::string_view function) noexcept {
  try {
    std::string what{function};
    what.append(" threw: ");
    try {
      throw;
    } catch (const std::exception& thrown) {
      what.append(thrown.what());
    } catch (...) {
      what.append("an exception that is not a std::exception");
    }
    log.write({.level = log_level::error, .event = "handler_failed", .what = what});
  } catch (...) { // no memory for the line
  }
}

const std::shared_ptr<const logger>& logger::without_app() noexcept {
  static const std::shared_ptr<const logger> standard = std::make_shared<logger>(log_to_standard_error, log_level::warning);
  return standard;
}

} // namespace detail
} // namespace harpia::inline v0
