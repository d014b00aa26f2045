// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/export.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// What an application writes to its log, see `app_options::log`.
namespace harpia::inline v0 {

/// How much a record matters.
enum class log_level : std::uint8_t {
  debug,   ///< every connection and every refusal, and failures of a network
  info,    ///< what an operator may want to know: addresses, stops, peers that break the protocol
  warning, ///< what should not last: a slow handler, an address that accepts nothing, a message that nobody takes
  error,   ///< a defect: a handler that threw, an internal error
};

/// One record.
///
/// *Lifetimes* The views are valid until the function that receives the record returns.
struct log_record {
  std::chrono::system_clock::time_point time = {};
  log_level level = log_level::info;
  /// What kind of record it is, a name that does not change: `listening`, `stopping`, `opened`, `closed`, `refused`, `failed`,
  /// `handler_failed`, `slow_handler`, `workers_blocked`, `not_taken`, `accept_failed`, `internal_error`, `client`.
  std::string_view event = {};
  std::string_view route = {};          ///< the pattern; empty: it concerns none
  std::uint64_t connection = 0;         ///< its number, see `handle::id`; 0: it concerns none
  std::string_view remote_address = {}; ///< as `ws.remote_address()`; may be empty
  unsigned code = 0;                    ///< a close code or an HTTP status; 0: none
  std::string_view what = {};           ///< a sentence without a full stop; bytes that a peer sent are escaped
};

[[nodiscard]] HARPIA_API std::string_view to_string(log_level level) noexcept;

/// Formats a record as one line without a line break:
/// `2026-12-01T01:02:03.456Z error harpia: the handler 'message' of route '/' threw: boom [handler_failed connection=17]`.
[[nodiscard]] HARPIA_API std::string to_line(const log_record& record);

/// Formats a record as a JSON object without a line break. Fields that are empty or 0 are left out.
[[nodiscard]] HARPIA_API std::string to_json(const log_record& record);

/// Receives the records of an app. Runs where they arise, mostly on event loops: it must not block.
///
/// *Errors* What it throws is ignored.
///
/// *Thread safety* Several threads call it concurrently.
using log_sink = callback<void(const log_record& record), detail::rules::log>;

/// The sink that is used if there is no other: writes `to_line` to standard error.
///
/// It never waits for whoever reads standard error: lines that are not taken at once are lost, and the next line tells how many. If nobody
/// reads it any more, all are.
HARPIA_API void log_to_standard_error(const log_record& record) noexcept;

} // namespace harpia::inline v0
