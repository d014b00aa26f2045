// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "conversations.hpp"

#include "support/memory_peer.hpp"

BOOST_AUTO_TEST_SUITE(conversation_in_memory)

namespace {

const int added = harpia::test::add_conversations(harpia::test::make_memory_peer);

} // namespace

BOOST_AUTO_TEST_SUITE_END()
