// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "groups/engine_desk.hpp"

#include "groups/group_home.hpp"

#include "vocabulary/refuse_option.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

void validate(const engine_options& options) {
  if (options.groups.empty())
    refuse_option("'groups' of an engine names no group, so the engine would have nothing to do");
  for (const auto& each : options.groups)
    if (each.empty() || each.find('*') < each.size() - 1)
      refuse_option("'groups' of an engine has '" + each + "': a name, or the beginning of names followed by one '*'");
  if (options.history_ttl.count() <= 0)
    refuse_option("'history_ttl' of an engine must be positive");
  if (options.max_pending == 0 || options.max_pending_bytes == 0 || options.max_pending_age.count() <= 0)
    refuse_option("'max_pending', 'max_pending_bytes' and 'max_pending_age' of an engine must be positive");
}

std::uint64_t random_incarnation() {
  std::random_device source;
  return std::uniform_int_distribution<std::uint64_t>{1}(source);
}

engine_state state_of(fleet::link_state link) {
  switch (link) {
    case fleet::link_state::down: return engine_state::away;
    case fleet::link_state::connected: return engine_state::connected;
    case fleet::link_state::green: return engine_state::ready;
  }
  return engine_state::away;
}

} // namespace

/// Keeps a stopping loop running while the engine is there and has not answered everything.
class engine_desk::settling final : public net::background_task {
public:
  explicit settling(const engine_desk& desk) : desk_{&desk} {}
  [[nodiscard]] bool delays_stop() const noexcept override {
    const std::scoped_lock lock{desk_->mutex_};
    return desk_->pending_ > 0 && desk_->state() != engine_state::away;
  }

private:
  const engine_desk* desk_;
};

engine_desk::engine_desk(std::shared_ptr<fleet::engine_maker> maker, engine_options options, std::shared_ptr<const logger> log)
    : maker_{std::move(maker)}, options_{std::move(options)}, log_{std::move(log)} {
  validate(options_);
}

engine_desk::~engine_desk() = default;

void engine_desk::start(net::event_loop& loop, clock time) {
  {
    const std::scoped_lock lock{mutex_};
    loop_ = &loop;
    clock_ = time;
    can_publish_ = true;
  }
  loop.own(std::make_unique<settling>(*this));
  const fleet::history_limits history{.size = options_.history_size, .ttl = options_.history_ttl};
  engine_ = maker_->make({.loop = loop_, .history = history, .warn = [log = log_](std::string_view sentence) {
                            log->write({.level = log_level::warning, .event = "engine", .what = sentence});
                          }});
  incarnation_ = random_incarnation();
  groups_ = std::make_unique<fleet::shared_groups>(
      *engine_, static_cast<fleet::shared_groups_events&>(*this),
      fleet::shared_groups::options{
          .incarnation = incarnation_,
          .history = [history](std::string_view) { return history; },
          .publishing = {.max_bytes = options_.max_pending_bytes,
                         .max_messages = options_.max_pending,
                         .max_age = options_.max_pending_age}});
  loop.post([self = shared_from_this()] {
    self->groups_->start();
    self->work();
  });
}

void engine_desk::end() {
  {
    const std::scoped_lock lock{mutex_};
    can_publish_ = false;
  }
  if (!groups_)
    return;
  work(); // what no turn of the loop has taken
  groups_->stop();
  while (!own_.empty())
    finish(own_.begin());
  groups_.reset();
  engine_.reset();
  members_.clear();
  loop_->timers().cancel(*this);
}

bool engine_desk::shares(std::string_view name) const noexcept {
  return std::ranges::any_of(options_.groups, [name](std::string_view each) {
    return each.ends_with('*') ? name.starts_with(each.substr(0, each.size() - 1)) : name == each;
  });
}

// Any thread

fleet::time_point engine_desk::now() const noexcept {
  return clock_ == clock::of_loop ? loop_->now() : net::event_loop::clock::now();
}

publish_status engine_desk::publish(const std::string& group, fleet::shared_content what, std::uint64_t except,
                                    receipt_callback done) {
  const auto size = what->size();
  {
    const std::scoped_lock lock{mutex_};
    if (!can_publish_ || pending_ >= options_.max_pending || pending_bytes_ + size > options_.max_pending_bytes)
      return publish_status::refused;
    waiting_.emplace_back(own_message{group, size, except, std::move(done)}, waiting{++last_ticket_, group, std::move(what)});
    ++pending_;
    pending_bytes_ += size;
    wake(); // under the lock: the loop may be gone once nothing can be published
  }
  return state() == engine_state::ready ? publish_status::sent : publish_status::pending;
}

void engine_desk::wake() {
  if (!awake_.exchange(true))
    loop_->post([self = shared_from_this()] { self->work(); });
}

void engine_desk::changed(const std::shared_ptr<group_home>& group) {
  const std::scoped_lock lock{mutex_};
  if (can_publish_)
    loop_->post([self = shared_from_this(), group] { self->update(group); });
}

void engine_desk::copy_to(app_statistics& all) const {
  all.engine.state = state();
  all.engine.synchronisations = synchronisations_;
  all.engine.filled = filled_;
  all.engine.resets = resets_;
  const std::scoped_lock lock{mutex_};
  all.engine.pending = pending_;
  all.engine.pending_bytes = pending_bytes_;
}

// The loop's thread

