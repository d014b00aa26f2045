// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/group_link.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::fleet {

namespace {

// Whether the entries are a row without gaps up to the top. An engine that breaks its promise must not make a silent gap.
bool reach_the_top(const sync_answer& answer) noexcept {
  const auto& entries = answer.entries;
  if (entries.empty())
    return true;
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (!entries[i].continues(entries[i - 1].mark()))
      return false;
  return entries.front().at.offset > 0 && entries.back().mark() == answer.top;
}

} // namespace

group_link::group_link(std::string group, const group_link_options& options, ticket_counter& tickets, history_budget& budget)
    : group_{std::move(group)}, options_{options}, tickets_{&tickets}, ring_{options.history, budget}, held_{options.held} {}

// What happened

void group_link::on_link(link_state state) {
  connected_ = state != link_state::down;
  if (connected_ && syncing_ == syncing::waiting)
    ask_now();
}

void group_link::on_watched() {
  synchronise();
}

void group_link::on_pushed(const stored_message& message, time_point now) {
  if (last_ && message.continues(*last_)) {
    advance(message, now);
    return advance_held(now);
  }
  if (last_ && message.at <= last_->at)
    return place_old(message, now);
  if (has_left(message.at.epoch))
    return doubt(now);
  if (last_ && (!known_ || message.at > known_->at) && message.at.epoch == last_->at.epoch)
    known_ = message.mark();
  const bool is_held = held_.add(message);
  if (!last_) // the first answer is on its way, or on_watched is
    again_ = again_ || !is_held;
  else if (syncing_ == syncing::no || !is_held)
    synchronise();
}

void group_link::on_synced(const sync_answer& answer, time_point now) {
  if (syncing_ != syncing::asked || answer.ticket != ticket_)
    return;
  syncing_ = syncing::no;
  if (answer.state == sync_state::failed) {
    syncing_ = syncing::waiting;
    retry_due_ = now + options_.retry;
    return;
  }
  if (!last_)
    begin(answer.top, now);
  else if (answer.state == sync_state::other || answer.state == sync_state::diverged)
    change_history(answer, now);
  else if (answer.state != sync_state::same || answer.top.at.epoch != last_->at.epoch)
    lose(answer.top);
  else if (follow(answer, now) == page::more)
    return ask_now(); // what is held stays
  settle(now);
}

void group_link::on_stored(const bookmark& where, time_point now) {
  if (!last_ || has_left(where.at.epoch))
    return;
  if (contradicts(where)) {
    suspected_ = where;
    return synchronise();
  }
  if (where.at <= last_->at)
    return;
  if (!stored_.empty() && stored_.front().at.epoch != where.at.epoch)
    stored_.clear();
  if (stored_.size() < options_.max_stored)
    stored_.push_back(where);
  if (where.at.epoch != last_->at.epoch)
    return doubt(now);
  if (!known_ || where.at > known_->at)
    known_ = where;
  doubt_due_ = std::min(doubt_due_, now + options_.doubt);
}

void group_link::expire(time_point now) {
  if (now >= retry_due_ && connected_ && syncing_ == syncing::waiting)
    ask_now();
  if (now < doubt_due_)
    return;
  doubt_due_ = time_point::max();
  if (doubtful_ || is_behind())
    synchronise();
}

time_point group_link::due() const noexcept {
  const auto retry = syncing_ == syncing::waiting && connected_ ? retry_due_ : time_point::max();
  return std::min(retry, doubt_due_);
}

// Synchronisation

void group_link::synchronise() {
  if (syncing_ == syncing::asked)
    again_ = true;
  else if (connected_)
    ask_now();
  else
    syncing_ = syncing::waiting;
}

void group_link::ask_now() {
  ticket_ = tickets_->next();
  syncing_ = syncing::asked;
  again_ = false;
  doubtful_ = false;
  doubt_due_ = time_point::max();
  retry_due_ = time_point::max();
  held_.mark_asked();
  ++counts_.synchronisations;
  actions_.emplace_back(ask{{.ticket = ticket_, .group = group_, .since = last_, .seen = seen(), .limit = options_.max_entries}});
}

void group_link::begin(const bookmark& top, time_point now) {
  heard_ = now;
  stand_at(top);
  actions_.emplace_back(stand{top});
}

// The answer is a page of what follows the bookmark of the question, behind which messages may have been delivered since.
group_link::page group_link::follow(const sync_answer& answer, time_point now) {
  const auto before = last_->at;
  for (const auto& each : answer.entries) {
    if (each.at <= last_->at)
      continue;
    if (!each.continues(*last_)) {
      lose(answer.top);
      return page::last;
    }
    ++counts_.filled;
    advance(each, now);
  }
  if (last_->at < answer.top.at) {
    if (last_->at != before)
      return page::more;
    lose(answer.top);
  }
  if (!again_) { // the engine has looked at it and has nothing to say against it
    suspected_.reset();
    if (!is_behind())
      known_.reset();
  }
  return page::last;
}

