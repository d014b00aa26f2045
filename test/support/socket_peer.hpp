// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/conversation.hpp"

#include <memory>

namespace harpia::test {

enum class socket_kind { tcp, unix_socket, tls };

/// A conversation over a real socket with an app of its own.
[[nodiscard]] std::unique_ptr<conversation> make_socket_peer(socket_kind over);

} // namespace harpia::test