void engine_desk::work() {
  awake_ = false;
  if (!groups_)
    return;
  std::vector<std::pair<own_message, waiting>> given;
  {
    const std::scoped_lock lock{mutex_};
    given.swap(waiting_);
  }
  for (auto& [own, message] : given) {
    own_.emplace(message.ticket, std::move(own));
    if (groups_->publish(message.group, std::move(message.what), message.ticket, now()) == publish_status::refused)
      on_published({.ticket = message.ticket, .group = message.group, .what = publish_outcome::refused});
  }
  set_timer();
}

// Changes may arrive in another order than they happened, and a group may have been replaced by one of the same name: what counts is what
// holds now.
void engine_desk::update(const std::shared_ptr<group_home>& group) {
  if (!groups_)
    return;
  const auto known = members_.find(group->name());
  if (group->has_members()) {
    if (known != members_.end()) {
      known->second = group;
      return;
    }
    members_.emplace(group->name(), group);
    groups_->follow(group->name());
  } else if (known != members_.end() && known->second == group) {
    members_.erase(known);
    groups_->leave(group->name());
    finish_all_of(group->name());
  }
  set_timer();
}

void engine_desk::set_timer() {
  const auto counts = groups_->counts();
  synchronisations_ = counts.synchronisations;
  filled_ = counts.filled;
  resets_ = counts.resets;
  if (const auto due = groups_->due(); due == fleet::time_point::max())
    loop_->timers().cancel(*this);
  else
    loop_->timers().schedule(*this, due);
}

void engine_desk::on_timer() {
  groups_->expire(now());
  set_timer();
}

void engine_desk::on_engine(fleet::link_state state) {
  const auto changed_to = state_of(state);
  if (state_.exchange(changed_to) == changed_to)
    return;
  log_->write({.level = changed_to == engine_state::away ? log_level::warning : log_level::info,
               .event = "engine",
               .what = "the engine of shared groups is " + std::string{to_string(changed_to)}});
  if (options_.on_state)
    call("on_state", [&] { options_.on_state(changed_to); });
}

void engine_desk::on_message(std::string_view group, const fleet::stored_message& message, std::uint64_t ticket) {
  const auto home = members_.find(group);
  if (home == members_.end())
    return;
  const auto own = find_own(group, message, ticket);
  if (own == own_.end())
    return home->second->distribute(message.what->frame, message.what->key, {});
  auto& mine = own->second;
  mine.delivering = true;
  const left_out except{.actor = mine.except};
  receipt_callback done;
  if (mine.done)
    done = [self = shared_from_this(), number = own->first](const receipt& sum) {
      self->loop_->post([self, number, sum] { self->delivered(number, sum); });
    };
  else if (mine.delivered.emplace(); mine.answer)
    finish(own); // nobody asks for the sums
  home->second->distribute(message.what->frame, message.what->key, except, std::move(done));
}

// A message of this node, by its ticket, or by the answer that has told its id.
engine_desk::own_messages::iterator
engine_desk::find_own(std::string_view group, const fleet::stored_message& message, std::uint64_t ticket) {
  if (ticket != 0 || message.id.incarnation != incarnation_)
    return ticket != 0 ? own_.find(ticket) : own_.end();
  return std::ranges::find_if(own_, [&](const auto& each) {
    return each.second.answer && each.second.answer->id.is_message(message.id) && each.second.group == group;
  });
}

void engine_desk::delivered(std::uint64_t ticket, const receipt& sum) {
  const auto which = own_.find(ticket);
  if (which == own_.end())
    return;
  which->second.delivered = sum;
  if (which->second.answer)
    finish(which);
}

void engine_desk::on_published(const fleet::published& result) {
  const auto which = own_.find(result.ticket);
  if (which == own_.end())
    return;
  {
    const std::scoped_lock lock{mutex_};
    --pending_;
    pending_bytes_ -= which->second.size;
  }
  which->second.answer = result;
  const bool comes = result.what == publish_outcome::stored && result.at && groups_->awaits(result.group, *result.at);
  if (!which->second.delivering ? !comes : which->second.delivered.has_value())
    finish(which);
}

void engine_desk::on_reset(std::string_view group, reset_reason reason, const fleet::bookmark&) {
  finish_all_of(group);
  log_->write({.level = reason == reset_reason::expired ? log_level::debug : log_level::warning,
               .event = "group_reset",
               .what = "members of the group '" + std::string{group}
                       + "' do not get all that was published: " + std::string{to_string(reason)}});
  if (options_.on_reset)
    call("on_reset", [&] { options_.on_reset(group, reason); });
}

// Those that are stored and will not come here any more.
void engine_desk::finish_all_of(std::string_view group) {
  for (auto each = own_.begin(); each != own_.end();) {
    const auto which = each++;
    if (which->second.group == group && which->second.answer && !which->second.delivering)
      finish(which);
  }
}

void engine_desk::finish(own_messages::iterator which) {
  const auto ended = std::move(own_.extract(which).mapped());
  if (!ended.done)
    return;
  auto sum = ended.delivered.value_or(receipt{});
  sum.outcome = ended.answer ? ended.answer->what : publish_outcome::unknown;
  sum.at = ended.answer ? ended.answer->at : std::nullopt;
  sum.nodes = ended.answer ? ended.answer->nodes : 0;
  call("on_receipt", [&] { ended.done(sum); });
}

template <class Function>
void engine_desk::call(std::string_view what, Function function) const noexcept {
  if (muted_)
    return;
  try {
    function();
  } catch (...) {
    log_failure(*log_, "the function '" + std::string{what} + "' of a shared group");
  }
}

} // namespace harpia::inline v0::detail
