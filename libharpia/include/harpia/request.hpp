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

/// The HTTP request that opened a connection or asks for a page.
///
/// Views that it returns live as long as the request: as the connection for `ws.request()`, as the handler's call elsewhere.
/// Reading it from several threads at once is safe.
class HARPIA_API request {
public:
  /// A header field: its name as it was sent, and its value without surrounding white space.
  using field = std::pair<std::string_view, std::string_view>;

  request() = default;

  /// @param method for example "GET"
  /// @param target origin form, for example "/chat/lobby?name=Ann" (RFC 9112, 3.2.1)
  /// @param fields header fields in the order they came
  request(std::string_view method, std::string_view target, const std::vector<field>& fields);

  [[nodiscard]] std::string_view method() const noexcept;
  /// The target as it was sent: path and query, nothing decoded.
  [[nodiscard]] std::string_view target() const noexcept;
  /// The path as it was sent, without the query.
  [[nodiscard]] std::string_view path() const noexcept;
  /// What follows the first '?', nothing decoded; empty if there is none.
  [[nodiscard]] std::string_view query_string() const noexcept;

  /// The value that the pattern's `:name` took, percent-decoded; "*" names the tail. Empty if the pattern has no such name.
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept;
  /// The first value of `name` in the query, percent-decoded, '+' as space (application/x-www-form-urlencoded).
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  /// The value of the first header field `name`, compared without case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;
  /// All values of header field `name`, in order.
  [[nodiscard]] std::vector<std::string_view> header_all(std::string_view name) const;
  /// All header fields, in order.
  [[nodiscard]] std::vector<field> fields() const;
  /// The value of cookie `name` (RFC 6265, 5.4), as it was sent, without surrounding quotes.
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const noexcept;

  /// The certificate that the client has shown, on an address whose `tls_options::client_certificate` asks for one; null if it has
  /// shown none. A session that is resumed has that of its first connection.
  [[nodiscard]] const peer_certificate* client_certificate() const noexcept { return certificate_.get(); }

  /// What a middleware found out about the request, see `upgrade_base::set_attribute`; empty if nothing did.
  [[nodiscard]] std::string_view attribute(std::string_view name) const noexcept;

  /// Sets what `attribute` answers; the last value of a name counts.
  void set_attribute(std::string name, std::string value);
  /// Sets what `param` answers: names with values that are decoded already.
  void set_params(std::vector<std::pair<std::string, std::string>> params);
  /// Sets what `client_certificate` answers. Copies of the request share it.
  void set_client_certificate(peer_certificate shown) {
    certificate_ = std::make_shared<const peer_certificate>(std::move(shown));
  }

private:
  [[nodiscard]] std::span<const std::pair<std::string, std::string>> params() const noexcept { return {named_.data(), params_}; }
  [[nodiscard]] std::size_t index_of_attribute(std::string_view name) const noexcept;

  std::string head_; // "GET /target\r\nName: value\r\n…": one block per connection, searched on demand
  std::vector<std::pair<std::string, std::string>> named_; // parameters, then attributes
  std::uint32_t params_ = 0;                               // of these are parameters
  std::uint32_t method_size_ = 0;                          // bytes, as the next
  std::uint32_t target_size_ = 0;
  std::shared_ptr<const peer_certificate> certificate_;
};

/// Replaces %XX by the byte it stands for (RFC 3986, 2.1).
/// @return nothing if a '%' is not followed by two hexadecimal digits
[[nodiscard]] HARPIA_API std::optional<std::string> percent_decode(std::string_view text);

} // namespace harpia
