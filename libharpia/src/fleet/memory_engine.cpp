// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/memory_engine.hpp"

#include "fleet/memory_broker.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::fleet {

namespace {

// The answer to a request that was not carried out, as far as this side knows. A line of a fence has none.
std::optional<memory_connections::reply> lost_answer(const memory_connections::request& asked) {
  if (const auto* message = std::get_if<publish_request>(&asked.what))
    return publish_answer{.group = message->group, .id = message->id, .result = publish_result::lost};
  if (const auto* question = std::get_if<sync_request>(&asked.what))
    return sync_answer{.ticket = question->ticket, .group = question->group, .state = sync_state::failed};
  return std::nullopt;
}

memory_connections::reply lost_answer(const memory_connections::reply& unheard) {
  if (const auto* answer = std::get_if<publish_answer>(&unheard))
    return publish_answer{.group = answer->group, .id = answer->id, .result = publish_result::lost};
  const auto& answer = std::get<sync_answer>(unheard);
  return sync_answer{.ticket = answer.ticket, .group = answer.group, .state = sync_state::failed};
}

} // namespace

memory_engine::memory_engine(memory_broker& broker, const fence::options& fences)
    : broker_{&broker}, fences_{fences}, fence_{fences} {}

memory_engine::~memory_engine() {
  if (events_)
    broker_->leave(*this, memory_broker::requests::late);
}

void memory_engine::start(engine_events& events) {
  events_ = &events;
  broker_->join(*this);
}

void memory_engine::stop() {
  events_ = nullptr;
  broker_->leave(*this, memory_broker::requests::lost);
}

void memory_engine::watch(std::string_view group) {
  const auto& name = *watched_.emplace(group).first;
  if (on_.subscription_up)
    ask_to_watch(name);
}

void memory_engine::unwatch(std::string_view group) {
  if (const auto found = watched_.find(group); found != watched_.end())
    watched_.erase(found);
  if (on_.subscription_up)
    on_.interests.push_back({std::string{group}, memory_connections::interest::change::ends});
}

void memory_engine::sync(const sync_request& asked) {
  send({asked});
}

void memory_engine::publish(const publish_request& asked) {
  send({asked});
}

void memory_engine::send(memory_connections::request what) {
  if (on_.commands_up)
    on_.requests.push_back(std::move(what));
  else if (auto answer = lost_answer(what))
    refusals_.push_back(std::move(*answer));
}

void memory_engine::ask_to_watch(const std::string& group) {
  on_.interests.push_back({group});
  unconfirmed_.push_back({group, broker_->now()});
}

// Steps

bool memory_engine::can(memory_step next) const noexcept {
  switch (next) {
    case memory_step::connect_commands: return !on_.commands_up && broker_->is_there();
    case memory_step::connect_subscription: return !on_.subscription_up && broker_->is_there();
    case memory_step::serve_request: return !on_.requests.empty();
    case memory_step::serve_interest: return !on_.interests.empty();
    case memory_step::take_reply: return !on_.replies.empty();
    case memory_step::take_notice: return !on_.notices.empty();
    case memory_step::take_refusal: return !refusals_.empty();
    case memory_step::tick: return broker_->now() >= due();
  }
  return false;
}

void memory_engine::make(memory_step next) {
  const auto take = [this](auto& row) {
    const auto oldest = std::move(row.front());
    row.pop_front();
    hear(oldest);
  };
  switch (next) {
    case memory_step::connect_commands: on_.commands_up = true; return start_fence();
    case memory_step::connect_subscription: return connect_subscription();
    case memory_step::serve_request: return broker_->serve_request(on_);
    case memory_step::serve_interest: return broker_->serve_interest(on_);
    case memory_step::take_reply: return take(on_.replies);
    case memory_step::take_notice: return take(on_.notices);
    case memory_step::take_refusal: return take(refusals_);
    case memory_step::tick: return tick();
  }
}

void memory_engine::connect_subscription() {
  on_.subscription_up = true;
  for (const auto& group : watched_)
    ask_to_watch(group);
  start_fence();
}

void memory_engine::start_fence() {
  if (!on_.commands_up || !on_.subscription_up)
    return;
  fence_.start(broker_->now());
  tell_link();
}

void memory_engine::hear(const memory_connections::reply& what) {
  if (!events_)
    return; // an event has called `stop`
  if (const auto* outcome = std::get_if<publish_answer>(&what))
    events_->on_outcome(*outcome, broker_->now());
  else
    events_->on_synced(std::get<sync_answer>(what), broker_->now());
}

void memory_engine::hear(const memory_connections::notice& what) {
  if (const auto* line = std::get_if<memory_connections::fence_line>(&what)) {
    fence_.hear(line->number);
    tell_link();
  } else if (const auto* confirmed = std::get_if<memory_connections::watched>(&what)) {
    hear_watched(confirmed->group);
  } else {
    const auto& message = std::get<memory_connections::pushed>(what);
    events_->on_pushed(message.group, message.message, broker_->now());
  }
}

void memory_engine::hear_watched(const std::string& group) {
  const auto found = std::ranges::find(unconfirmed_, group, &unconfirmed::group);
  if (found != unconfirmed_.end())
    unconfirmed_.erase(found);
  if (watched_.contains(group))
    events_->on_watched(group, broker_->now());
}

void memory_engine::tick() {
  if (fence_.check(broker_->now()) == fence::state::late || misses_a_confirmation())
    return lose(memory_connection::both);
  if (const auto line = fence_.take_line(broker_->now()))
    send({memory_connections::fence_line{*line}});
}

bool memory_engine::misses_a_confirmation() const noexcept {
  return !unconfirmed_.empty() && broker_->now() - unconfirmed_.front().since >= fences_.within;
}

time_point memory_engine::due() const noexcept {
  const auto confirmation = unconfirmed_.empty() ? time_point::max() : unconfirmed_.front().since + fences_.within;
  return std::min(fence_.due(), confirmation);
}

void memory_engine::lose(memory_connection which) {
  fence_.stop();
  if (which != memory_connection::commands) {
    on_.subscription_up = false;
    on_.interests.clear();
    on_.groups.clear();
    on_.notices.clear();
    unconfirmed_.clear();
  }
  if (which != memory_connection::subscription)
    lose_requests();
  tell_link();
}

void memory_engine::lose_requests() {
  on_.commands_up = false;
  const auto requests = std::exchange(on_.requests, {});
  const auto replies = std::exchange(on_.replies, {});
  for (const auto& each : replies)
    hear(lost_answer(each));
  for (const auto& each : requests)
    if (const auto answer = lost_answer(each))
      hear(*answer);
}

void memory_engine::tell_link() {
  auto state = link_state::down;
  if (on_.commands_up && on_.subscription_up)
    state = fence_.is() == fence::state::green ? link_state::green : link_state::connected;
  if (std::exchange(told_, state) != state && events_)
    events_->on_link(state, broker_->now());
}

} // namespace harpia::inline v0::fleet
