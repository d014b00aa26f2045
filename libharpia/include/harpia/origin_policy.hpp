// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/request.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace harpia {

/// Where a page came from, as its browser tells it in the field Origin (RFC 6454).
struct web_origin {
  std::string scheme;     // in lower case
  std::string host;       // in lower case; an IPv6 address in brackets, in its shortest form
  std::uint16_t port = 0; // 0: none was named, and the scheme has no default

  friend bool operator==(const web_origin&, const web_origin&) = default;
};

/// Reads "scheme://host" or "scheme://host:port" (RFC 6454, 6.2). The port is by default 80 for http and 443 for https.
/// @return nothing for anything else, also for "null", which stands for pages without an origin
[[nodiscard]] HARPIA_API std::optional<web_origin> parse_origin(std::string_view text);

/// See `origin_policy`.
struct same_origin_only {};
inline constexpr same_origin_only same_origin{};

/// See `origin_policy`.
struct every_origin {};
inline constexpr every_origin any_origin{};

/// The pages from which browsers may open the connections of a route. Browsers let a page of any site open a WebSocket to any other,
/// and send the other's cookies with it; this is what keeps strangers' pages from acting in a user's name.
///
///     .origins = {"https://example.com", "http://localhost:8080"}
///     .origins = harpia::same_origin
///     .origins = [](std::string_view origin, const harpia::request& asked) { return …; }
///     .origins = harpia::any_origin
///
/// A route that sets none has the app's (`app_options::route`), and every origin may connect if that sets none either.
///
/// Whoever sends no Origin is no browser, and is accepted: this protects users of browsers, and is no authentication. Unless every
/// origin is accepted, requests with several Origin fields, or with one that cannot be read, are refused.
///
/// A value: may be copied, and read from several threads at once.
class HARPIA_API origin_policy {
public:
  /// Says yes to an origin, which is as it was sent: "scheme://host[:port]", or "null". Runs on event loops' threads, on several at
  /// once, and must not block; an exception refuses the request with 500. Parameters of the route's pattern are set in `asked`.
  using predicate = std::function<bool(std::string_view origin, const request& asked)>;

  /// Not set: for a route the app's, and for the app every origin.
  origin_policy() = default;
  /// Every origin, whatever the app's policy is.
  origin_policy(every_origin) noexcept : rule_{every_origin{}} {}
  /// Pages of the server itself: those whose host and port are the ones that the field Host names. Which of http and https they
  /// came by is not compared, since a proxy may have taken TLS off.
  origin_policy(same_origin_only) noexcept : rule_{list{}} {}
  /// The same, and pages of the origins given, of which scheme, host and port must match. None, in a vector, is `same_origin`.
  /// @throws std::invalid_argument naming what is no origin
  origin_policy(std::initializer_list<std::string_view> allowed) : origin_policy{std::span{allowed.begin(), allowed.size()}} {}
  origin_policy(const std::vector<std::string>& allowed)
      : origin_policy{std::span<const std::string_view>{std::vector<std::string_view>{allowed.begin(), allowed.end()}}} {}
  /// Those that `decides` says yes to.
  /// @throws std::invalid_argument if it is empty
  origin_policy(predicate decides);
  template <class Function>
    requires(!std::same_as<std::remove_cvref_t<Function>,
                           origin_policy> && std::is_invocable_r_v<bool, Function&, std::string_view, const request&>)
  origin_policy(Function decides) : origin_policy{predicate{std::move(decides)}} {}

  /// Whether any origin is accepted without a look at it.
  [[nodiscard]] bool accepts_all() const noexcept { return !is_set() || std::holds_alternative<every_origin>(rule_); }
  /// Whether it is other than the default.
  [[nodiscard]] bool is_set() const noexcept { return !std::holds_alternative<std::monostate>(rule_); }

  /// Whether a request may become a connection. Throws what the predicate throws.
  [[nodiscard]] bool accepts(const request& asked) const;

private:
  using list = std::vector<web_origin>;

  explicit origin_policy(std::span<const std::string_view> allowed);

  std::variant<std::monostate, every_origin, list, predicate> rule_;
};

} // namespace harpia
