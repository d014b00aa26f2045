// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/send_quota.hpp"

#include <caf/actor_control_block.hpp>

#include <memory>
#include <typeinfo>

namespace harpia::inline v0::detail {

/// State shared by the handles of a connection.
struct remote_connection {
  std::shared_ptr<websocket::send_quota> quota;
  caf::weak_actor_ptr actor;
  const std::type_info* data; // of the connection
};

} // namespace harpia::inline v0::detail
