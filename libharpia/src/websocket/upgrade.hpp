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

namespace harpia::websocket {

/// Whether a request asks for the WebSocket protocol (RFC 6455, 4.2.1), rightly or not.
[[nodiscard]] bool asks_for_websocket(const request& asked);

/// Checks the opening handshake of a client (RFC 6455, 4.2.1).
/// @return what to answer if it is wrong: 400, 405 or 426
[[nodiscard]] std::optional<http_response> check_upgrade(const request& asked);

using header_fields = std::vector<std::pair<std::string, std::string>>;

/// What proves that a server has understood an opening handshake (RFC 6455, 4.2.2): OpenSSL's SHA-1, which takes longer to look up than
/// to compute.
class accept_digest {
public:
  /// @throws std::runtime_error if OpenSSL has none
  accept_digest();

  /// Appends the Sec-WebSocket-Accept for a Sec-WebSocket-Key. Not thread-safe.
  void append(std::string& out, std::string_view key) const;

private:
  struct release {
    void operator()(evp_md_st* algorithm) const noexcept;
    void operator()(evp_md_ctx_st* context) const noexcept;
  };

  std::unique_ptr<evp_md_st, release> sha1_;
  std::unique_ptr<evp_md_ctx_st, release> context_; // of the digest that is being made
};

/// The answer to an opening handshake that `check_upgrade` found no fault with (RFC 6455, 4.2.2): 101 with `fields`, of which those
/// that are none are left out.
[[nodiscard]] std::string accept_upgrade(const request& asked, const header_fields& fields, const accept_digest& digest);

/// What a request that is no upgrade gets on a WebSocket route: 426 (RFC 9110, 15.5.22).
[[nodiscard]] http_response upgrade_required();

/// What a method that a path does not take gets: 405 with the methods it does take.
[[nodiscard]] http_response method_not_allowed(const request& asked);

/// The subprotocols that a client offers, in its order of preference (RFC 6455, 11.3.4).
[[nodiscard]] std::vector<std::string_view> offered_subprotocols(const request& asked);

/// The first of `spoken` that the client offers; empty if there is none.
[[nodiscard]] std::string_view choose_subprotocol(const request& asked, const std::vector<std::string>& spoken);

} // namespace harpia::websocket
