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

/// Middleware that asks actors: an actor decides on upgrades or filters messages, on its own thread.
namespace harpia::inline v0 {

/// The request that `ask_about_upgrades` sends to its actor.
struct upgrade_question {
  harpia::request request;
  std::string remote_address;
};

/// The actor's response to an `upgrade_question`.
struct upgrade_verdict {
  /// 0 accepts the request. An HTTP status from 300 to 599 refuses it. Any other value answers it with 500.
  int refuse_with = 0;
  /// The body of the refusal, as plain text.
  std::string body = {};
  /// Attributes to set on a request that is accepted, see `request::attribute`.
  attribute_list attributes = {};
};

/// Makes a middleware that requests a decision on every upgrade from an actor.
/// @param who receives an `upgrade_question` and responds with an `upgrade_verdict`
/// @param timeout how long to wait for the response
///
/// *Errors* The client gets 503 if the actor fails or does not respond within `timeout`.
[[nodiscard]] HARPIA_API middleware ask_about_upgrades(caf::actor who, std::chrono::milliseconds timeout);

/// The response of an actor that filters messages.
struct filtered {
  /// The payload to pass on, in a message of the same kind. Empty: the message is discarded.
  std::optional<std::string> payload = {};
};

/// Makes a middleware that passes every incoming message through an actor.
///
/// The connection awaits each response. Messages therefore keep their order, and a slow filter slows down its client.
/// @param who receives a `text` or `binary` and responds with a `filtered`
/// @param timeout how long to wait for each response
///
/// *Errors* The connection fails with `errc::request_failed` if the actor fails or does not respond within `timeout`. A route
/// with `message_part` cannot use this middleware, see `middleware::message_part`.
[[nodiscard]] HARPIA_API middleware filter_messages(caf::actor who, std::chrono::milliseconds timeout);

} // namespace harpia::inline v0

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::upgrade_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::upgrade_verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::filtered)
