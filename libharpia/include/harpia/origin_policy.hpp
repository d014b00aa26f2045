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

namespace harpia::inline v0 {

/// The origin of a page, as a browser sends it in the Origin field (RFC 6454).
struct web_origin {
  std::string scheme;     // lower case
  std::string host;       // lower case; an IPv6 address in brackets, in its shortest form
  std::uint16_t port = 0; // 0: no port was given and the scheme has no default

  friend bool operator==(const web_origin&, const web_origin&) = default;
};

/// Parses "scheme://host" or "scheme://host:port". The default port is 80 for http and 443 for https.
/// @return nothing for any other text, also for "null", which stands for pages without an origin
///
/// *Source*: RFC 6454, 6.2.
[[nodiscard]] HARPIA_API std::optional<web_origin> parse_origin(std::string_view text);

/// The type of `same_origin`, see `origin_policy`.
struct same_origin_only {};
inline constexpr same_origin_only same_origin{};

/// The type of `any_origin`, see `origin_policy`.
struct every_origin {};
inline constexpr every_origin any_origin{};

/// The pages from which browsers may open connections to a route.
///
/// Browsers let a page of any site open a WebSocket to any other site, and send the other site's cookies with it. This policy prevents
/// pages of other sites from acting in a user's name.
///
///     .origins = {"https://example.com", "http://localhost:8080"}
///     .origins = harpia::same_origin
///     .origins = [](std::string_view origin, const harpia::request& asked) { return …; }
///     .origins = harpia::any_origin
///
/// A route that sets no policy inherits that of its router or the app, as other options (`route_options`). If nobody sets one, every origin
/// may connect.
///
/// Unless every origin is accepted, a request with several Origin fields, or with one that cannot be parsed, is refused.
///
/// *Thread safety*: A value. Concurrent reads are safe.
///
/// *Not promised*: Authentication. A request without an Origin field does not come from a browser and is accepted.
class HARPIA_API origin_policy {
public:
  /// A function that returns whether an origin is accepted. It must not block.
  ///
  /// `origin` is the field as it was sent: "scheme://host[:port]" or "null". `asked` has the parameters of the route's pattern.
  ///
  /// *Errors*: An exception refuses the request with 500.
  ///
  /// *Thread safety*: It is called on the threads of event loops, on several at once.
  using predicate = std::function<bool(std::string_view origin, const request& asked)>;

  /// Creates a policy that is not set: it is inherited, and accepts every origin if there is nothing to inherit.
  origin_policy() = default;
  /// Accepts every origin, whatever policy there is to inherit.
  origin_policy(every_origin) noexcept : rule_{every_origin{}} {}
  /// Accepts pages of the server itself, whose host and port are those of the Host field. http and https are not distinguished, because a
  /// proxy may have terminated TLS.
  origin_policy(same_origin_only) noexcept : rule_{list{}} {}
  /// Accepts pages of the server itself and of the given origins, whose scheme, host and port must match. An empty vector is equivalent
  /// to `same_origin`.
  ///
  /// *Errors*: Throws `std::invalid_argument` that names an entry that is not an origin of a page.
  origin_policy(std::initializer_list<std::string_view> allowed) : origin_policy{std::span{allowed.begin(), allowed.size()}} {}
  origin_policy(const std::vector<std::string>& allowed)
      : origin_policy{std::span<const std::string_view>{std::vector<std::string_view>{allowed.begin(), allowed.end()}}} {}
  /// Accepts the origins for which `decides` returns true.
  ///
  /// *Errors*: Throws `std::invalid_argument` if `decides` is empty.
  origin_policy(predicate decides);
  template <class Function>
    requires(!std::same_as<std::remove_cvref_t<Function>,
                           origin_policy> && std::is_invocable_r_v<bool, Function&, std::string_view, const request&>)
  origin_policy(Function decides) : origin_policy{predicate{std::move(decides)}} {}

  /// Returns whether every origin is accepted without a check.
  [[nodiscard]] bool accepts_all() const noexcept { return !is_set() || std::holds_alternative<every_origin>(rule_); }
  /// Returns whether the policy is other than the default.
  [[nodiscard]] bool is_set() const noexcept { return !std::holds_alternative<std::monostate>(rule_); }

  /// Returns whether a request may become a connection.
  ///
  /// *Errors*: Throws what the predicate throws.
  [[nodiscard]] bool accepts(const request& asked) const;

private:
  using list = std::vector<web_origin>;

  explicit origin_policy(std::span<const std::string_view> allowed);

  std::variant<std::monostate, every_origin, list, predicate> rule_;
};

} // namespace harpia::inline v0
