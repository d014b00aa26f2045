// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/engine.hpp>
#include <harpia/position.hpp>
#include <harpia/route_options.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace harpia::inline v0 {

/// Which members receive a message that a connection publishes.
enum class audience : std::uint8_t {
  others,   ///< every member but the publisher
  everyone, ///< every member, including the publisher if it is one
};

/// The results of a published message, summed up over the members: those of this node, if the group is shared.
struct receipt {
  std::size_t accepted = 0; ///< members that accepted it
  std::size_t buffered = 0; ///< members that accepted it and are over their high watermark
  std::size_t dropped = 0;  ///< members whose `on_limit` policy refused it
  publish_outcome outcome = publish_outcome::local;
  /// Where the message is in the history of a shared group, or the one that it is a duplicate of, if the engine knows it.
  std::optional<position> at = std::nullopt;
  std::size_t nodes = 0; ///< to how many nodes the engine gave it
};

/// How a message is published.
struct publish_options {
  harpia::audience audience = harpia::audience::others;
  /// The conflation key. Members with the policy `on_limit::conflate` keep only the newest message for each key.
  std::string_view key = {};
  /// `disabled`: the message is not compressed for any member. `enabled`: it is compressed once for all members that negotiated
  /// the same parameters without context takeover of the server (RFC 7692).
  harpia::compression compression = harpia::compression::enabled;
  /// For shared groups: of two messages with the same key, within two minutes, the second is not stored, and has the outcome `duplicate`. So
  /// a publish whose outcome is `unknown` can be repeated, also by another node.
  std::string_view unique = {};
  /// Called once, when every member has accepted or refused the message, and the engine has answered if the group is shared; not if
  /// the publish was refused. For a message that a connection publishes, it is an
  /// event of that connection, discarded if the connection has closed by then. Otherwise it runs on the thread of the last loop
  /// to deliver or of the engine, or before `publish` returns.
  callback<void(const receipt& sum), detail::rules::on_receipt> on_receipt = {};
};

} // namespace harpia::inline v0
