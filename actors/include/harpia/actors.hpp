// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/ask.hpp>
#include <harpia/client.hpp>
#include <harpia/connection.hpp>
#include <harpia/events.hpp>
#include <harpia/export.hpp>
#include <harpia/group.hpp>
#include <harpia/handle.hpp>
#include <harpia/message_view.hpp>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Connections, clients and groups as CAF actors. This header includes CAF headers; <harpia/harpia.hpp> does not.
namespace harpia::inline v0 {

// Messages that the actor of a group handles.

/// `(join_atom)`: adds the sender to the group. The sender then receives a `group_message` for each message, until it leaves or
/// ends. The response comes once the sender is a member.
using join_atom = caf::atom_constant<caf::atom("join")>;
/// `(leave_atom)`: removes the sender from the group. Has a response.
using leave_atom = caf::atom_constant<caf::atom("leave")>;
/// `(publish_atom, std::string text)`: publishes a text message. The response is three `std::uint64_t`, the fields of a
/// `receipt`.
using publish_atom = caf::atom_constant<caf::atom("publish")>;
/// `(watch_atom)`: from now on the sender receives `event::joined` and `event::left` for each member that joins or leaves. The response is the
/// number of members, a `std::uint64_t`.
using watch_atom = caf::atom_constant<caf::atom("watch")>;
/// `(unwatch_atom)`: ends what `watch_atom` began. Has a response.
using unwatch_atom = caf::atom_constant<caf::atom("unwatch")>;
/// `(members_atom)`: the response is a `group_members`.
using members_atom = caf::atom_constant<caf::atom("members")>;

/// A message of a group, as members that are actors receive it.
class group_message {
public:
  /// @param owner keeps the message's bytes alive; all copies share it
  group_message(std::string group, message_view message, std::shared_ptr<const void> owner)
      : group_{std::move(group)}, message_{message}, owner_{std::move(owner)} {}

  /// The group's name.
  [[nodiscard]] const std::string& group() const noexcept { return group_; }
  /// The message. Valid as long as this object or a copy of it.
  [[nodiscard]] message_view view() const noexcept { return message_; }

private:
  std::string group_;
  message_view message_;
  std::shared_ptr<const void> owner_;
};

namespace event {

/// A member has joined the group. Sent to actors that watch it.
struct joined {
  std::string group;
  caf::actor who;
};
/// A member has left the group, or has ended. Sent to actors that watch it.
struct left {
  std::string group;
  caf::actor who;
};

} // namespace event

/// The members of a group, in no particular order.
struct group_members {
  std::vector<caf::actor> actors;
};

/// Returns the actor of a connection; an invalid handle if `connection` refers to none, or to one that no longer exists.
///
/// An exit message closes the connection: with 1001 if the reason is `user_shutdown` or none, with 1011 otherwise.
[[nodiscard]] HARPIA_API caf::actor as_actor(const handle& connection);

/// Returns the exit reason of a connection's actor that closed with `code`: an error of category "close", for every code, 1000
/// included.
///
/// Monitors learn the code and reason from it. Linked actors end as well, because it is an error. A connection that received an
/// exit message ends with the reason of that message instead.
[[nodiscard]] HARPIA_API caf::error close_error(close_code code, std::string_view reason = {});
/// Returns the close code in an exit reason that `close_error` made; nothing for any other error.
[[nodiscard]] HARPIA_API std::optional<close_code> close_code_of(const caf::error& reason);

/// Returns the actor of a group; an invalid handle unless the app is running.
///
/// *Lifetimes* The group exists as long as its actor is referred to or has members that are actors.
[[nodiscard]] HARPIA_API caf::actor as_actor(const group& whole);

/// Returns the actor of a client; an invalid handle once the client has ended.
///
/// The actor delegates messages to the actor of the current connection. An exit message ends the client with 1001.
///
/// *Errors* While there is no connection, requests fail with `caf::sec::request_receiver_down`.
[[nodiscard]] HARPIA_API caf::actor as_actor(const client& whole);

} // namespace harpia::inline v0

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::group_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::joined)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::group_members)
