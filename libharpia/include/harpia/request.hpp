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

namespace harpia::inline v0 {

namespace http {
class request_reader;
}

/// The HTTP request that opens a connection or asks for a page.
///
/// *Thread safety*: Concurrent reads are safe.
///
/// *Lifetimes*: Returned views are valid as long as the request: as long as the connection for `ws.request()`, during the handler's call
/// elsewhere. Copies share what is not changed afterwards.
class HARPIA_API request {
public:
  /// A header field: the name as it was sent, and the value without surrounding white space.
  using field = std::pair<std::string_view, std::string_view>;

  request() = default;

  /// Creates a request. CR, LF and NUL in an argument become spaces.
  /// @param method for example "GET"
  /// @param target in origin form, for example "/chat/lobby?name=Ann", or "*" (RFC 9112, 3.2)
  /// @param fields header fields in the order in which they were received
  /// @param remote_address see the function of that name
  request(std::string_view method, std::string_view target, const std::vector<field>& fields,
          std::string_view remote_address = {});

  request(const request&) = default;
  request& operator=(const request&) = default;
  /// Leaves `other` empty, like a request that was made without arguments.
  request(request&& other) noexcept;
  request& operator=(request&& other) noexcept;
  ~request() = default;

  [[nodiscard]] std::string_view method() const noexcept;
  /// Returns path and query, not decoded, as they were sent; "*" for an OPTIONS request that means the whole server.
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

  /// Returns the body; empty for an upgrade.
  [[nodiscard]] std::string_view body() const noexcept;
  /// Returns the first value of `name` in a body of the type application/x-www-form-urlencoded, decoded as `query` does; nothing if there
  /// is none, or if the body has another type.
  [[nodiscard]] std::optional<std::string> form(std::string_view name) const;

  /// Returns the client's numeric address, without port; empty for a Unix socket. Behind a trusted proxy it is the address that the proxy
  /// names, see `listen_options::trusted_proxies`.
  [[nodiscard]] std::string_view remote_address() const noexcept;

  /// Returns the certificate that the client presented, on an address whose `tls_options::client_certificate` asks for one; null if it
  /// presented none. A resumed TLS session has the certificate of its first connection.
  [[nodiscard]] const peer_certificate* client_certificate() const noexcept;

  /// Returns the attribute that a middleware set, see `upgrade_base::set_attribute`; empty if there is none.
  [[nodiscard]] std::string_view attribute(std::string_view name) const noexcept;

  /// Sets an attribute. It replaces an earlier value of the same name.
  void set_attribute(std::string name, std::string value);
  /// Sets the parameters that `param` returns: names and decoded values.
  void set_params(std::vector<std::pair<std::string, std::string>> params);
  /// Sets the certificate that `client_certificate` returns.
  void set_client_certificate(peer_certificate shown);
  /// Sets what `body` returns.
  void set_body(std::string body);
  /// Sets what `remote_address` returns.
  void set_remote_address(std::string_view address);

private:
  friend class http::request_reader;
  /// What arguments hold: anything, or only what a parser has let through, which ends no line.
  enum class text : bool { unchecked, parsed };
  request(std::string_view method, std::string_view target, const std::vector<field>& fields, std::string_view remote_address,
          text what);

  struct additions;
  [[nodiscard]] std::string_view head() const noexcept { return std::string_view{head_}.substr(0, head_.size() - address_size_); }
  [[nodiscard]] additions& own_additions();

  // "GET /target\r\nName: value\r\n…", then the address: one allocation for each connection, searched on demand.
  std::string head_;
  std::shared_ptr<additions> added_; // null for most requests; shared by copies, and never changed then
  std::uint32_t method_size_ = 0;    // in bytes, like the others
  std::uint32_t target_size_ = 0;
  std::uint32_t address_size_ = 0;
};

/// Replaces each %XX by the byte that it encodes (RFC 3986, 2.1).
/// @return nothing if a '%' is not followed by two hexadecimal digits
[[nodiscard]] HARPIA_API std::optional<std::string> percent_decode(std::string_view text);

} // namespace harpia::inline v0
