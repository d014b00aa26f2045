// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "vocabulary/merged_options.hpp"

#include <array>
#include <chrono>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0 {

namespace {

/// Calls `visit(name, field of each options...)` for each field but `origins`. The bindings count the fields: one that is added does not
/// compile until somebody has come here.
template <class Visit, class... Options>
void visit_deflate(Visit& visit, Options&... options) {
  const auto check = []([[maybe_unused]] const auto& first, const auto&...) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g] = first;
  };
  check(options...);
  visit("deflate.server_max_window_bits", options.server_max_window_bits...);
  visit("deflate.client_max_window_bits", options.client_max_window_bits...);
  visit("deflate.server_context_takeover", options.server_context_takeover...);
  visit("deflate.client_context_takeover", options.client_context_takeover...);
  visit("deflate.level", options.level...);
  visit("deflate.memory_level", options.memory_level...);
  visit("deflate.threshold", options.threshold...);
}

template <class Visit, class... Options>
void visit_fields(Visit visit, Options&... options) {
  const auto check = []([[maybe_unused]] const auto& first, const auto&...) {
    [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = first;
  };
  check(options...);
  visit("max_payload", options.max_payload...);
  visit("high_watermark", options.high_watermark...);
  visit("low_watermark", options.low_watermark...);
  visit("max_buffered", options.max_buffered...);
  visit("on_limit", options.on_limit...);
  visit("on_crash", options.on_crash...);
  visit("on_undecodable", options.on_undecodable...);
  visit("idle_timeout", options.idle_timeout...);
  visit("ping_interval", options.ping_interval...);
  visit("max_lifetime", options.max_lifetime...);
  visit("max_lifetime_jitter", options.max_lifetime_jitter...);
  visit("close_timeout", options.close_timeout...);
  visit("compression", options.compression...);
  visit_deflate(visit, options.deflate...);
  visit("subprotocols", options.subprotocols...);
  visit("calls", options.calls...);
  visit("max_pending_calls", options.max_pending_calls...);
}

template <class Number>
void write(std::ostream& out, Number value) {
  out << value;
}
void write(std::ostream& out, std::chrono::milliseconds time) {
  out << time.count() << " ms";
}
void write(std::ostream& out, on_limit policy) {
  constexpr std::array<std::string_view, 4> names{"drop_newest", "drop_oldest", "conflate", "close"};
  out << names.at(static_cast<std::size_t>(policy));
}
void write(std::ostream& out, on_crash policy) {
  out << (policy == on_crash::close ? "close" : "restart");
}
void write(std::ostream& out, on_undecodable policy) {
  out << (policy == on_undecodable::close ? "close" : "stay");
}
void write(std::ostream& out, compression choice) {
  out << (choice == compression::enabled ? "enabled" : "disabled");
}
void write(std::ostream& out, context_takeover choice) {
  out << (choice == context_takeover::enabled ? "enabled" : "disabled");
}
void write(std::ostream& out, calls choice) {
  out << (choice == calls::enabled ? "enabled" : "disabled");
}
void write(std::ostream& out, const std::vector<std::string>& names) {
  out << '{';
  const char* before = "";
  for (const auto& name : names)
    out << std::exchange(before, " ") << name;
  out << '}';
}

} // namespace

route_options merged(route_options own, const route_options& inherited) {
  visit_fields(
      [](const char*, auto& field, const auto& from) {
        if (!field.is_set())
          field = from;
      },
      own, inherited);
  if (!own.origins.is_set())
    own.origins = inherited.origins;
  return own;
}

std::string describe(const route_options& options) {
  std::ostringstream out;
  const char* before = "";
  visit_fields(
      [&](const char* name, const auto& field) {
        if (!field.is_set())
          return;
        out << std::exchange(before, ", ") << name << ' ';
        write(out, field.get());
      },
      options);
  if (options.origins.is_set())
    out << before << "origins " << (options.origins.accepts_all() ? "any" : "checked");
  return std::move(out).str();
}

} // namespace harpia::inline v0
