// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/frame.hpp"

#include <harpia/close_code.hpp>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>

#include <string>

namespace harpia::detail {

// What a connection is told by others.

/// A message that its send quota has said yes to.
struct remote_send {
  websocket::shared_frame frame;
  std::string key;
};

/// Another thread was refused.
using remote_send_refused_atom = caf::atom_constant<caf::atom("refused")>;

/// Close. Clients understand this as well.
struct close_order {
  close_code code;
  std::string reason;
};

} // namespace harpia::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::remote_send)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::detail::close_order)
