// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/deflate_agreement.hpp"
#include "websocket/masking_keys.hpp"
#include <harpia/error.hpp>
#include <harpia/http.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::http {
class body_reader;
}

namespace harpia::inline v0::websocket {

/// The contents of a client's opening handshake (RFC 6455, 4.1). No value may contain a line break.
struct client_opening {
  /// The Host field: a name or address, with the port unless it is the default one.
  std::string host;
  /// Path and query, for example "/chat?name=Ann".
  std::string target = "/";
  /// Additional fields. Must not contain a field that the handshake itself sets.
  std::vector<std::pair<std::string, std::string>> fields = {};
  /// Subprotocols to offer, in order of preference.
  std::vector<std::string> subprotocols = {};
};

/// A new Sec-WebSocket-Key: 16 random bytes in base64 (RFC 6455, 4.1).
[[nodiscard]] std::string new_handshake_key(masking_keys& random);

/// The opening handshake as a client sends it (RFC 6455, 4.1), with a User-Agent field unless there is one.
[[nodiscard]] std::string encode_opening(const client_opening& opening, std::string_view key);

/// Parses the response incrementally: its status line and header section, and the body of a refusal. Skips interim responses (RFC 9110,
/// 15.2).
class response_reader {
public:
  enum class state { incomplete, complete, failed };

  response_reader();
  response_reader(response_reader&&) noexcept;
  response_reader& operator=(response_reader&&) noexcept;
  ~response_reader();

  /// Maximum size of all status lines and header sections together, in bytes.
  static constexpr std::size_t max_header = std::size_t{16} << 10;
  /// Maximum size of a refusal's body, in bytes. The rest of it is left out.
  static constexpr std::size_t max_body = std::size_t{64} << 10;

  state read(std::span<const std::byte> bytes);
  /// No more bytes will come. @return `complete` if a refusal was read, if only a part of its body
  state read_end();

  /// After `complete`: the response. An upgrade has no body.
  [[nodiscard]] const http_response& response() const noexcept { return response_; }
  /// After `complete`: the bytes that followed the header section.
  [[nodiscard]] std::span<const std::byte> rest() const noexcept { return std::as_bytes(std::span{unparsed_}); }
  /// After `failed`: what is wrong.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

private:
  [[nodiscard]] bool parse(std::string_view head);
  [[nodiscard]] state read_body();

  std::unique_ptr<http::body_reader> body_; // of a refusal; null until its head was read
  std::string unparsed_;                    // bounded by max_header, and by one call of `read` after `complete`
  std::size_t parsed_ = 0;
  http_response response_;
  std::string failure_;
};

/// Validates a response (RFC 6455, 4.1).
/// @return the error, if any: `errc::handshake_refused` naming the status, or `errc::protocol_violation`
///
/// @param digest of the key, see `accept_digest`
/// @param offered the options of the permessage-deflate offer, if there was one
[[nodiscard]] std::optional<error> check_response(const http_response& answer, const client_opening& asked,
                                                  std::string_view digest, const std::optional<deflate_options>& offered);

/// The value of the first field `name`, compared without case; empty if there is none.
[[nodiscard]] std::string_view field_of(const http_response& answer, std::string_view name) noexcept;

} // namespace harpia::inline v0::websocket
