// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/http.hpp>
#include <harpia/request.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace harpia::http {

/// Parses one request line and header section incrementally. Does not read bodies: harpia's HTTP needs none.
class request_reader {
public:
  enum class state { incomplete, complete, failed };

  /// @param max_header limit of request line and header section in bytes
  explicit request_reader(std::size_t max_header);
  ~request_reader();
  request_reader(request_reader&&) noexcept;
  request_reader& operator=(request_reader&&) noexcept;

  /// Parses more bytes. After `complete`, `rest` returns the bytes that followed the header section.
  state read(std::span<const std::byte> bytes);

  /// After `complete`: the request.
  [[nodiscard]] request take_request();
  /// After `complete`: the bytes that followed the header section.
  [[nodiscard]] std::span<const std::byte> rest() const noexcept;
  /// After `failed`: the response to send: 400, 431 or 505.
  [[nodiscard]] const http_response& refusal() const noexcept;
  /// Whether anything has been read.
  [[nodiscard]] bool started() const noexcept;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// Whether to send the body: a HEAD request gets only the header section.
enum class body_part : bool { omitted, included };

/// A whole HTTP/1.1 response that ends the connection. Adds Content-Length, Date and "Connection: close" unless it has these fields.
[[nodiscard]] std::string serialize(const http_response& response, body_part body = body_part::included);

/// A plain-text response whose body is the status and the reason.
[[nodiscard]] http_response refuse(int status, std::string_view why);

/// Whether `name` is a field name and `value` a field value (RFC 9110, 5.1 and 5.5).
[[nodiscard]] bool is_field(std::string_view name, std::string_view value) noexcept;

/// Whether two field names are the same: compared without case (RFC 9110, 5.1).
[[nodiscard]] bool equal_fields(std::string_view one, std::string_view other) noexcept;

/// Whether a comma-separated field value holds `token`, compared without case (RFC 9110, 5.6.1).
[[nodiscard]] bool has_token(std::string_view list, std::string_view token) noexcept;

} // namespace harpia::http
