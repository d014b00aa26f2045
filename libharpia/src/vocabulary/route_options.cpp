// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/route_options.hpp>

#include "vocabulary/refuse_option.hpp"
#include "vocabulary/token.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace harpia::inline v0 {

namespace {

void refuse_negative(const char* name, const option<std::chrono::milliseconds>& limit) {
  const auto time = limit.get();
  if (time.count() < 0)
    refuse_option(std::string{"'"} + name + "' must not be negative, but is " + std::to_string(time.count()) + " ms");
}

void validate_times(const route_options& options) {
  refuse_negative("idle_timeout", options.idle_timeout);
  refuse_negative("ping_interval", options.ping_interval);
  refuse_negative("max_lifetime", options.max_lifetime);
  if (const double jitter = options.max_lifetime_jitter; !(jitter >= 0 && jitter <= 1)) // so that a NaN is refused, too
    refuse_option("'max_lifetime_jitter' must be from 0 to 1, but is " + std::to_string(jitter));
  if (const auto time = options.close_timeout.get(); time.count() <= 0)
    refuse_option("'close_timeout' must be more than 0, but is " + std::to_string(time.count()) + " ms");
}

template <class Number>
void refuse_impossible(const char* name, const option<Number>& number) {
  if (number.is_out_of_range())
    refuse_option(std::string{"'"} + name + "' was set to a number that is negative or too large");
}

template <class Enum>
void refuse_unknown(const char* name, Enum value, Enum last) {
  if (const auto number = static_cast<unsigned>(value); number > static_cast<unsigned>(last))
    refuse_option(std::string{"'"} + name + "' has no value " + std::to_string(number));
}

void validate_choices(const route_options& options) {
  refuse_unknown<on_limit>("on_limit", options.on_limit, on_limit::close);
  refuse_unknown<on_crash>("on_crash", options.on_crash, on_crash::restart);
  refuse_unknown<on_undecodable>("on_undecodable", options.on_undecodable, on_undecodable::stay);
  refuse_unknown<compression>("compression", options.compression, compression::enabled);
  refuse_unknown<calls>("calls", options.calls, calls::enabled);
  const auto& deflate = options.deflate;
  refuse_unknown<context_takeover>("deflate.server_context_takeover", deflate.server_context_takeover, context_takeover::enabled);
  refuse_unknown<context_takeover>("deflate.client_context_takeover", deflate.client_context_takeover, context_takeover::enabled);
}

void validate_sizes(const route_options& options) {
  refuse_impossible("max_payload", options.max_payload);
  refuse_impossible("high_watermark", options.high_watermark);
  refuse_impossible("low_watermark", options.low_watermark);
  refuse_impossible("max_buffered", options.max_buffered);
  refuse_impossible("max_pending_calls", options.max_pending_calls);
  const auto& deflate = options.deflate;
  refuse_impossible("deflate.threshold", deflate.threshold);
  refuse_impossible("deflate.server_max_window_bits", deflate.server_max_window_bits);
  refuse_impossible("deflate.client_max_window_bits", deflate.client_max_window_bits);
  refuse_impossible("deflate.level", deflate.level);
  refuse_impossible("deflate.memory_level", deflate.memory_level);
  if (options.max_payload == 0)
    refuse_option("'max_payload' must be more than 0, but is 0");
}

void validate_subprotocols(const std::vector<std::string>& names) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (!is_token(*name))
      refuse_option("'subprotocols' must each be a token (RFC 9110, 5.6.2), but '" + *name + "' is none");
    if (std::find(names.begin(), name, *name) != name)
      refuse_option("'subprotocols' must differ, but '" + *name + "' occurs twice");
  }
}

} // namespace

void validate(const send_limits& options) {
  if (options.low_watermark > options.high_watermark)
    refuse_option("'low_watermark' must not exceed 'high_watermark', but " + std::to_string(options.low_watermark) + " > "
                  + std::to_string(options.high_watermark));
  if (options.high_watermark > options.max_buffered)
    refuse_option("'high_watermark' must not exceed 'max_buffered', but " + std::to_string(options.high_watermark) + " > "
                  + std::to_string(options.max_buffered));
}

void validate(const route_options& options) {
  validate_sizes(options);
  validate_choices(options);
  validate(options.sending());
  validate(options.deflate);
  validate_times(options);
  validate_subprotocols(options.subprotocols);
}

} // namespace harpia::inline v0
