// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine_messages.hpp"

#include <string_view>

namespace harpia::inline v0::fleet {

/// What an engine tells the node that it works for. No function may throw.
///
/// Order: `on_link` with each change, at first from `down`. For each group that is watched `on_watched`, and again whenever messages may
/// have been missed; `on_pushed` in the order of the group's history, as long as nothing is missed; messages may be missed, told twice, or
/// come from a history that the engine has left, so whoever receives them checks them. For each `sync` exactly one `on_synced`, for each
/// `publish` exactly one `on_outcome`, both before the `on_link` that tells of the loss that caused them. After `engine::stop` nothing.
///
/// Events never come from inside of a call to the engine. They may call it. Each brings the time.
///
/// *Lifetimes*: outlives the engine, or at least its `stop`. What is passed in is valid until the function returns.
class engine_events {
public:
  virtual void on_link(link_state state, time_point now) = 0;
  /// The group's messages are heard, from some moment on before this call. What was stored before that has to be asked for.
  virtual void on_watched(std::string_view group, time_point now) = 0;
  virtual void on_pushed(std::string_view group, const stored_message& message, time_point now) = 0;
  virtual void on_synced(const sync_answer& answer, time_point now) = 0;
  virtual void on_outcome(const publish_answer& answer, time_point now) = 0;

protected:
  ~engine_events() = default;
};

/// What numbers, keeps and spreads the messages of groups over the nodes of a fleet, as a node sees it: the connection to it, or all of it
/// in memory. Knows nothing of members. Nothing in it blocks.
///
/// Order of calls: `start` once, then the others in any order, `stop` once, then none. It connects by itself, and again after each loss,
/// and watches anew what is watched. A connection over which a fence or the answer to a `watch` does not come in time is lost to it, even if
/// bytes go to and fro. Calls may be made while it is not connected; then they are answered at once by `failed` or `lost`, in
/// an event of their own.
///
/// What an engine may have beyond this, such as presence, is an interface of its own, which the same class may implement.
///
/// *Thread safety*: none. All calls are made, and all events come, on one thread.
class engine {
public:
  virtual ~engine() = default;

  /// Begins to connect. @param events outlives the call of `stop`
  virtual void start(engine_events& events) = 0;
  /// Asks for the messages of a group from now on. Again: asks for another `on_watched`.
  virtual void watch(std::string_view group) = 0;
  /// Ends that. Messages on their way may still come.
  virtual void unwatch(std::string_view group) = 0;
  virtual void sync(const sync_request& asked) = 0;
  /// Stores a message and spreads it. Messages of a group are sent to the engine in the order of the calls.
  virtual void publish(const publish_request& asked) = 0;
  /// Ends everything at once. What was not answered is not answered any more: whoever wants to know waits before.
  virtual void stop() = 0;
};

} // namespace harpia::inline v0::fleet
