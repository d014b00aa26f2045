// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/response.hpp"

#include "http/date.hpp"
#include "http/field.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <utility>

namespace harpia::inline v0::http {

namespace {

std::string_view reason_phrase(int status) {
  const auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {text.data(), text.size()};
}

bool has_field(const http_response& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [&](const auto& field) { return equal_fields(field.first, name); });
}

// The Connection field: what the handler has put there, and what becomes of the connection.
std::string connection_field(const http_response& response, persistence after) {
  std::string value;
  for (const auto& [name, given] : response.headers)
    if (equal_fields(name, "Connection"))
      value.append(value.empty() ? "" : ", ").append(given);
  const std::string_view own = after == persistence::close ? "close" : after == persistence::keep_1_0 ? "keep-alive" : "";
  if (!own.empty() && !has_token(value, own))
    value.append(value.empty() ? "" : ", ").append(own);
  return value;
}

} // namespace

bool has_no_body(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

std::optional<std::string> fault_of(const http_response& response) {
  if (response.status < 200 || response.status > 599)
    return "its status is " + std::to_string(response.status) + ", which is not from 200 to 599";
  if (!is_field("Content-Type", response.content_type))
    return "its content type holds a control character";
  std::size_t lengths = 0;
  for (const auto& [name, value] : response.headers) {
    if (!is_field("x", value))
      return "the value of its field '" + name + "' holds a control character";
    if (!is_field(name, value))
      return "a field cannot be named '" + name + "'";
    if (equal_fields(name, "Transfer-Encoding"))
      return "its field 'Transfer-Encoding' is for the connection to set";
    if (equal_fields(name, "Content-Length")) {
      if (++lengths > 1)
        return "it has two fields 'Content-Length'";
      // A handler may tell the length of a body that it leaves out, for HEAD.
      const bool is_number = !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
      if (!is_number || (!response.body.empty() && value != std::to_string(response.body.size())))
        return "its field 'Content-Length' is '" + value + "', but the body has " + std::to_string(response.body.size())
               + " bytes";
    }
  }
  if (has_no_body(response.status) && !response.body.empty())
    return "it has a body, which a response with status " + std::to_string(response.status) + " cannot have";
  return std::nullopt;
}

std::string serialize(const http_response& response, const response_form& form) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  text.append(reason_phrase(response.status)).append("\r\n");
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  if (!has_field(response, "Date"))
    add("Date", date(std::time(nullptr)));
  if (const auto connection = connection_field(response, form.after); !connection.empty())
    add("Connection", connection);
  const bool has_body = !has_no_body(response.status);
  if (form.end == body_end::chunks && has_body)
    add("Transfer-Encoding", "chunked");
  else if (form.end == body_end::length && has_body
           && (form.body == body_part::included || !has_field(response, "Content-Length"))) // it is the same if there is a body
    add("Content-Length", std::to_string(form.length.value_or(response.body.size())));
  if ((!response.body.empty() || form.length || form.end != body_end::length) && !response.content_type.empty()
      && !has_field(response, "Content-Type"))
    add("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) {
    const bool replaced = equal_fields(name, "Connection")
                          || (equal_fields(name, "Content-Length") && (form.body == body_part::included || !has_body));
    if (!replaced)
      add(name, value);
  }
  text.append("\r\n");
  if (form.body == body_part::included && form.end == body_end::length)
    text.append(response.body);
  return text;
}

void append_chunk(std::string& out, std::string_view bytes) {
  std::array<char, 2 * sizeof(std::size_t)> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  out.append(size.data(), end).append("\r\n").append(bytes).append("\r\n");
}

http_response refuse(int status, std::string_view why) {
  std::string body = std::to_string(status) + ' ';
  body.append(reason_phrase(status)).append(": ").append(why).append("\n");
  return {.status = status, .body = std::move(body)};
}

} // namespace harpia::inline v0::http
