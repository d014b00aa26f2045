// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "groups/group_home.hpp"

#include "groups/group_shard.hpp"
#include "log/logger.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <exception>
#include <iterator>
#include <string>
#include <utility>

namespace harpia::inline v0::detail {

void receipt_sum::add(const receipt& part, net::event_loop* loop) {
  {
    const std::scoped_lock lock{mutex_};
    sum_.accepted += part.accepted;
    sum_.buffered += part.buffered;
    sum_.dropped += part.dropped;
    if (--awaited_ > 0)
      return;
  }
  if (!loop)
    return done_(sum_);
  loop->post([done = std::move(done_), sum = sum_, log = log_] {
    try {
      done(sum);
    } catch (...) {
      log_failure(*log, "the function 'on_receipt' of a publication");
    }
  });
}

group_home::group_home(std::shared_ptr<group_directory> directory, std::string name)
    : directory_{std::move(directory)}, name_{std::move(name)}, desk_{directory_->desk_of(name_)} {}

group_home::~group_home() {
  directory_->forget(name_);
}

publish_status group_home::publish(const websocket::shared_frame& frame, publish_options options, const left_out& except) {
  if (!desk_) [[likely]] {
    distribute(frame, options.key, except, std::move(options.on_receipt));
    return publish_status::sent;
  }
  auto what = std::make_shared<const fleet::content>(
      fleet::content{.frame = frame, .key = std::string{options.key}, .unique = std::string{options.unique}});
  return desk_->publish(name_, std::move(what), except.actor, std::move(options.on_receipt));
}

bool group_home::has_members() {
  const std::scoped_lock lock{mutex_};
  return !loops_.empty();
}

void group_home::distribute(const websocket::shared_frame& frame, std::string_view key, const left_out& except,
                            receipt_callback done) {
  publication message{shared_from_this(), frame, nullptr, except.member, nullptr};
  message.except_actor = except.actor;
  if (!key.empty())
    message.key = std::make_shared<const std::string>(key);
  if (done) {
    message.receipt = std::make_shared<receipt_sum>(std::move(done), directory_->log());
    message.receipt->awaited_ = 1; // this call itself, until every loop was counted
  }
  group_shard* here = nullptr;
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& [shard, members] : loops_) {
      const bool is_here = shard->is_this_thread();
      if (message.receipt) {
        const std::scoped_lock counting{message.receipt->mutex_};
        ++message.receipt->awaited_;
      }
      shard->enqueue(message, members - (is_here && except.member ? 1 : 0));
      if (is_here)
        here = shard;
    }
  }
  // Delivers at once, so that the publisher's next message comes after this one. The inbox holds all earlier messages.
  if (here)
    here->catch_up();
  if (message.receipt)
    message.receipt->add({}, here ? &here->loop() : nullptr);
}

void group_home::close(close_code code, std::string_view reason) {
  publication order{shared_from_this(), nullptr, nullptr, nullptr, nullptr};
  order.close = std::make_shared<const close_order>(close_order{code, std::string{reason}});
  group_shard* here = nullptr;
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& [shard, members] : loops_) {
      shard->enqueue(order, members);
      if (shard->is_this_thread())
        here = shard;
    }
  }
  if (here) // which is not told of what it enqueues itself
    here->catch_up();
}

namespace {

/// Collects the members of all loops, and passes them on after the last loop has added its part.
class handle_census {
public:
  handle_census(members_callback then, std::shared_ptr<const logger> log) : then_{std::move(then)}, log_{std::move(log)} {}

  void expect_one() {
    const std::scoped_lock lock{mutex_};
    ++awaited_;
  }
  void add(std::vector<handle> part) {
    {
      const std::scoped_lock lock{mutex_};
      all_.insert(all_.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
      if (--awaited_ > 0)
        return;
    }
    try {
      then_(std::move(all_));
    } catch (...) {
      log_failure(*log_, "the function that gets the members of a group");
    }
  }

private:
  members_callback then_;
  std::shared_ptr<const logger> log_;
  std::mutex mutex_;
  std::size_t awaited_ = 1; // parts to come; guarded by mutex_. One for the caller, until all loops were asked
  std::vector<handle> all_; // guarded by mutex_ until the last part
};

} // namespace

void group_home::collect(members_callback then) {
  const auto census = std::make_shared<handle_census>(std::move(then), directory_->log());
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& [shard, members] : loops_) {
      census->expect_one();
      shard->loop().post([shard = shard, census, self = shared_from_this()] { census->add(shard->handles_of(*self)); });
    }
  }
  census->add({});
}

