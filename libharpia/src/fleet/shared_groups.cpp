// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/shared_groups.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace harpia::inline v0::fleet {

shared_groups::shared_groups(engine& hub, shared_groups_events& events, const options& how)
    : engine_{&hub}, events_{&events}, options_{how}, budget_{how.history_bytes}, queue_{how.incarnation, how.publishing} {}

void shared_groups::follow(std::string_view group) {
  if (groups_.find(group) != groups_.end())
    return;
  auto links = options_.links;
  links.history = options_.history(group);
  auto made = std::make_shared<followed>(group, links, tickets_, budget_);
  made->link.on_link(state_);
  groups_.emplace(group, std::move(made));
  engine_->watch(group);
}

void shared_groups::leave(std::string_view group) {
  const auto found = groups_.find(group);
  if (found == groups_.end())
    return;
  const auto held = std::move(found->second->held);
  timers_.erase({found->second->due, &found->first});
  groups_.erase(found);
  for (const auto& each : held)
    engine_->publish(each);
  engine_->unwatch(group);
}

publish_status shared_groups::publish(std::string_view group, shared_content what, std::uint64_t ticket, time_point now) {
  const auto status = queue_.publish(group, std::move(what), ticket, now);
  send();
  return status;
}

void shared_groups::expire(time_point now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const auto of = groups_.find(*timers_.begin()->second);
    of->second->link.expire(now);
    carry_out(of);
  }
  queue_.expire(now);
  send();
}

time_point shared_groups::due() const noexcept {
  return std::min(queue_.due(), timers_.empty() ? time_point::max() : timers_.begin()->first);
}

void shared_groups::stop() {
  engine_->stop();
  queue_.stop();
  send();
}

group_link* shared_groups::find(std::string_view group) noexcept {
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second->link;
}

bool shared_groups::awaits(std::string_view group, const position& where) noexcept {
  const auto* link = find(group);
  if (!link || !link->last())
    return false;
  const auto& last = link->last()->at;
  return last.epoch == where.epoch && last.offset < where.offset;
}

// What the engine tells

void shared_groups::on_link(link_state state, time_point now) {
  state_ = state;
  std::vector<std::string> names;
  for (const auto& [name, each] : groups_)
    names.push_back(name);
  for (const auto& name : names)
    if (const auto of = groups_.find(name); of != groups_.end()) {
      if (state == link_state::down) // they were never sent
        for (const auto& held : std::exchange(of->second->held, {}))
          queue_.on_answer({.group = name, .id = held.id, .result = publish_result::not_now}, now);
      of->second->link.on_link(state);
      carry_out(of);
    }
  queue_.on_link(state, now);
  send();
  events_->on_engine(state);
}

void shared_groups::on_watched(std::string_view group, time_point) {
  if (const auto of = groups_.find(group); of != groups_.end()) {
    of->second->link.on_watched();
    carry_out(of);
  }
}

void shared_groups::on_pushed(std::string_view group, const stored_message& message, time_point now) {
  if (const auto of = groups_.find(group); of != groups_.end()) {
    of->second->link.on_pushed(message, now);
    carry_out(of);
    send(); // it may be a message of this node whose answer was lost
  }
}

void shared_groups::on_synced(const sync_answer& answer, time_point now) {
  if (const auto of = groups_.find(answer.group); of != groups_.end()) {
    of->second->link.on_synced(answer, now);
    carry_out(of);
    send();
  }
}

void shared_groups::on_outcome(const publish_answer& answer, time_point now) {
  queue_.on_answer(answer, now);
  send();
  const auto of = groups_.find(answer.group);
  if (of == groups_.end() || answer.result != publish_result::stored || !answer.at)
    return;
  of->second->link.on_stored({*answer.at, answer.id}, now);
  carry_out(of);
}

// What is wanted

// Whoever is told may leave the group, and may join it again: then the rest is for nobody.
void shared_groups::carry_out(groups::iterator of) {
  const auto keeps = of->second;
  const auto name = of->first;
  const auto actions = keeps->link.take_actions();
  count(*keeps);
  set_timer(of);
  for (const auto& each : actions) {
    if (const auto now = groups_.find(name); now == groups_.end() || now->second != keeps)
      return;
    carry_out(name, each);
  }
}

void shared_groups::carry_out(std::string_view group, const group_link::action& what) {
  if (const auto* delivered = std::get_if<group_link::deliver>(&what)) {
    const auto& message = delivered->message;
    const auto ticket = message.id.incarnation == options_.incarnation ? queue_.ticket_of(group, message.id) : 0;
    if (ticket != 0)
      queue_.on_heard(group, message.id, message.at);
    events_->on_message(group, message, ticket);
  } else if (const auto* question = std::get_if<group_link::ask>(&what))
    engine_->sync(question->what);
  else if (const auto* reset = std::get_if<group_link::reset>(&what))
    events_->on_reset(group, reset->reason, reset->where);
  else {
    if (const auto of = groups_.find(group); of != groups_.end())
      for (auto& held : std::exchange(of->second->held, {}))
        send(std::move(held));
    events_->on_stand(group, std::get<group_link::stand>(what).where);
  }
}

void shared_groups::count(followed& of) noexcept {
  const auto& now = of.link.counts();
  counts_.synchronisations += now.synchronisations - of.counted.synchronisations;
  counts_.filled += now.filled - of.counted.filled;
  counts_.resets += now.resets - of.counted.resets;
  of.counted = now;
}

void shared_groups::set_timer(groups::iterator of) {
  auto& [name, each] = *of;
  const auto due = each->link.due();
  if (due == each->due)
    return;
  timers_.erase({each->due, &name});
  each->due = due;
  if (due != time_point::max())
    timers_.emplace(due, &name);
}

void shared_groups::send() {
  for (auto& each : queue_.take_requests())
    send(std::move(each));
  for (const auto& each : queue_.take_outcomes())
    events_->on_published(each);
}

void shared_groups::send(publish_request what) {
  const auto of = groups_.find(what.group);
  if (of != groups_.end() && !of->second->link.last())
    return of->second->held.push_back(std::move(what));
  if (of != groups_.end())
    what.seen = of->second->link.seen();
  engine_->publish(what);
}

} // namespace harpia::inline v0::fleet
