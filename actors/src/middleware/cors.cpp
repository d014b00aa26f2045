// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/cors.hpp>

#include <harpia/upgrade.hpp>

#include "http/field.hpp"

#include "vocabulary/lower.hpp"
#include "vocabulary/token.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace harpia::inline v0 {

namespace {

std::string join(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& each : list)
    text.append(text.empty() ? "" : ", ").append(each);
  return text;
}

void check_tokens(const std::vector<std::string>& list, const char* option) {
  for (const auto& each : list)
    if (!is_token(each))
      throw std::invalid_argument{"cors: '" + each + "' in '" + option + "' is not a token"};
}

/// The checked options, with their lists as they are sent.
class cors_policy {
public:
  explicit cors_policy(cors_options options)
      : origins_{std::move(options.origins)}, methods_{join(options.methods)}, headers_{join(options.headers)},
        exposed_{join(options.exposed_headers)}, credentials_{options.credentials},
        max_age_{std::to_string(options.max_age.count())}, any_origin_{std::ranges::find(origins_, "*") != origins_.end()} {
    if (origins_.empty())
      throw std::invalid_argument{"cors: 'origins' is empty"};
    for (const auto& each : origins_)
      if (each != "*" && (each.find("://") == std::string::npos || each.ends_with('/') || !http::is_field("Origin", each)))
        throw std::invalid_argument{"cors: '" + each + "' in 'origins' is not an origin such as https://example.org"};
    if (any_origin_ && credentials_)
      throw std::invalid_argument{"cors: 'credentials' cannot be combined with the origin '*'"};
    if (options.max_age.count() < 0)
      throw std::invalid_argument{"cors: 'max_age' must not be negative"};
    check_tokens(options.methods, "methods");
    check_tokens(options.headers, "headers");
    check_tokens(options.exposed_headers, "exposed_headers");
  }

  void apply(http_exchange& exchange) const {
    if (!any_origin_)
      exchange.set_header("Vary", "Origin"); // whatever the origin is: caches must not mix the answers up
    const auto origin = exchange.request().header("Origin");
    const bool is_preflight =
        exchange.request().method() == "OPTIONS" && exchange.request().header("Access-Control-Request-Method").has_value();
    if (origin && allows(*origin)) {
      exchange.set_header("Access-Control-Allow-Origin", any_origin_ ? "*" : *origin);
      if (credentials_)
        exchange.set_header("Access-Control-Allow-Credentials", "true");
      if (is_preflight)
        allow_request(exchange);
      else if (!exposed_.empty())
        exchange.set_header("Access-Control-Expose-Headers", exposed_);
    }
    if (origin && is_preflight)
      exchange.answer({.status = 204});
  }

private:
  [[nodiscard]] bool allows(std::string_view origin) const {
    return any_origin_ || std::ranges::any_of(origins_, [&](const auto& each) { return equal_ignoring_case(each, origin); });
  }

  void allow_request(http_exchange& exchange) const {
    if (!methods_.empty())
      exchange.set_header("Access-Control-Allow-Methods", methods_);
    if (!headers_.empty())
      exchange.set_header("Access-Control-Allow-Headers", headers_);
    exchange.set_header("Access-Control-Max-Age", max_age_);
  }

  std::vector<std::string> origins_;
  std::string methods_;
  std::string headers_;
  std::string exposed_;
  bool credentials_;
  std::string max_age_;
  bool any_origin_;
};

} // namespace

middleware cors(cors_options options) {
  return {.http = [policy = std::make_shared<const cors_policy>(std::move(options))](page_request& request) {
    policy->apply(request);
  }};
}

} // namespace harpia::inline v0
