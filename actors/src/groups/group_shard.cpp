// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "groups/group_shard.hpp"

#include <utility>

namespace harpia::inline v0::detail {

// What is left here belongs to actors that end with the loop. Their groups may live on by their handles.
group_shard::~group_shard() {
  index_.for_each([this](const index::topic& left) {
    if (left.tag)
      left.tag->detach(*this);
  });
}

std::vector<handle> group_shard::handles_of(const group_home& group) {
  std::vector<handle> found;
  if (const auto* topic = index_.find(group.name()); topic && topic->tag.get() == &group)
    topic->for_each([&](group_member& member) {
      if (auto one = member.as_handle())
        found.push_back(*std::move(one));
    });
  return found;
}

void group_shard::subscribe(group_member& member, subscriptions& of, std::string_view name, subscription_kind kind) {
  catch_up();
  const auto [topic, joined] = index_.subscribe(member, of, name);
  if (!joined)
    return;
  if (!topic->tag) {
    topic->tag = directory_->get(name);
    topic->tag->attach(*this);
  }
  if (kind == subscription_kind::member)
    topic->tag->joined(*this, member.actor());
}

void group_shard::unsubscribe(group_member& member, subscriptions& of, std::string_view name, subscription_kind kind) {
  if (!index::is_subscribed(of, name))
    return;
  catch_up(); // earlier messages are still delivered
  const auto home = index_.find(name)->tag;
  if (kind == subscription_kind::member)
    home->left(*this, member.actor());
  if (const auto [left, removed] = index_.unsubscribe(of, name); removed)
    home->detach(*this);
}

void group_shard::unsubscribe_all(group_member& member, subscriptions& of, subscription_kind kind) {
  for (const auto& name : of.names())
    unsubscribe(member, of, name, kind);
}

std::shared_ptr<group_home> group_shard::find(std::string_view name) {
  const auto* topic = index_.find(name);
  return topic ? topic->tag : directory_->find(name);
}

void group_shard::enqueue(publication message, std::size_t members) {
  {
    const std::scoped_lock lock{mutex_};
    const auto size = message.frame ? message.frame->bytes().size() : 0;
    if (inbox_bytes_ + size > max_inbox) {
      message.to->count_dropped(members);
      if (message.receipt)
        message.receipt->add({.dropped = members}, loop_);
      return;
    }
    inbox_bytes_ += size;
    inbox_.push_back(std::move(message));
  }
  if (!inbox_filled_.exchange(true) && !is_this_thread())
    loop_->post([this] { catch_up(); });
}

void group_shard::catch_up() {
  if (!inbox_filled_.load(std::memory_order_acquire))
    return;
  inbox_filled_.store(false);
  {
    const std::scoped_lock lock{mutex_};
    delivering_.swap(inbox_);
    inbox_bytes_ = 0;
  }
  for (const auto& message : delivering_)
    deliver(message);
  delivering_.clear();
}

void group_shard::deliver(const publication& message) {
  receipt part;
  if (message.close)
    return close_members(message);
  // If there is no topic, or one of a later group of that name, the members have left.
  if (const auto* topic = index_.find(message.to->name()); topic && topic->tag == message.to) {
    if (message.except_actor == 0 || message.except)
      topic->for_each([&](group_member& member) {
        if (&member != message.except)
          member.deliver(message, part);
      });
    else
      topic->for_each([&](group_member& member) {
        if (member.actor()->id() != message.except_actor)
          member.deliver(message, part);
      });
  }
  if (part.dropped > 0)
    message.to->count_dropped(part.dropped);
  if (message.receipt)
    message.receipt->add(part, loop_);
}

// A member that closes leaves its groups later, in an event of its own.
void group_shard::close_members(const publication& message) {
  if (const auto* topic = index_.find(message.to->name()); topic && topic->tag == message.to)
    topic->for_each([&](group_member& member) { member.take_order(*message.close); });
}

} // namespace harpia::inline v0::detail
