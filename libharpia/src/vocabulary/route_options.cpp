// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/route_options.hpp>

#include "vocabulary/refuse_option.hpp"
#include "vocabulary/token.hpp"

#include <algorithm>
#include <string_view>

namespace harpia {

namespace {

void validate_times(const route_options& options) {
  if (options.idle_timeout.count() < 0)
    refuse_option("'idle_timeout' must not be negative, but is " + std::to_string(options.idle_timeout.count()) + " ms");
  if (options.ping_interval.count() < 0)
    refuse_option("'ping_interval' must not be negative, but is " + std::to_string(options.ping_interval.count()) + " ms");
  if (options.max_lifetime.count() < 0)
    refuse_option("'max_lifetime' must not be negative, but is " + std::to_string(options.max_lifetime.count()) + " ms");
  if (!(options.max_lifetime_jitter >= 0 && options.max_lifetime_jitter <= 1)) // so that a NaN is refused, too
    refuse_option("'max_lifetime_jitter' must be from 0 to 1, but is " + std::to_string(options.max_lifetime_jitter));
  if (options.close_timeout.count() <= 0)
    refuse_option("'close_timeout' must be more than 0, but is " + std::to_string(options.close_timeout.count()) + " ms");
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
  if (options.max_payload == 0)
    refuse_option("'max_payload' must be more than 0, but is 0");
  validate(options.sending());
  validate(options.deflate);
  validate_times(options);
  validate_subprotocols(options.subprotocols);
}

} // namespace harpia
