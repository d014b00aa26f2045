// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/close_code.hpp>
#include <harpia/protocol/frame.hpp>

#include <caf/actor_control_block.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace harpia::detail {

// What the actors of a server say to one another.

/// To the listener: stop the server.
using stop_atom = caf::atom_constant<caf::atom("stop")>;
/// To a router: accept no more, and close your connections, spread evenly over a time; answered when that is under way.
struct stop_order {
  close_code code;
  std::chrono::milliseconds spread;
};
/// To a router: cut the connections that are still there.
using cut_atom = caf::atom_constant<caf::atom("cut")>;
/// To a router: tell how many handlers were entered and how many of them threw.
using counts_atom = caf::atom_constant<caf::atom("counts")>;
/// To a connection: another thread was refused.
using refused_atom = caf::atom_constant<caf::atom("refused")>;

/// To a connection: what it skipped is to be looked at again.
using offer_atom = caf::atom_constant<caf::atom("offer")>;

/// To the listener: for a moment at least there was no connection.
using connections_gone_atom = caf::atom_constant<caf::atom("connsGone")>;
/// To the listener: a client on one of the loops has ended.
using client_gone_atom = caf::atom_constant<caf::atom("clientGone")>;

/// To a connection: a message that its admission has said yes to.
struct mail {
  protocol::shared_frame frame;
  std::string key;
};

/// To a group's actor: a member has come or gone.
struct member_change {
  enum class kind : std::uint8_t { joined, left };
  kind what;
  std::uint64_t number; // of the group's changes
  caf::strong_actor_ptr who;
};

/// To a connection or a client: close.
struct close_order {
  close_code code;
  std::string reason;
};

} // namespace harpia::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::stop_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::mail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::member_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::close_order)
