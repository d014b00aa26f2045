// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace harpia::inline v0 {

struct http_response;

/// The error codes of a connection.
enum class errc {
  handler_threw = 1,   ///< a handler of the application threw an exception
  protocol_violation,  ///< the peer violated RFC 6455: an invalid handshake, frame, opcode, mask, fragment or close code
  invalid_text,        ///< the peer sent text that is not UTF-8
  message_too_big,     ///< the peer sent a message larger than `max_payload`
  read_failed,         ///< the operating system reported an error on reading
  write_failed,        ///< the operating system reported an error on writing
  connection_lost,     ///< the peer ended the connection without a close frame
  buffer_limit,        ///< the send limit was reached and the route's policy is `on_limit::close`
  idle_timeout,        ///< nothing was received from the peer for `idle_timeout`
  close_timeout,       ///< the peer did not answer a close frame within `close_timeout`
  undecodable_message, ///< the peer sent a message that the route's codec does not accept
  request_failed,      ///< another actor did not answer a request, or answered with an error for which no handler was given
  unaccepted_message,  ///< the connection's behaviour does not accept messages of this kind
  connect_failed,      ///< the server's name could not be resolved, or none of its addresses could be reached
  connect_timeout,     ///< the server did not answer in time while a connection to it was opened
  handshake_refused,   ///< the server answered the opening handshake with a status other than 101
};

/// Groups of `errc` for comparison with a `std::error_code`.
enum class error_kind {
  /// The peer violated a rule: `protocol_violation`, `invalid_text`, `message_too_big`, `undecodable_message`.
  peer_fault = 1,
  /// The peer cannot be reached, so no close frame can be exchanged: `read_failed`, `write_failed`, `connection_lost`, `idle_timeout`,
  /// `close_timeout`, `connect_failed`, `connect_timeout`.
  transport,
};

[[nodiscard]] HARPIA_API const std::error_category& error_category() noexcept;
[[nodiscard]] HARPIA_API std::error_code make_error_code(errc code) noexcept;
[[nodiscard]] HARPIA_API std::error_condition make_error_condition(error_kind condition) noexcept;

/// A failure of a connection, as the `error` handler receives it: a code, a sentence for a log, and the exception if there was one.
///
/// *Lifetimes*: A value. It may be kept after the handler has returned.
class error {
public:
  error(errc code, std::string what, std::exception_ptr cause = nullptr)
      : code_{make_error_code(code)}, what_{std::move(what)}, cause_{std::move(cause)} {}
  error(errc code, std::string what, std::size_t position) : error{code, std::move(what)} { position_ = position; }
  error(errc code, std::string what, std::shared_ptr<const http_response> response) : error{code, std::move(what)} {
    response_ = std::move(response);
  }

  /// Returns the code. It compares with `errc` and with `error_kind`.
  [[nodiscard]] const std::error_code& code() const noexcept { return code_; }

  /// Returns a sentence that says what happened and names the offender. Bytes that a peer sent are escaped in it.
  [[nodiscard]] const std::string& what() const noexcept { return what_; }

  /// Returns the exception that a handler threw; null for every code but `errc::handler_threw`.
  [[nodiscard]] const std::exception_ptr& cause() const noexcept { return cause_; }

  /// Returns where the fault is in the peer's message, in bytes from its start; nothing unless the code is `errc::undecodable_message`.
  [[nodiscard]] std::optional<std::size_t> position() const noexcept {
    return position_ == nowhere ? std::nullopt : std::optional{position_};
  }

  /// Returns the answer of a server that refused an opening handshake, with up to 64 KiB of its body; null unless the code is
  /// `errc::handshake_refused`. Its fields are in `headers`, Content-Type too.
  [[nodiscard]] const http_response* response() const noexcept { return response_.get(); }

private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  std::error_code code_;
  std::string what_;
  std::exception_ptr cause_;
  std::shared_ptr<const http_response> response_;
  std::size_t position_ = nowhere; // not an optional: every connection reserves room for an error
};

} // namespace harpia::inline v0

template <>
struct std::is_error_code_enum<harpia::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<harpia::error_kind> : std::true_type {};
