// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "groups/broadcast_group.hpp"

#include "groups/member_change.hpp"

#include "websocket/utf8.hpp"

#include <caf/all.hpp>

#include <mutex>
#include <span>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

/// Collects the members of all loops, and answers after the last loop has added its part.
class member_census {
public:
  explicit member_census(caf::typed_response_promise<group_members> promise) : promise_{std::move(promise)} {}

  void expect_one() {
    const std::scoped_lock lock{mutex_};
    ++awaited_;
  }

  void add(std::vector<caf::actor> part) {
    const std::scoped_lock lock{mutex_};
    all_.actors.insert(all_.actors.end(), part.begin(), part.end());
    if (--awaited_ == 0)
      promise_.deliver(std::move(all_));
  }

private:
  std::mutex mutex_;
  std::size_t awaited_ = 1; // parts to come; starts with the group actor's own part
  group_members all_;
  caf::typed_response_promise<group_members> promise_;
};

} // namespace

broadcast_group::broadcast_group(caf::actor_config& config, loop_scheduler& home, group_shard& shard,
                                 std::shared_ptr<group_home> group)
    : pinned_actor{config, home}, shard_{&shard}, group_{std::move(group)} {}

broadcast_group::~broadcast_group() = default;

caf::behavior broadcast_group::make_behavior() {
  set_down_handler([this](const caf::down_msg& ended) { on_down(ended.source); });
  return {
      [this](join_atom) { join(current_sender()); },
      [this](leave_atom) { leave(caf::actor_cast<caf::actor_addr>(current_sender())); },
      [this](publish_atom, const std::string& text) { return publish(text); },
      [this](watch_atom) { return watch(current_sender()); },
      [this](unwatch_atom) { unwatch(caf::actor_cast<caf::actor_addr>(current_sender())); },
      [this](members_atom) { return members(); },
      [this](const member_change& event) { notify_watchers(event); },
  };
}

void broadcast_group::on_exit() {
  group_->unwatch();
  for (const auto& [address, member] : std::exchange(members_, {}))
    group_->left(*shard_, caf::actor_cast<caf::strong_actor_ptr>(member));
  shard_->unsubscribe_all(*this, subscriptions_, subscription_kind::representative);
  watchers_.clear();
  loop().post([self = std::move(self_)] {}); // drops the self-reference outside this object's own function
}

void broadcast_group::join(const caf::strong_actor_ptr& who) {
  if (!who)
    return;
  const auto [at, fresh] = members_.try_emplace(caf::actor_cast<caf::actor_addr>(who), caf::actor_cast<caf::actor>(who));
  if (!fresh)
    return;
  if (!watchers_.contains(at->first))
    monitor(who); // once for both
  shard_->subscribe(*this, subscriptions_, group_->name(), subscription_kind::representative);
  update_self_reference();
  group_->joined(*shard_, who);
}

void broadcast_group::leave(const caf::actor_addr& who) {
  const auto at = members_.find(who);
  if (at == members_.end())
    return;
  const auto member = caf::actor_cast<caf::strong_actor_ptr>(at->second);
  group_->left(*shard_, member);
  if (members_.size() == 1)
    shard_->unsubscribe(*this, subscriptions_, group_->name(),
                        subscription_kind::representative); // delivers earlier messages first
  members_.erase(who);
  forget(who);
  update_self_reference();
}

void broadcast_group::unwatch(const caf::actor_addr& who) {
  if (watchers_.erase(who) > 0)
    forget(who);
  update_self_reference();
}

// Ends the monitor of who is neither a member nor a watcher any more: both sides keep memory for it.
void broadcast_group::forget(const caf::actor_addr& who) {
  if (!members_.contains(who) && !watchers_.contains(who))
    demonitor(who);
}

void broadcast_group::on_down(const caf::actor_addr& who) {
  watchers_.erase(who);
  leave(who);
  update_self_reference();
}

void broadcast_group::deliver(const publication& message, receipt& sum) {
  for (const auto& [address, member] : members_) {
    send(member, group_message{group_->name(), message.frame->message(), message.frame});
    ++sum.accepted;
  }
}

caf::result<std::uint64_t, std::uint64_t, std::uint64_t> broadcast_group::publish(const std::string& text) {
  if (!websocket::is_utf8(std::as_bytes(std::span{text})))
    return caf::make_error(caf::sec::invalid_argument, "a text message must be UTF-8");
  auto promise = make_response_promise<std::uint64_t, std::uint64_t, std::uint64_t>();
  // The last loop to deliver fulfils the promise, possibly on another thread.
  const auto on_receipt = [promise](const receipt& sum) mutable {
    promise.deliver(std::uint64_t{sum.accepted}, std::uint64_t{sum.buffered}, std::uint64_t{sum.dropped});
  };
  if (group_->publish(websocket::make_frame(message_view{text}), {.on_receipt = on_receipt}) == publish_status::refused)
    return caf::make_error(caf::sec::runtime_error, "too many messages wait for the engine of shared groups");
  return promise;
}

caf::result<group_members> broadcast_group::members() {
  auto promise = make_response_promise<group_members>();
  const auto census = std::make_shared<member_census>(promise);
  group_->for_each_shard([&](group_shard& shard) {
    census->expect_one();
    shard.loop().post([&shard, census, name = group_->name(), self = static_cast<const group_member*>(this)] {
      std::vector<caf::actor> part;
      if (const auto* topic = shard.topics().find(name))
        topic->for_each([&](group_member& member) {
          if (&member != self)
            part.push_back(caf::actor_cast<caf::actor>(member.actor()));
        });
      census->add(std::move(part));
    });
  });
  std::vector<caf::actor> own;
  for (const auto& [address, member] : members_)
    own.push_back(member);
  census->add(std::move(own));
  return promise;
}

std::uint64_t broadcast_group::watch(const caf::strong_actor_ptr& who) {
  const auto [size, last_change] = group_->watch();
  if (who) {
    const auto address = caf::actor_cast<caf::actor_addr>(who);
    if (!members_.contains(address) && !watchers_.contains(address))
      monitor(who);
    watchers_.insert_or_assign(caf::actor_cast<caf::actor_addr>(who), watcher{caf::actor_cast<caf::actor>(who), last_change});
  }
  update_self_reference();
  return size;
}

// A change sent for earlier watchers may arrive after a new watcher got a member count that already includes it.
void broadcast_group::notify_watchers(const member_change& event) {
  const auto who = caf::actor_cast<caf::actor>(event.who);
  for (const auto& [address, each] : watchers_) {
    if (event.number <= each.last_change)
      continue;
    if (event.what == member_change::kind::joined)
      send(each.who, event::joined{group_->name(), who});
    else
      send(each.who, event::left{group_->name(), who});
  }
}

void broadcast_group::update_self_reference() {
  if (watchers_.empty())
    group_->unwatch();
  if (members_.empty() && watchers_.empty())
    loop().post([self = std::move(self_)] {}); // maybe the last reference, so not inside this object's own function
  else if (!self_)
    self_ = caf::strong_actor_ptr{ctrl()};
}

} // namespace harpia::inline v0::detail
