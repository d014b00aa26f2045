// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "match.hpp"

#include "messages.hpp"

#include <harpia/actors.hpp>
#include <harpia/json.hpp>

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

namespace game {

namespace {

using absent_atom = caf::atom_constant<caf::atom("absent")>;
using over_atom = caf::atom_constant<caf::atom("over")>;

std::string name_of(mark who) {
  return who == mark::none ? std::string{} : std::string(1, static_cast<char>(who));
}

} // namespace

std::string audience_of(const std::string& id) {
  return "match/" + id;
}

match::match(caf::actor_config& config, std::string id, harpia::group audience)
    : caf::event_based_actor{config}, id_{std::move(id)}, audience_{std::move(audience)} {}

caf::behavior match::make_behavior() {
  const auto watched = harpia::as_actor(*audience_);
  if (!watched)
    return {}; // the app is stopping
  monitor(watched);
  set_down_handler([this, group = watched.address()](const caf::down_msg& ended) {
    if (ended.source == group)
      return quit(); // with the app
    for (const auto who : {mark::x, mark::o})
      if (chair_of(who).player == ended.source)
        lose(who);
  });
  // A player may have come before the watch began, of whom nothing is told.
  request(watched, caf::infinite, harpia::watch_atom::value).then([this](std::uint64_t members) {
    if (members > 0)
      publish();
  });
  return {
      [this](const claim& wanted) { return seat(wanted); },
      [this](const attempt& tried) { return play(tried); },
      // Whoever comes hears how things stand, in the one order of the group.
      [this](const harpia::event::joined&) { publish(); },
      [this](const harpia::event::left&) { publish(); },
      [this](absent_atom, char who, std::uint64_t absence) { give_up_on(mark{who}, absence); },
      [this](over_atom) { quit(); },
  };
}

// A group must not outlive its app, but a delayed message keeps the ended actor in being.
void match::on_exit() {
  audience_.reset();
}

// A connection that claims a seat with its secret takes the place of one that is still there: of a page, say, that was loaded anew
// before the end of the old one was noticed.
place match::seat(const claim& wanted) {
  auto& mine = chair_of(wanted.who);
  if (mine.player) {
    demonitor(mine.player);
    mine.connection.close(harpia::close_code::policy_violation, "the seat was taken over");
  }
  mine.connection = wanted.player;
  mine.is_away = false;
  const auto player = harpia::as_actor(wanted.player);
  mine.player = player.address();
  if (player)
    monitor(player);
  else
    lose(wanted.who); // it has gone before it could sit down
  return {this, id_, wanted.who, wanted.seat};
}

std::string match::play(const attempt& tried) {
  if (is_over())
    return "the match is over";
  if (const auto why = board_.play(tried.who, tried.cell))
    return std::string{*why};
  if (is_over())
    end();
  publish();
  return {};
}

void match::lose(mark who) {
  if (is_over())
    return;
  auto& left = chair_of(who);
  left.is_away = true;
  delayed_send(this, patience, absent_atom::value, static_cast<char>(who), ++left.absences);
  publish();
}

void match::give_up_on(mark who, std::uint64_t absence) {
  const auto& left = chair_of(who);
  if (is_over() || !left.is_away || left.absences != absence)
    return;
  forfeited_by_ = who;
  end();
  publish();
}

void match::end() {
  delayed_send(this, patience, over_atom::value);
}

void match::publish() const {
  state now{.match = id_,
            .board = board_.text(),
            .turn = name_of(board_.turn()),
            .winner = name_of(board_.winner()),
            .row = board_.row()};
  if (forfeited_by_ != mark::none) {
    now.turn.clear();
    now.outcome = "forfeited";
    now.winner = name_of(opponent_of(forfeited_by_));
  } else if (board_.is_over()) {
    now.outcome = board_.winner() == mark::none ? "drawn" : "won";
  }
  std::size_t playing = 0;
  for (const auto who : {mark::x, mark::o}) {
    if (!chairs_[who == mark::o].is_away)
      ++playing;
    else if (!is_over())
      now.away.push_back(name_of(who));
  }
  now.watching = std::max(audience_->size(), playing) - playing;
  harpia::group_of{*audience_, harpia::json<state>}.publish(now);
}

bool match::is_over() const noexcept {
  return board_.is_over() || forfeited_by_ != mark::none;
}

match::chair& match::chair_of(mark who) noexcept {
  return chairs_[who == mark::o];
}

} // namespace game
