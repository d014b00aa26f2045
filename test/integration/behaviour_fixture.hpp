// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/sharing_config.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What the tests of behaviours share.

namespace harpia::test::behaviours {

using go_atom = caf::atom_constant<caf::atom("go")>;
using ask_atom = caf::atom_constant<caf::atom("ask")>;
using kick_atom = caf::atom_constant<caf::atom("kick")>;
using who_atom = caf::atom_constant<caf::atom("who")>;

struct visitor {
  std::string name;
};

struct fixture {
  void start(unsigned threads = 1) { app.start({.port = 0, .hostname = "127.0.0.1", .threads = threads}); }

  [[nodiscard]] raw_client connect(std::string_view path) const {
    auto client = raw_client::tcp(app.port());
    BOOST_REQUIRE(client.upgrade(path).status == 101);
    return client;
  }

  /// The log once it has so many lines.
  [[nodiscard]] std::vector<std::string> lines(std::size_t count) {
    log.wait_for("", count);
    return log.lines();
  }

  sharing_config config;
  caf::actor_system system{config};
  event_log log; // outlives the app, whose behaviours write to it
  harpia::app app{system, {.stop_timeout = std::chrono::milliseconds{300}}};
};

/// Asks an actor from this thread.
template <class Result, class... Args>
Result ask(caf::actor_system& system, const caf::actor& who, Args... args) {
  caf::scoped_actor self{system};
  Result result{};
  self->request(who, std::chrono::seconds{10}, args...)
      .receive([&](const Result& got) { result = got; }, [](const caf::error&) {});
  return result;
}

/// How an actor ended, once it has.
inline caf::error end_of(caf::actor_system& system, const caf::actor& who) {
  caf::scoped_actor self{system};
  self->monitor(who);
  caf::error reason;
  self->receive([&](const caf::down_msg& ended) { reason = ended.reason; }, caf::after(std::chrono::seconds{10}) >> [] {});
  return reason;
}

} // namespace harpia::test::behaviours