void group_home::attach(group_shard& shard) {
  {
    const std::scoped_lock lock{mutex_};
    loops_.push_back({&shard, 0});
  }
  if (desk_)
    desk_->changed(shared_from_this());
}

void group_home::detach(group_shard& shard) {
  {
    const std::scoped_lock lock{mutex_};
    std::erase_if(loops_, [&](const attached& each) { return each.shard == &shard; });
  }
  if (desk_)
    desk_->changed(shared_from_this());
}

void group_home::joined(const group_shard& where, const caf::strong_actor_ptr& who) {
  change(where, who, member_change::kind::joined);
}

void group_home::left(const group_shard& where, const caf::strong_actor_ptr& who) {
  change(where, who, member_change::kind::left);
}

// The member count, the change number and `watched_` change under one lock. A new watcher therefore either has a change in its member
// count or gets it as an event, and never misses one.
void group_home::change(const group_shard& where, const caf::strong_actor_ptr& who, member_change::kind what) {
  member_change event{what, 0, who};
  caf::strong_actor_ptr group_actor;
  {
    const std::scoped_lock lock{mutex_};
    auto& members = find(where).members;
    if (what == member_change::kind::joined)
      ++size_, ++members;
    else
      --size_, --members;
    event.number = ++last_change_;
    if (watched_)
      group_actor = actor_.lock();
  }
  if (group_actor)
    caf::anon_send(caf::actor_cast<caf::actor>(group_actor), std::move(event));
}

group_home::attached& group_home::find(const group_shard& where) {
  return *std::ranges::find(loops_, &where, &attached::shard);
}

group_home::membership group_home::watch() {
  const std::scoped_lock lock{mutex_};
  watched_ = true;
  return {size_, last_change_};
}

void group_home::unwatch() {
  const std::scoped_lock lock{mutex_};
  watched_ = false;
}

caf::strong_actor_ptr group_home::actor() {
  {
    const std::scoped_lock lock{mutex_};
    if (auto existing = actor_.lock())
      return existing;
  }
  auto made = directory_->make_actor(shared_from_this());
  const std::scoped_lock lock{mutex_};
  if (auto existing = actor_.lock())
    return existing; // another thread was first; the surplus actor ends with its last reference
  actor_ = caf::actor_cast<caf::weak_actor_ptr>(made);
  return made;
}

std::shared_ptr<group_home> group_directory::get(std::string_view name) {
  auto& [mutex, groups] = stripe_of(name);
  const std::scoped_lock lock{mutex};
  auto found = groups.find(name);
  if (found == groups.end())
    found = groups.emplace(std::string{name}, std::weak_ptr<group_home>{}).first;
  auto existing = found->second.lock();
  if (!existing) {
    existing = std::make_shared<group_home>(shared_from_this(), found->first);
    found->second = existing;
  }
  return existing;
}

std::shared_ptr<group_home> group_directory::find(std::string_view name) {
  if (desk_of(name))
    return get(name);
  auto& [mutex, groups] = stripe_of(name);
  const std::scoped_lock lock{mutex};
  const auto found = groups.find(name);
  return found == groups.end() ? nullptr : found->second.lock();
}

void group_directory::set_factory(actor_factory factory) {
  const std::scoped_lock lock{factory_mutex_};
  factory_ = std::move(factory);
}

caf::strong_actor_ptr group_directory::make_actor(std::shared_ptr<group_home> home) {
  const std::scoped_lock lock{factory_mutex_};
  return factory_ ? factory_(std::move(home)) : nullptr;
}

// Called by a group's destructor. A new group of that name may already exist.
void group_directory::forget(const std::string& name) {
  auto& [mutex, groups] = stripe_of(name);
  const std::scoped_lock lock{mutex};
  if (const auto found = groups.find(name); found != groups.end() && found->second.expired())
    groups.erase(found);
}

} // namespace harpia::inline v0::detail
