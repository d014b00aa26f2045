// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <variant>

namespace harpia::inline v0::fleet {

/// The two connections of a node with the broker in memory: what is on its way, in order on each, and in no order between them. On the
/// first are commands and their replies, on the second what is watched, and what is heard.
struct memory_connections {
  /// From this many notices on that a node does not take, the broker ends the subscription, as a server does.
  static constexpr std::size_t max_notices = 10'000;

  struct fence_line {
    std::uint64_t number;
  };
  struct request {
    std::variant<publish_request, sync_request, fence_line> what;
    std::string error = {}; ///< what is answered in its place; empty: it is carried out
  };
  using reply = std::variant<publish_answer, sync_answer>;

  struct interest {
    std::string group;
    enum class change : std::uint8_t { begins, ends } what = change::begins;
  };
  struct watched {
    std::string group;
  };
  struct pushed {
    std::string group;
    stored_message message;
  };
  using notice = std::variant<watched, pushed, fence_line>;

  bool commands_up = false;
  std::deque<request> requests; // bounded by those who ask: publish_limits, and one synchronisation for each group
  std::deque<reply> replies;    // bounded as the requests

  bool subscription_up = false;
  std::deque<interest> interests;            // bounded by the calls of `watch` and `unwatch`
  std::set<std::string, std::less<>> groups; // that the broker knows to be watched
  std::deque<notice> notices;                // bounded by max_notices
  bool swallows = false;                     // what the broker writes to the subscription goes nowhere
  std::size_t pushes_to_lose = 0;

  /// The broker writes to the subscription.
  void write(notice what) {
    if (swallows)
      return;
    if (pushes_to_lose > 0 && std::holds_alternative<pushed>(what)) {
      --pushes_to_lose;
      return;
    }
    notices.push_back(std::move(what));
  }
};

} // namespace harpia::inline v0::fleet
