// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "rules.hpp"

#include <harpia/group.hpp>
#include <harpia/handle.hpp>

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace game {

/// How long a seat is kept for a player who has lost the connection, and a match that is over for those who come back to look.
inline constexpr std::chrono::seconds patience{30};

/// Asks a match for a seat, in the name of a connection. Answered with a `place`.
struct claim {
  mark who = mark::none;
  std::string seat;
  harpia::handle player;
};

/// A player's place in a match.
struct place {
  caf::actor match;
  std::string id;
  mark who = mark::none;
  std::string seat;
};

/// Asks a match to make a move. Answered with a text, which is empty or tells why the move was not made.
struct attempt {
  mark who = mark::none;
  int cell = 0;
};

/// The group that hears of a match: players and spectators.
[[nodiscard]] std::string audience_of(const std::string& id);

/// One match. It supervises the connections of its players: who loses it has `patience` to come back to the same seat, or the other
/// wins. Whatever changes is published to the match's group.
class match final : public caf::event_based_actor {
public:
  match(caf::actor_config& config, std::string id, harpia::group audience);

private:
  struct chair {
    caf::actor_addr player; // whose connection it is at present, or was
    harpia::handle connection;
    bool is_away = false;
    std::uint64_t absences = 0;
  };

  caf::behavior make_behavior() override;
  void on_exit() override;
  place seat(const claim& wanted);
  std::string play(const attempt& tried);
  void lose(mark who);
  void give_up_on(mark who, std::uint64_t absence);
  void end();
  void publish() const;
  [[nodiscard]] bool is_over() const noexcept;
  [[nodiscard]] chair& chair_of(mark who) noexcept;

  std::string id_;
  std::optional<harpia::group> audience_; // until the actor ends
  board board_;
  std::array<chair, 2> chairs_; // of X and O
  mark forfeited_by_ = mark::none;
};

} // namespace game

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(game::claim)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(game::place)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(game::attempt)
