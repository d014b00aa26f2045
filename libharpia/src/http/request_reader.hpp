// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/http.hpp>
#include <harpia/request.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace harpia::inline v0::http {

/// Reads the requests of one connection, one after the other (RFC 9112): a head, and its body if it is wanted.
class request_reader {
public:
  enum class state { incomplete, complete, failed };

  /// @param max_header limit of request line and header section in bytes
  explicit request_reader(std::size_t max_header);
  ~request_reader();
  request_reader(request_reader&&) noexcept;
  request_reader& operator=(request_reader&&) noexcept;

  /// Parses more bytes of a head. After `complete`, `rest` returns the bytes that followed it.
  state read(std::span<const std::byte> bytes);
  /// Whether `rest` has the beginning of a request. Empty lines, which it drops, are none (RFC 9112, 2.2).
  [[nodiscard]] bool has_next();
  /// Begins with the next request, which `rest` is the beginning of.
  state read_next();

  // After `read` returned `complete`

  /// The request. A target in absolute form is given in origin form, with its authority as Host (RFC 9112, 3.2.2).
  [[nodiscard]] request take_request(std::string_view remote_address = {});
  /// Whether it has a body. Then `rest` is its beginning, until `read_body` has returned `complete`.
  [[nodiscard]] bool has_body() const noexcept;
  /// Whether the client waits for a 100 before it sends the body (RFC 9110, 10.1.1).
  [[nodiscard]] bool awaits_continue() const noexcept;
  /// Whether its protocol is HTTP/1.0: it knows no chunks, no 100 and no upgrade.
  [[nodiscard]] bool is_http_1_0() const noexcept;
  /// Whether the client lets the connection stay open (RFC 9112, 9.3).
  [[nodiscard]] bool is_persistent() const noexcept;

  /// Reads the body, at first what came with the head. After `complete`, `rest` returns the bytes that followed it.
  /// @param max_body its limit in bytes
  state begin_body(std::size_t max_body);
  state read_body(std::span<const std::byte> bytes);
  /// Empty if there is none.
  [[nodiscard]] std::string take_body();

  [[nodiscard]] std::span<const std::byte> rest() const noexcept;
  /// Adds bytes that came early to the rest.
  void keep(std::span<const std::byte> bytes);
  /// After `failed`: the response to send: 400, 413, 431, 501 or 505.
  [[nodiscard]] const http_response& refusal() const noexcept;

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace harpia::inline v0::http
