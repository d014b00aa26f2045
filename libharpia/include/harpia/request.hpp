// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/peer_certificate.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia {

/// The HTTP request that opens a connection or asks for a page.
///
/// *Thread safety*: Concurrent reads are safe.
///
/// *Lifetimes*: Returned views are valid as long as the request: as long as the connection for `ws.request()`, during the handler's call
/// elsewhere.
class HARPIA_API request {
public:
  /// A header field: the name as it was sent, and the value without surrounding white space.
  using field = std::pair<std::string_view, std::string_view>;

  request() = default;

  /// Creates a request. CR, LF and NUL in an argument become spaces.
  /// @param method for example "GET"
  /// @param target origin form, for example "/chat/lobby?name=Ann" (RFC 9112, 3.2.1)
  /// @param fields header fields in the order in which they were received
  request(std::string_view method, std::string_view target, const std::vector<field>& fields);

  request(const request&) = default;
  request& operator=(const request&) = default;
  /// Leaves `other` empty, like a request that was made without arguments.
  request(request&& other) noexcept;
  request& operator=(request&& other) noexcept;
  ~request() = default;

  [[nodiscard]] std::string_view method() const noexcept;
  /// Returns the target as it was sent: path and query, not decoded.
  [[nodiscard]] std::string_view target() const noexcept;
  /// Returns the path as it was sent, without the query.
  [[nodiscard]] std::string_view path() const noexcept;
  /// Returns what follows the first '?', not decoded; empty if there is none.
  [[nodiscard]] std::string_view query_string() const noexcept;

  /// Returns the percent-decoded value of `:name` in the route's pattern. The name of the tail is "*". Empty if the pattern has no such
  /// name.
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept;
  /// Returns the first value of `name` in the query, percent-decoded, with '+' as space (application/x-www-form-urlencoded).
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  /// Returns the value of the first header field `name`. Names are compared without case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
  /// Returns all values of header field `name`, in order.
  [[nodiscard]] std::vector<std::string_view> header_all(std::string_view name) const;
  /// Returns all header fields, in order.
  [[nodiscard]] std::vector<field> fields() const;
  /// Returns the value of cookie `name` (RFC 6265, 5.4) as it was sent, without surrounding quotes.
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const noexcept;

  /// Returns the certificate that the client presented, on an address whose `tls_options::client_certificate` asks for one; null if it
  /// presented none. A resumed TLS session has the certificate of its first connection.
  [[nodiscard]] const peer_certificate* client_certificate() const noexcept { return certificate_.get(); }

  /// Returns the attribute that a middleware set, see `upgrade_base::set_attribute`; empty if there is none.
  [[nodiscard]] std::string_view attribute(std::string_view name) const noexcept;

  /// Sets an attribute. It replaces an earlier value of the same name.
  void set_attribute(std::string name, std::string value);
  /// Sets the parameters that `param` returns: names and decoded values.
  void set_params(std::vector<std::pair<std::string, std::string>> params);
  /// Sets the certificate that `client_certificate` returns. Copies of the request share it.
  void set_client_certificate(peer_certificate shown) {
    certificate_ = std::make_shared<const peer_certificate>(std::move(shown));
  }

private:
  [[nodiscard]] std::span<const std::pair<std::string, std::string>> params() const noexcept { return {named_.data(), params_}; }
  [[nodiscard]] std::size_t index_of_attribute(std::string_view name) const noexcept;

  std::string head_; // "GET /target\r\nName: value\r\n…": one allocation per connection, searched on demand
  std::vector<std::pair<std::string, std::string>> named_; // parameters, then attributes
  std::uint32_t params_ = 0;                               // number of parameters in named_
  std::uint32_t method_size_ = 0;                          // in bytes, like target_size_
  std::uint32_t target_size_ = 0;
  std::shared_ptr<const peer_certificate> certificate_;
};

/// Replaces each %XX by the byte that it encodes (RFC 3986, 2.1).
/// @return nothing if a '%' is not followed by two hexadecimal digits
[[nodiscard]] HARPIA_API std::optional<std::string> percent_decode(std::string_view text);

} // namespace harpia