void group_link::change_history(const sync_answer& answer, time_point now) {
  const auto reason = now - heard_ >= options_.state_ttl ? reset_reason::expired : reset_reason::diverged;
  if (!reach_the_top(answer))
    return lose(answer.top);
  const auto& entries = answer.entries;
  auto next = entries.size();
  while (next > 0 && !seen_.covers(entries[next - 1].id))
    --next;
  if (next > 0)
    reset_to(entries[next - 1].mark(), reason);
  else if (entries.empty())
    reset_to(answer.top, reason);
  else
    reset_to({{answer.top.at.epoch, entries.front().at.offset - 1}, entries.front().previous}, reason);
  heard_ = now;
  for (; next < entries.size(); ++next) {
    ++counts_.filled;
    advance(entries[next], now);
  }
}

void group_link::lose(const bookmark& top) {
  reset_to(top, reset_reason::lost);
}

void group_link::reset_to(const bookmark& where, reset_reason reason) {
  ++counts_.resets;
  if (where.at.epoch != last_->at.epoch)
    left_[next_left_++ % left_.size()] = last_->at.epoch;
  stand_at(where);
  if (!actions_.empty() && std::holds_alternative<reset>(actions_.back()))
    std::get<reset>(actions_.back()).where = where; // nothing was delivered in between
  else
    actions_.emplace_back(reset{reason, where});
}

void group_link::stand_at(const bookmark& where) noexcept {
  last_ = where;
  known_.reset();
  suspected_.reset();
  std::erase_if(stored_, [&where](const bookmark& each) { return !(each.at > where.at); });
  if (!stored_.empty())
    known_ = stored_.back();
  ring_.restart(where);
  std::ranges::replace(left_, where.at.epoch, std::uint64_t{0}); // a replica that knows nothing of the change may bring it back
}

// Messages

void group_link::advance(const stored_message& message, time_point now) {
  if (seen_.covers(message.id)) // of a history that was left: its publisher had no answer, and has sent it again
    return reset_to(message.mark(), reset_reason::diverged);
  last_ = message.mark();
  heard_ = now;
  ring_.add(message, now);
  seen_.add(message.id);
  actions_.emplace_back(deliver{message});
  const auto confirm = [this](const bookmark& mark) {
    const bool is_here = !contradicts(mark);
    if (!is_here)
      suspect(mark);
    return is_here;
  };
  while (!stored_.empty() && stored_.front().at <= last_->at) {
    const auto mark = stored_.front();
    stored_.pop_front();
    if (!confirm(mark))
      return;
  }
  if (known_ && known_->at <= last_->at && confirm(*known_))
    known_.reset();
}

void group_link::advance_held(time_point now) {
  if (!held_.empty())
    held_.sift([&](const stored_message& each, bool) {
      if (!each.continues(*last_))
        return true;
      advance(each, now);
      return false;
    });
  if (again_ && syncing_ == syncing::no)
    ask_now();
}

// An answer has come. What was held when the question was asked is explained by it, one way or another.
void group_link::settle(time_point now) {
  held_.sift([&](const stored_message& each, bool was_asked) {
    if (each.continues(*last_)) {
      advance(each, now);
      return false;
    }
    if (each.at <= last_->at) {
      if (contradicts(each.mark()))
        suspect(each.mark());
      return false;
    }
    if (was_asked)
      return false;
    if (has_left(each.at.epoch)) {
      doubt(now);
      return false;
    }
    return true;
  });
  // What is known to be stored and is not here was stored since the engine has looked, or it has forgotten it: the next answer will show.
  if (again_ || !held_.empty() || is_behind())
    synchronise();
}

// A message of this history that is not behind what was delivered: usually it has been delivered, by a synchronisation.
void group_link::place_old(const stored_message& message, time_point now) {
  const auto known = ring_.id_at(message.at.offset);
  if (!known)
    doubt(now);
  else if (*known != message.id) {
    suspected_ = message.mark();
    synchronise();
  }
}

// Two messages have the same place: the engine has forgotten `other` and given its place away. It is asked for a new epoch.
void group_link::suspect(const bookmark& other) noexcept {
  suspected_ = other;
  again_ = true;
}

void group_link::doubt(time_point now) noexcept {
  doubtful_ = true;
  doubt_due_ = std::min(doubt_due_, now + options_.doubt);
}

bool group_link::is_behind() const noexcept {
  return known_ && known_->at > last_->at;
}

bool group_link::contradicts(const bookmark& other) const noexcept {
  if (!(other.at <= last_->at))
    return false;
  const auto id = ring_.id_at(other.at.offset);
  return id && *id != other.id;
}

bool group_link::has_left(std::uint64_t epoch) const noexcept {
  return std::ranges::find(left_, epoch) != left_.end();
}

std::optional<bookmark> group_link::seen() const noexcept {
  if (suspected_)
    return suspected_;
  if (!stored_.empty())
    return stored_.front();
  return known_ ? known_ : last_;
}

} // namespace harpia::inline v0::fleet
