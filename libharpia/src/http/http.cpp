// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/http.hpp"

#include "vocabulary/lower.hpp"
#include "vocabulary/token.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <memory_resource>
#include <tuple>
#include <utility>
#include <vector>

namespace harpia::http {

namespace beast = boost::beast;
namespace http = boost::beast::http;

using allocator = std::pmr::polymorphic_allocator<char>;

struct request_reader::implementation {
  explicit implementation(std::size_t limit)
      : max_header{std::min<std::size_t>(limit, std::numeric_limits<std::uint32_t>::max())},
        parser{std::piecewise_construct, std::tuple{}, std::tuple{allocator{&memory}}} {
    parser.header_limit(static_cast<std::uint32_t>(max_header));
  }

  http_response too_large() const { return refuse(431, "the request line and header fields are too large"); }

  std::size_t max_header;
  std::size_t parsed = 0; // bytes

  std::array<std::byte, 512> usual_memory; // enough for most requests; a larger object would miss malloc's cache
  std::pmr::monotonic_buffer_resource memory{usual_memory.data(), usual_memory.size()};
  http::request_parser<http::empty_body, allocator> parser;
  std::vector<std::byte> unparsed; // the start of an incomplete line; bounded by header_limit
  std::vector<std::byte> rest;
  http_response refusal;
};

request_reader::request_reader(std::size_t max_header) : implementation_{std::make_unique<implementation>(max_header)} {}
request_reader::~request_reader() = default;
request_reader::request_reader(request_reader&&) noexcept = default;
request_reader& request_reader::operator=(request_reader&&) noexcept = default;

request_reader::state request_reader::read(std::span<const std::byte> bytes) {
  auto& [max_header, parsed, usual_memory, memory, parser, unparsed, rest, refusal] = *implementation_;
  unparsed.insert(unparsed.end(), bytes.begin(), bytes.end());
  std::size_t used = 0;
  // Beast parses one line per call; call it until it returns need_more.
  while (!parser.is_header_done()) {
    beast::error_code failure;
    used += parser.put(boost::asio::buffer(unparsed.data() + used, unparsed.size() - used), failure);
    if (failure == http::error::need_more) {
      unparsed.erase(unparsed.begin(), unparsed.begin() + static_cast<std::ptrdiff_t>(used));
      parsed += used;
      if (parsed + unparsed.size() <= max_header)
        return state::incomplete;
      failure = http::error::header_limit; // Beast limits the request line and the fields, but not their sum
    }
    if (failure) {
      if (failure == http::error::header_limit)
        refusal = implementation_->too_large();
      else if (failure == http::error::bad_version)
        refusal = refuse(505, "only HTTP/1.1 is spoken here");
      else
        refusal = refuse(400, "malformed request: " + failure.message());
      return state::failed;
    }
  }
  if (parsed + used > max_header) {
    refusal = implementation_->too_large();
    return state::failed;
  }
  if (parser.get().version() != 11) {
    refusal = refuse(505, "only HTTP/1.1 is spoken here");
    return state::failed;
  }
  const auto& fields = parser.get();
  const auto is_host = [](const auto& field) { return field.name() == http::field::host; };
  if (std::count_if(fields.begin(), fields.end(), is_host) > 1) { // RFC 9112, 3.2
    refusal = refuse(400, "the Host field is repeated");
    return state::failed;
  }
  rest.assign(unparsed.begin() + static_cast<std::ptrdiff_t>(used), unparsed.end());
  return state::complete;
}

request request_reader::take_request() {
  const auto& parsed = implementation_->parser.get();
  const auto view = [](boost::beast::string_view text) { return std::string_view{text.data(), text.size()}; };
  constexpr std::size_t usual = 16;
  std::vector<request::field> fields;
  fields.reserve(usual);
  for (const auto& field : parsed)
    fields.emplace_back(view(field.name_string()), view(field.value()));
  return {view(parsed.method_string()), view(parsed.target()), fields};
}

std::span<const std::byte> request_reader::rest() const noexcept {
  return implementation_->rest;
}

const http_response& request_reader::refusal() const noexcept {
  return implementation_->refusal;
}

bool request_reader::started() const noexcept {
  return implementation_->parser.got_some() || !implementation_->unparsed.empty();
}

namespace {

std::string http_date(std::time_t now) {
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
  const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

std::string_view reason_phrase(int status) {
  const auto text = http::obsolete_reason(static_cast<http::status>(status));
  return {text.data(), text.size()};
}

bool has_field(const http_response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& field) { return equal_fields(field.first, name); });
}

} // namespace

std::string serialize(const http_response& response, body_part body) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  text.append(reason_phrase(response.status)).append("\r\n");
  const auto add = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  add("Date", http_date(std::time(nullptr)));
  if (!has_field(response, "Connection"))
    add("Connection", "close");
  add("Content-Length", std::to_string(response.body.size()));
  if (!response.body.empty() && is_field("Content-Type", response.content_type))
    add("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers)
    if (is_field(name, value))
      add(name, value);
  text.append("\r\n");
  if (body == body_part::included)
    text.append(response.body);
  return text;
}

http_response refuse(int status, std::string_view why) {
  std::string body = std::to_string(status) + ' ';
  body.append(reason_phrase(status)).append(": ").append(why).append("\n");
  return {.status = status, .body = std::move(body)};
}

bool is_field(std::string_view name, std::string_view value) noexcept {
  const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; };
  return is_token(name) && std::ranges::none_of(value, is_control);
}

bool equal_fields(std::string_view one, std::string_view other) noexcept {
  return equal_ignoring_case(one, other);
}

bool has_token(std::string_view list, std::string_view token) noexcept {
  return http::token_list{{list.data(), list.size()}}.exists({token.data(), token.size()});
}

} // namespace harpia::http
