// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "lobby.hpp"

#include <harpia/actors.hpp>

#include <caf/all.hpp>

#include <algorithm>
#include <random>
#include <string_view>
#include <utility>

namespace game {

namespace {

/// 128 bits that nobody guesses.
std::string make_secret() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device random;
  std::string secret;
  for (int i = 0; i < 32; ++i)
    secret += digits[random() % digits.size()];
  return secret;
}

caf::error not_found() {
  return caf::sec::invalid_argument;
}

} // namespace

lobby::lobby(caf::actor_config& config, harpia::app* app) : caf::event_based_actor{config}, app_{app} {}

caf::behavior lobby::make_behavior() {
  set_down_handler([this](const caf::down_msg& ended) {
    if (waiting_ && waiting_->address == ended.source)
      waiting_.reset();
    else
      forget(ended.source);
  });
  return {
      [this](const arrival& who) { return admit(who); },
      [this](find_atom, const std::string& id) -> caf::result<std::string> {
        if (std::ranges::none_of(tables_, [&](const auto& each) { return each.second.id == id; }))
          return not_found();
        return audience_of(id);
      },
  };
}

// A promise refers to its actor, which would never go.
void lobby::on_exit() {
  waiting_.reset();
  tables_.clear();
  seats_.clear();
}

caf::response_promise lobby::admit(const arrival& who) {
  auto answer = make_response_promise();
  if (!who.seat.empty()) {
    if (const auto known = seats_.find(who.seat); known != seats_.end())
      answer.delegate(known->second.match, claim{known->second.who, who.seat, who.player});
    else
      answer.deliver(not_found());
    return answer;
  }
  const auto player = harpia::as_actor(who.player);
  if (!player)
    return answer; // gone already
  guest fresh{who.player, player.address(), answer};
  if (waiting_ && waiting_->player.is_open()) {
    demonitor(waiting_->address);
    bring_together(*std::exchange(waiting_, {}), std::move(fresh));
  } else {
    monitor(player);
    waiting_ = std::move(fresh);
  }
  return answer;
}

void lobby::bring_together(guest first, guest second) {
  const auto id = std::to_string(++matches_);
  const auto made = spawn<match, caf::monitored>(id, app_->group(audience_of(id)));
  auto& secrets = tables_.emplace(made.address(), table{id, {}}).first->second.seats;
  const auto assign = [&](guest& whom, mark who) {
    const auto& secret = secrets.emplace_back(make_secret());
    seats_.emplace(secret, seat{made, who});
    whom.answer.delegate(made, claim{who, secret, whom.player});
  };
  assign(first, mark::x);
  assign(second, mark::o);
}

void lobby::forget(const caf::actor_addr& match) {
  const auto ended = tables_.extract(match);
  if (ended.empty())
    return;
  for (const auto& secret : ended.mapped().seats)
    seats_.erase(secret);
}

} // namespace game
