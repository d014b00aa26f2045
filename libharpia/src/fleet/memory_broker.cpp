// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/memory_broker.hpp"

#include "fleet/engine_error.hpp"
#include <harpia/position.hpp>

#include <algorithm>
#include <utility>

namespace harpia::inline v0::fleet {

memory_broker::memory_broker(const options& how)
    : options_{how}, epochs_{how.seed}, store_{options_.history}, replica_{options_.history} {}

// What happens

bool memory_broker::step(std::mt19937_64& random) {
  struct choice {
    memory_engine* who;
    memory_step what;
  };
  std::vector<choice> choices;
  for (auto* each : engines_)
    for (std::size_t i = 0; i < memory_steps; ++i)
      if (each->can(static_cast<memory_step>(i)))
        choices.push_back({each, static_cast<memory_step>(i)});
  const auto count = choices.size() + late_.size();
  if (count == 0)
    return false;
  const auto chosen = random() % count;
  if (chosen >= choices.size())
    serve_late(chosen - choices.size());
  else
    choices[chosen].who->make(choices[chosen].what);
  return true;
}

void memory_broker::run() {
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    for (std::size_t i = 0; i < engines_.size(); ++i)
      for (std::size_t k = 0; k < memory_steps; ++k)
        while (i < engines_.size() && engines_[i]->can(static_cast<memory_step>(k))) {
          engines_[i]->make(static_cast<memory_step>(k));
          goes_on = true;
        }
    for (; !late_.empty(); goes_on = true)
      serve_late(0);
  }
}

void memory_broker::serve_request(memory_connections& of) {
  const auto asked = std::move(of.requests.front());
  of.requests.pop_front();
  if (const auto* line = std::get_if<memory_connections::fence_line>(&asked.what)) {
    if (of.subscription_up)
      of.write(*line);
  } else if (auto reply = carry_out(asked)) {
    of.replies.push_back(std::move(*reply));
  }
}

void memory_broker::serve_late(std::size_t which) {
  auto& sent = late_[which];
  const auto asked = std::move(sent.front());
  sent.pop_front();
  if (sent.empty())
    late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(which));
  (void)carry_out(asked);
}

void memory_broker::serve_interest(memory_connections& of) {
  const auto asked = std::move(of.interests.front());
  of.interests.pop_front();
  if (asked.what == memory_connections::interest::change::ends) {
    of.groups.erase(asked.group);
    return;
  }
  of.groups.insert(asked.group);
  of.write(memory_connections::watched{asked.group});
}

std::optional<memory_connections::reply> memory_broker::carry_out(const memory_connections::request& asked) {
  if (const auto* question = std::get_if<sync_request>(&asked.what)) {
    if (!asked.error.empty())
      return sync_answer{.ticket = question->ticket, .group = question->group};
    const auto fresh = fresh_epoch();
    follow({*question, fresh, now_});
    return store_.sync(*question, fresh, now_);
  }
  const auto* message = std::get_if<publish_request>(&asked.what);
  if (!message)
    return std::nullopt;
  if (!asked.error.empty())
    return publish_answer{.group = message->group, .id = message->id, .result = result_of_error(asked.error), .why = asked.error};
  const auto fresh = fresh_epoch();
  follow({*message, fresh, now_});
  auto [answer, pushed] = store_.publish(*message, fresh, now_);
  if (pushed)
    spread(message->group, *pushed, answer);
  return std::move(answer);
}

void memory_broker::spread(const std::string& group, const stored_message& message, publish_answer& told) {
  std::vector<memory_engine*> slow;
  for (auto* each : engines_) {
    auto& on = each->connections();
    if (!on.subscription_up || !on.groups.contains(group))
      continue;
    ++told.nodes;
    if (on.notices.size() >= memory_connections::max_notices)
      slow.push_back(each);
    else
      on.write(memory_connections::pushed{group, message});
  }
  for (auto* each : slow)
    each->lose(memory_connection::subscription);
}

// A replica carries out what the server has carried out, some commands later.
void memory_broker::follow(command what) {
  lag_.push_back(std::move(what));
  if (lag_.size() > max_lag)
    replicate_oldest();
}

void memory_broker::replicate_oldest() {
  const auto oldest = std::move(lag_.front());
  lag_.pop_front();
  if (const auto* message = std::get_if<publish_request>(&oldest.what))
    (void)replica_.publish(*message, oldest.fresh, oldest.when);
  else
    (void)replica_.sync(std::get<sync_request>(oldest.what), oldest.fresh, oldest.when);
}

std::uint64_t memory_broker::fresh_epoch() {
  return epochs_() % position::max_epoch + 1;
}

// Faults

void memory_broker::cut(memory_engine& who, memory_connection which, requests what) {
  auto& sent = who.connections().requests;
  if (what == requests::late && which != memory_connection::subscription && !sent.empty())
    late_.push_back(sent); // a copy: the node itself learns that they are lost
  who.lose(which);
}

void memory_broker::leave(memory_engine& who, requests what) {
  std::erase(engines_, &who);
  if (auto& sent = who.connections().requests; what == requests::late && !sent.empty())
    late_.push_back(std::move(sent));
  who.connections() = {};
}

bool memory_broker::fail_request(memory_engine& who, std::size_t place, std::string error) {
  auto& sent = who.connections().requests;
  if (place >= sent.size())
    return false;
  sent[place].error = std::move(error);
  return true;
}

void memory_broker::fail_over(std::size_t commands) {
  while (lag_.size() > commands)
    replicate_oldest();
  lag_.clear();
  store_ = replica_;
  cut_all();
}

void memory_broker::restart_empty() {
  lag_.clear();
  store_ = memory_store{options_.history};
  replica_ = store_;
  cut_all();
}

void memory_broker::go_away() {
  there_ = false;
  cut_all();
}

// What was sent to a server that has gone is not carried out by the next one.
void memory_broker::cut_all() {
  late_.clear();
  for (std::size_t i = 0; i < engines_.size(); ++i)
    engines_[i]->lose(memory_connection::both);
}

} // namespace harpia::inline v0::fleet
