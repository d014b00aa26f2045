// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "conversations.hpp"

#include "support/socket_peer.hpp"

BOOST_AUTO_TEST_SUITE(conversation_over_unix)

namespace {

const int added =
    harpia::test::add_conversations([] { return harpia::test::make_socket_peer(harpia::test::socket_kind::unix_socket); });

} // namespace

BOOST_AUTO_TEST_SUITE_END()
