// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "facade/close_order.hpp"

#include "websocket/delivery_state.hpp"
#include "websocket/frame.hpp"

#include <harpia/handle.hpp>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>

#include <string>

namespace harpia::inline v0::detail {

// Messages to a connection from other actors and threads.

/// A message that the send quota has admitted.
struct remote_send {
  websocket::shared_frame frame;
  std::string key;
  websocket::delivery_ptr notify; // null: no notification
};

/// The send quota refused a remote sender.
using remote_send_refused_atom = caf::atom_constant<caf::atom("refused")>;

/// Runs a function of the program with the connection's socket.
struct remote_work {
  posted_function work;
};

} // namespace harpia::inline v0::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::remote_send)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::remote_work)
