// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/http.hpp>
#include <harpia/request.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct evp_md_ctx_st;
struct evp_md_st;

namespace harpia::inline v0::websocket {

/// Whether a request asks for the WebSocket protocol (RFC 6455, 4.2.1). Does not check that the handshake is valid.
[[nodiscard]] bool asks_for_websocket(const request& asked);

/// Checks the opening handshake of a client (RFC 6455, 4.2.1).
/// @return the response if it is invalid: 400, 405 or 426
[[nodiscard]] std::optional<http_response> check_upgrade(const request& asked);

using header_fields = std::vector<std::pair<std::string, std::string>>;

/// Computes Sec-WebSocket-Accept (RFC 6455, 4.2.2). Keeps OpenSSL's SHA-1, since fetching the algorithm takes longer than computing the
/// digest.
class accept_digest {
public:
  /// @throws std::runtime_error if OpenSSL has no SHA-1
  accept_digest();

  /// Appends the Sec-WebSocket-Accept for a Sec-WebSocket-Key. Not thread-safe.
  void append(std::string& out, std::string_view key) const;
  [[nodiscard]] std::string of(std::string_view key) const {
    std::string digest;
    append(digest, key);
    return digest;
  }

private:
  struct release {
    void operator()(evp_md_st* algorithm) const noexcept;
    void operator()(evp_md_ctx_st* context) const noexcept;
  };

  std::unique_ptr<evp_md_st, release> sha1_;
  std::unique_ptr<evp_md_ctx_st, release> context_; // reused for each digest
};

/// The response to an opening handshake that passed `check_upgrade` (RFC 6455, 4.2.2): 101 with `fields`. Leaves out entries that are
/// not valid fields.
[[nodiscard]] std::string accept_upgrade(const request& asked, const header_fields& fields, const accept_digest& digest);

/// The response to a request on a WebSocket route that is not an upgrade: 426 (RFC 9110, 15.5.22).
[[nodiscard]] http_response upgrade_required();

/// The response to a method that a path does not support: 405 with the supported methods.
[[nodiscard]] http_response method_not_allowed(const request& asked);

/// The subprotocols that a client offers, in its order of preference (RFC 6455, 11.3.4).
[[nodiscard]] std::vector<std::string_view> offered_subprotocols(const request& asked);

/// The first of `spoken`, the supported subprotocols, that the client offers; empty if there is none.
[[nodiscard]] std::string_view choose_subprotocol(const request& asked, const std::vector<std::string>& spoken);

} // namespace harpia::inline v0::websocket
