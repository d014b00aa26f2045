// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/events.hpp>
#include <harpia/export.hpp>
#include <harpia/middleware.hpp>
#include <harpia/request.hpp>
#include <harpia/upgrade.hpp>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <optional>
#include <string>

/// Actors as middleware: other actors decide on upgrades and messages, on their own threads.
namespace harpia {

/// What an authenticating actor is asked.
struct upgrade_question {
  harpia::request request;
  std::string remote_address;
};

/// What it answers.
struct upgrade_verdict {
  /// 0 lets the request on; an HTTP status from 300 to 599 refuses it.
  int refuse_with = 0;
  /// The body of a refusal.
  std::string body = {};
  /// What becomes attributes of a request that is let on.
  attribute_list attributes = {};
};

/// Asks `who` about every upgrade: it gets an `upgrade_question` and answers with an `upgrade_verdict`. If it fails or does not answer
/// within `timeout`, the client gets 503.
[[nodiscard]] HARPIA_API middleware ask_about_upgrades(caf::actor who, std::chrono::milliseconds timeout);

/// What a filtering actor answers.
struct filtered {
  /// The message as it is to go on; nothing if it is not to.
  std::optional<std::string> payload = {};
};

/// Sends every message through `who`: it gets a `text` or `binary` and answers with `filtered`. Meanwhile the connection awaits the
/// reply, so messages keep their order and a slow filter slows its client. If it fails or does not answer within `timeout`, the
/// connection fails with `errc::request_failed`. Not for routes with `message_part`.
[[nodiscard]] HARPIA_API middleware filter_messages(caf::actor who, std::chrono::milliseconds timeout);

} // namespace harpia

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::upgrade_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::upgrade_verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::filtered)
