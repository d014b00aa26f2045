// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0 {

/// How an app and its engine are connected.
enum class engine_state : std::uint8_t {
  none,      ///< the app has no engine: all its groups are local
  away,      ///< the engine cannot be reached: what is published to shared groups waits
  connected, ///< the engine answers; whether all that it tells is heard is not proven yet
  ready,     ///< all that was stored is heard
};

/// The answer to a publish.
enum class publish_status : std::uint8_t {
  sent,    ///< accepted: the group is local, or its engine is there
  pending, ///< accepted: it waits until the engine is there
  refused, ///< not accepted, because too much waits for the engine already; nothing comes of it
};

/// What became of a message for a group.
enum class publish_outcome : std::uint8_t {
  local,     ///< the group is local, so there is no history
  stored,    ///< it is in the group's history, and every node that has members gets it
  duplicate, ///< a message with the same `publish_options::unique` was there already
  refused,   ///< the engine does not take it
  expired,   ///< it has waited for too long and was not stored
  unknown,   ///< it has waited for too long, or the app has ended, and it may have been stored
};

/// Why members of a shared group do not get all that was published to it.
enum class reset_reason : std::uint8_t {
  lost,     ///< messages were missed and are not in the history any more
  diverged, ///< the engine has forgotten messages, and the history goes on in another way
  expired,  ///< the engine has forgotten a group that nobody published to for long; nothing was missed
};

[[nodiscard]] HARPIA_API std::string_view to_string(engine_state state) noexcept;
[[nodiscard]] HARPIA_API std::string_view to_string(publish_status status) noexcept;
[[nodiscard]] HARPIA_API std::string_view to_string(publish_outcome outcome) noexcept;
[[nodiscard]] HARPIA_API std::string_view to_string(reset_reason reason) noexcept;

namespace detail {

struct on_engine_state_rule {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "'on_state' must be callable as on_state(harpia::engine_state state)");
  }
};
struct on_reset_rule {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "'on_reset' must be callable as on_reset(std::string_view group, harpia::reset_reason reason)");
  }
};
struct access;

} // namespace detail

namespace fleet {
class engine_maker;
}

/// Which groups are shared, and the bounds of what waits for the engine.
struct engine_options {
  /// Names of the groups that all nodes share; a name that ends with `*` stands for all that begin so. Others are local to each node. Nodes
  /// that do not agree on these do not hear each other.
  std::vector<std::string> groups = {"*"};
  /// Messages of a group that are kept, to fill gaps: in the engine, and in the memory of each node. 0: every gap is a `reset`.
  std::size_t history_size = 100;
  /// How long they are kept. Must be positive.
  std::chrono::milliseconds history_ttl = std::chrono::minutes{5};
  /// Messages that may wait for the engine's answer, their bytes, and for how long. One more is refused; one that waits for longer has the
  /// outcome `expired` or `unknown`. Must be positive.
  std::size_t max_pending = 100'000;
  std::size_t max_pending_bytes = std::size_t{64} << 20U;
  std::chrono::milliseconds max_pending_age = std::chrono::seconds{30};
  /// Called with each change of the state. On the thread of the engine; must not block. What it throws is logged.
  callback<void(engine_state state), detail::on_engine_state_rule> on_state = {};
  /// Called when the members of a group here do not get all that was published, or get it from another history. Likewise.
  callback<void(std::string_view group, reset_reason reason), detail::on_reset_rule> on_reset = {};
};

/// What numbers, keeps and spreads the messages of shared groups over the nodes of a fleet, for `app_options::engine`. Made by
/// `harpia::memory_engine`. Without one all groups are local.
///
/// *Thread safety* A value. Apps that get copies of it are nodes of one fleet.
class HARPIA_API engine {
public:
  /// None.
  engine() = default;

  [[nodiscard]] explicit operator bool() const noexcept { return maker_ != nullptr; }

private:
  friend struct detail::access;
  friend class fleet::engine_maker;
  engine(std::shared_ptr<fleet::engine_maker> maker, engine_options options)
      : maker_{std::move(maker)}, options_{std::move(options)} {}

  std::shared_ptr<fleet::engine_maker> maker_;
  engine_options options_;
};

} // namespace harpia::inline v0
