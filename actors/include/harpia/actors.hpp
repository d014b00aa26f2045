// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

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

/// Connections and groups as CAF actors. This header brings CAF's; <harpia/harpia.hpp> does not.
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
class group_message {
public:
  /// @param owner of the message's bytes, which all copies share
  group_message(std::string group, message_view message, std::shared_ptr<const void> owner)
      : group_{std::move(group)}, message_{message}, owner_{std::move(owner)} {}

  /// The group's name.
  [[nodiscard]] const std::string& group() const noexcept { return group_; }
  /// The message. Valid as long as this or a copy.
  [[nodiscard]] message_view view() const noexcept { return message_; }

private:
  std::string group_;
  message_view message_;
  std::shared_ptr<const void> owner_;
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

/// The actor of a connection; invalid if the handle refers to none, or to one that is gone. Told to exit, it closes with 1001 if the
/// reason is `user_shutdown` or none, with 1011 otherwise.
[[nodiscard]] HARPIA_API caf::actor as_actor(const handle& connection);

/// What a connection's actor ends with, so that its monitors learn how it went and actors that are linked to it end as well: an error
/// of category "close" for every close code, 1000 included. One that was told to exit ends with the reason that it was given.
[[nodiscard]] HARPIA_API caf::error close_error(close_code code, std::string_view reason = {});
/// The close code in such an error; nothing if it is another.
[[nodiscard]] HARPIA_API std::optional<close_code> close_code_of(const caf::error& reason);

/// The actor of a group; invalid unless the app is running. One that is referred to or has members among actors keeps the group in
/// being.
[[nodiscard]] HARPIA_API caf::actor as_actor(const group& whole);

/// The actor of a client, as long as that has not ended; invalid afterwards. It passes messages on to the actor of the present
/// connection; while there is none, requests are answered with `caf::sec::request_receiver_down`. Exits end the client with 1001.
[[nodiscard]] HARPIA_API caf::actor as_actor(const client& whole);

} // namespace harpia

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::group_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::joined)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::group_members)
