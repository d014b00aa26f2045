// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace harpia {

/// What went wrong on a connection.
enum class errc {
  handler_threw = 1,   ///< a user's handler ended with an exception
  protocol_violation,  ///< the peer broke RFC 6455: a bad frame, opcode, mask, fragment or close code
  invalid_text,        ///< the peer sent text that is not UTF-8
  message_too_big,     ///< the peer sent more than `max_payload`
  read_failed,         ///< the operating system reported an error for reading
  write_failed,        ///< the operating system reported an error for writing
  connection_lost,     ///< the peer vanished without a close frame
  buffer_limit,        ///< more than `max_buffered` waited and the route's policy is `on_limit::close`
  idle_timeout,        ///< nothing came from the peer for `idle_timeout`
  close_timeout,       ///< the peer did not answer a close frame in time
  undecodable_message, ///< the peer sent a message that the route's codec does not take
  request_failed,      ///< another actor did not answer a request, or with an error that no handler was given for
  unaccepted_message,  ///< the connection's behaviour takes no message of that kind
  connect_failed,      ///< the server's name could not be resolved, or none of its addresses be reached
  connect_timeout,     ///< the server did not answer in time when a connection to it was opened
  handshake_refused,   ///< the server answered the opening handshake with another status than 101
};

/// Groups of `errc` to compare an `std::error_code` with.
enum class error_condition {
  peer_fault = 1, ///< the peer broke a rule
  transport,      ///< the way to the peer is gone; no close frame can be exchanged
};

[[nodiscard]] HARPIA_API const std::error_category& error_category() noexcept;
[[nodiscard]] HARPIA_API std::error_code make_error_code(errc code) noexcept;
[[nodiscard]] HARPIA_API std::error_condition make_error_condition(error_condition condition) noexcept;

/// What the `error` handler gets: a code to branch on, a sentence for a log, and the exception if there was one.
///
/// A value: it may be kept after the handler returned.
class error {
public:
  error(errc code, std::string what, std::exception_ptr cause = nullptr)
      : code_{make_error_code(code)}, what_{std::move(what)}, cause_{std::move(cause)} {}
  error(errc code, std::string what, std::size_t position) : error{code, std::move(what)} { position_ = position; }

  /// Which of `errc` it is; comparable with `error_condition` too.
  [[nodiscard]] const std::error_code& code() const noexcept { return code_; }

  /// What happened, in a sentence that names the offender. Bytes that a peer sent are escaped in it.
  [[nodiscard]] const std::string& what() const noexcept { return what_; }

  /// The exception that a handler ended with; null for every other code.
  [[nodiscard]] const std::exception_ptr& cause() const noexcept { return cause_; }

  /// Where in the peer's message the fault is, in bytes from its start; nothing unless it is `errc::undecodable_message`.
  [[nodiscard]] std::optional<std::size_t> position() const noexcept {
    return position_ == nowhere ? std::nullopt : std::optional{position_};
  }

private:
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  std::error_code code_;
  std::string what_;
  std::exception_ptr cause_;
  std::size_t position_ = nowhere; // every connection has room for an error
};

} // namespace harpia

template <>
struct std::is_error_code_enum<harpia::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<harpia::error_condition> : std::true_type {};
