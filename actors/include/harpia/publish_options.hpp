// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/route_options.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace harpia {

/// Who gets what a connection publishes to a group.
enum class audience : std::uint8_t {
  others,   ///< every member but the publisher
  everyone, ///< every member, the publisher too if it is one
};

/// What became of a published message, summed up over the members.
struct receipt {
  std::size_t accepted = 0; ///< members that took it
  std::size_t buffered = 0; ///< of these, how many are over their high watermark
  std::size_t dropped = 0;  ///< members whose policy refused it
};

/// How a message is published.
struct publish_options {
  harpia::audience audience = harpia::audience::others;
  /// What the message is about: members whose policy is `on_limit::conflate` keep only the newest for each key.
  std::string_view key = {};
  /// `disabled`: nobody gets it compressed, whatever was agreed on. Otherwise it is compressed once for all members that agreed on the
  /// same without context takeover of the server's.
  harpia::compression compression = harpia::compression::enabled;
  /// Called once, when every member has taken or refused the message. For what a connection publishes it is an event of that
  /// connection, dropped if it has closed by then; otherwise it runs on the thread of the last loop to deliver, or before `publish`
  /// returns.
  std::function<void(const receipt&)> on_receipt = {};
};

} // namespace harpia
