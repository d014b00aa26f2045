// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/publish_queue.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::fleet {

publish_status publish_queue::publish(std::string_view group, shared_content what, std::uint64_t ticket, time_point now) {
  const auto size = what->size();
  if (waiting_.size() >= limits_.max_messages || size > limits_.max_bytes || bytes_ > limits_.max_bytes - size)
    return publish_status::refused;
  const auto [at, is_new] = lanes_.try_emplace(std::string{group});
  if (is_new)
    at->second.last = floor_;
  bytes_ += size;
  waiting_.push_back({&*at, std::move(what), ticket, 0, now, false, false, {}, 0});
  at->second.entries.push_back(std::prev(waiting_.end()));
  pump(*at, now);
  return link_ == link_state::green ? publish_status::sent : publish_status::pending;
}

// What happened

void publish_queue::on_link(link_state state, time_point now) {
  const bool was_down = link_ == link_state::down;
  link_ = state;
  if (!was_down || state == link_state::down)
    return;
  for (auto& [group, each] : lanes_)
    each.retry = now;
  pump_all(now);
}

void publish_queue::on_answer(const publish_answer& answer, time_point now) {
  const auto asked = find(answer.group, answer.id);
  if (!asked || !(*asked)->in_flight)
    return; // it was given up
  const auto where = *asked;
  auto& of = where->of->second;
  using enum publish_result;
  switch (answer.result) {
    case stored: settle(where, {.what = outcome::stored, .id = answer.id, .at = answer.at, .nodes = answer.nodes}); break;
    case duplicate: settle(where, {.what = outcome::duplicate, .at = answer.at}); break;
    case refused: settle(where, {.what = where->uncertain ? outcome::unknown : outcome::refused, .why = answer.why}); break;
    case out_of_order: fail(*where, where == of.entries.front() ? now + limits_.retry : now); break;
    case not_now: fail(*where, now + limits_.retry); break;
    case lost:
      if (where->heard) {
        settle(where, {.what = outcome::stored, .id = where->heard->id, .at = where->heard->at});
        break;
      }
      where->uncertain = true;
      fail(*where, now + limits_.retry);
      break;
  }
  if (const auto still = lanes_.find(answer.group); still != lanes_.end())
    pump(*still, now);
}

void publish_queue::on_heard(std::string_view group, const message_id& id, const position& where) {
  const auto heard = find(group, id);
  if (!heard)
    return;
  if ((*heard)->in_flight)
    (*heard)->heard = {where, id}; // its answer tells more
  else
    settle(*heard, {.what = outcome::stored, .id = id, .at = where});
}

void publish_queue::expire(time_point now) {
  while (!waiting_.empty() && now - waiting_.front().since >= limits_.max_age)
    give_up(waiting_.begin());
  if (now >= retry_due_)
    pump_all(now);
}

void publish_queue::stop() {
  link_ = link_state::down;
  while (!waiting_.empty())
    give_up(waiting_.begin());
}

time_point publish_queue::due() const noexcept {
  return waiting_.empty() ? time_point::max() : std::min(retry_due_, waiting_.front().since + limits_.max_age);
}

// The numbers of a lane ascend, and those without one are behind them.
std::optional<publish_queue::place> publish_queue::find(std::string_view group, const message_id& id) const noexcept {
  const auto found = lanes_.find(group);
  if (found == lanes_.end() || id.incarnation != incarnation_)
    return std::nullopt;
  for (const auto each : found->second.entries) {
    if (each->number == id.number)
      return each;
    if (each->number == 0 || each->number > id.number)
      break;
  }
  return std::nullopt;
}

std::uint64_t publish_queue::ticket_of(std::string_view group, const message_id& id) const noexcept {
  const auto found = find(group, id);
  return found ? (*found)->ticket : 0;
}

// Sending

void publish_queue::pump(lanes::value_type& of, time_point now) {
  auto& [group, each] = of;
  if (link_ == link_state::down)
    return;
  if (each.failing) {
    if (each.in_flight > 0)
      return;
    if (now < each.retry) {
      retry_due_ = std::min(retry_due_, each.retry);
      return;
    }
    each.failing = false;
  }
  while (each.in_flight < limits_.in_flight && each.in_flight < each.entries.size()) {
    const bool is_first = each.in_flight == 0;
    send(*each.entries[each.in_flight++], is_first ? publish_request::place::oldest : publish_request::place::follows);
  }
}

void publish_queue::pump_all(time_point now) {
  retry_due_ = time_point::max();
  for (auto& each : lanes_)
    pump(each, now);
}

void publish_queue::send(entry& what, publish_request::place where) {
  if (what.number == 0)
    what.number = ++what.of->second.last;
  what.in_flight = true;
  requests_.push_back({.group = what.of->first,
                       .id = {incarnation_, what.number, ++what.attempts},
                       .ticket = what.ticket,
                       .in_flight = where,
                       .what = what.what});
}

void publish_queue::fail(entry& what, time_point retry) {
  auto& of = what.of->second;
  what.in_flight = false;
  --of.in_flight;
  of.retry = of.failing ? std::max(of.retry, retry) : retry;
  of.failing = true;
}

// Outcomes

void publish_queue::settle(place where, published result) {
  const auto of = where->of;
  auto& in = of->second;
  result.ticket = where->ticket;
  result.group = of->first;
  if (where->number > 0 && result.id.is_none())
    result.id = {incarnation_, where->number, where->attempts};
  outcomes_.push_back(std::move(result));
  if (where->in_flight)
    --in.in_flight;
  bytes_ -= where->what->size();
  in.entries.erase(std::ranges::find(in.entries, where)); // nearly always the first one
  waiting_.erase(where);
  if (!in.entries.empty())
    return;
  // Whoever publishes to the group next goes on with a higher number: the engine may remember this one.
  floor_ = std::max(floor_, in.last);
  lanes_.erase(lanes_.find(of->first));
}

void publish_queue::give_up(place where) {
  if (where->heard)
    return settle(where, {.what = outcome::stored, .id = where->heard->id, .at = where->heard->at});
  settle(where, {.what = where->in_flight || where->uncertain ? outcome::unknown : outcome::expired});
}

} // namespace harpia::inline v0::fleet
