// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/group.hpp>
#include <harpia/handle.hpp>
#include <harpia/message_view.hpp>
#include <harpia/protocol/frame.hpp>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// Connections and groups as CAF actors. The one public header that brings CAF's.
namespace harpia {

// What the actor of a group understands.

/// `(join_atom)`: the sender becomes a member and gets a `group_message` for each message, until it leaves or ends. Answered once it
/// is one.
using join_atom = caf::atom_constant<caf::atom("join")>;
/// `(leave_atom)`: the sender is no member any more. Answered.
using leave_atom = caf::atom_constant<caf::atom("leave")>;
/// `(publish_atom, std::string text)`: publishes a text message. Answered with three `std::uint64_t`, the numbers of a `receipt`.
using publish_atom = caf::atom_constant<caf::atom("publish")>;
/// `(watch_atom)`: the sender gets `joined` and `left` for each member that comes or goes from now on. Answered with the number of
/// members, an `std::uint64_t`.
using watch_atom = caf::atom_constant<caf::atom("watch")>;
/// `(unwatch_atom)`: takes that back. Answered.
using unwatch_atom = caf::atom_constant<caf::atom("unwatch")>;
/// `(members_atom)`: answered with `group_members`.
using members_atom = caf::atom_constant<caf::atom("members")>;

/// A message of a group that an actor is a member of.
struct group_message {
  std::string group;
  protocol::shared_frame frame;

  /// Valid as long as the group_message.
  [[nodiscard]] message_view view() const noexcept { return frame->message(); }
};

/// A member has come, or gone.
struct joined {
  std::string group;
  caf::actor who;
};
struct left {
  std::string group;
  caf::actor who;
};

struct group_members {
  std::vector<caf::actor> actors;
};

/// The actor of a connection; invalid if the handle refers to none, or to one that is gone. Exits close the connection with 1001,
/// `caf::exit_reason::kill` with 1011.
[[nodiscard]] caf::actor as_actor(const handle& connection);

/// The actor of a group; invalid unless the app is running. One that is referred to or has members among actors keeps the group in
/// being.
[[nodiscard]] caf::actor as_actor(const group& whole);

} // namespace harpia

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::group_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::joined)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::group_members)
