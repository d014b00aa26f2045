// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/rate_limit.hpp>
#include <harpia/socket.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace harpia::inline v0 {

namespace {

class token_bucket {
public:
  using time_point = std::chrono::steady_clock::time_point;

  token_bucket(double rate, std::size_t burst) : rate_{rate}, burst_{static_cast<double>(burst)}, tokens_{burst_} {}

  bool take(time_point now) {
    if (filled_)
      tokens_ = std::min(burst_, tokens_ + std::chrono::duration<double>{now - *filled_}.count() * rate_);
    filled_ = now;
    if (tokens_ < 1)
      return false;
    tokens_ -= 1;
    return true;
  }

private:
  double rate_;
  double burst_;
  double tokens_;
  std::optional<time_point> filled_;
};

/// The layer's state for one connection.
struct rate_state {
  token_bucket bucket;
  bool begins = true;  // the next part is the first of its message
  bool passes = false; // the current message was admitted
};

} // namespace

middleware_factory rate_limit(rate_limit_options options) {
  if (!(options.rate > 0))
    throw std::invalid_argument{"'rate' must be more than 0, but is " + std::to_string(options.rate)};
  if (options.burst == 0)
    throw std::invalid_argument{"'burst' must be at least 1, but is 0"};
  return [options] {
    auto state = std::make_shared<rate_state>(rate_state{token_bucket{options.rate, options.burst}});
    const auto admits = [options, state](socket_base& ws) {
      const bool admitted = state->bucket.take(ws.now());
      if (!admitted && options.on_excess == on_excess::close)
        ws.close(close_code::policy_violation, "too many messages");
      return admitted;
    };
    return middleware{
        .message =
            [admits](socket_base& ws, message_view message, const next_handler& next) {
              if (admits(ws))
                next(message);
            },
        .message_part =
            [state, admits](socket_base& ws, message_view part, last_part last, const next_part_handler& next) {
              if (state->begins)
                state->passes = admits(ws);
              state->begins = last == last_part::yes;
              if (state->passes)
                next(part, last);
            },
    };
  };
}

} // namespace harpia::inline v0
