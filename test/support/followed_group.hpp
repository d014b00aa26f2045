// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/group_link.hpp"
#include "support/fleet_messages.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace harpia::test {

/// A group link with a manual clock. What it wants is noted as text; what it asks is kept.
struct followed_group {
  explicit followed_group(const fleet::group_link_options& options = {}) : link{"g", options, tickets, budget} {}

  fleet::history_budget budget;
  fleet::ticket_counter tickets;
  fleet::group_link link;
  fleet::time_point now = at(0);
  fleet::sync_request asked;

  /// Notes of what it wants since the last call: `stand E.O`, `deliver E.O`, `reset WHY E.O`, `ask E.O` or `ask -`.
  [[nodiscard]] std::vector<std::string> wants() {
    std::vector<std::string> notes;
    for (const auto& each : link.take_actions())
      std::visit([&](const auto& action) { notes.push_back(note(action)); }, each);
    return notes;
  }

  void push(const fleet::stored_message& message) { link.on_pushed(message, now); }
  void answer(fleet::sync_state state, const fleet::bookmark& top = {}, std::vector<fleet::stored_message> entries = {}) {
    link.on_synced({asked.ticket, "g", state, top, std::move(entries)}, now);
  }
  void wait(std::int64_t milliseconds) {
    now += std::chrono::milliseconds{milliseconds};
    if (now >= link.due())
      link.expire(now);
  }
  /// Lets it stand at offset `offset` of `epoch`.
  void begin(std::uint64_t epoch, std::uint64_t offset) {
    link.on_link(fleet::link_state::connected);
    link.on_watched();
    (void)wants();
    answer(fleet::sync_state::start, mark(epoch, offset));
    (void)wants();
  }

private:
  static std::string note(const fleet::group_link::stand& what) { return "stand " + to_string(what.where.at); }
  static std::string note(const fleet::group_link::deliver& what) { return "deliver " + to_string(what.message.at); }
  static std::string note(const fleet::group_link::reset& what) {
    return std::string{"reset "}.append(to_string(what.reason)).append(" ").append(to_string(what.where.at));
  }
  std::string note(const fleet::group_link::ask& what) {
    asked = what.what;
    return "ask " + (asked.since ? to_string(asked.since->at) : "-");
  }
};

} // namespace harpia::test
