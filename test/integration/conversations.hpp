// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/conversation.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <span>

namespace harpia::test {

/// What any conversation with an echo server keeps to, whatever is in between.
struct conversation_case {
  const char* name;
  void (*body)(conversation& peer);
};

[[nodiscard]] std::span<const conversation_case> conversation_cases();

/// Adds a test for each case to the suite that is being declared; each has a conversation of its own, made by `connect`.
inline int add_conversations(const std::function<std::unique_ptr<conversation>()>& connect) {
  for (const auto& each : conversation_cases()) {
    const auto run = [connect, body = each.body] { body(*connect()); };
    boost::unit_test::framework::current_auto_test_suite().add(
        boost::unit_test::make_test_case(run, each.name, __FILE__, __LINE__));
  }
  return 0;
}

} // namespace harpia::test
