// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "group_shard.hpp"

#include <utility>

namespace harpia::detail {

void group_shard::subscribe(group_member& member, subscriptions& of, std::string_view name) {
  catch_up();
  const auto [topic, joined] = index_.subscribe(member, of, name);
  if (joined && !topic->tag) {
    topic->tag = directory_->get(name);
    topic->tag->attach(*this);
  }
}

void group_shard::unsubscribe(subscriptions& of, std::string_view name) {
  catch_up(); // what was published before still arrives
  if (const auto [left, gone] = index_.unsubscribe(of, name); gone)
    gone->detach(*this);
}

void group_shard::unsubscribe_all(subscriptions& of) {
  index_.unsubscribe_all(of, [this](const std::shared_ptr<group>& gone) { gone->detach(*this); });
}

void group_shard::publish(std::string_view name, message_view message, const group_member* except) {
  const auto* topic = index_.find(name);
  if (const auto to = topic ? topic->tag : directory_->find(name))
    to->publish(protocol::make_frame(message), except);
}

void group_shard::enqueue(publication message) {
  {
    const std::scoped_lock lock{mutex_};
    inbox_.push_back(std::move(message));
  }
  if (!has_mail_.exchange(true) && !is_this_thread())
    loop_->post([this] { catch_up(); });
}

void group_shard::catch_up() {
  if (!has_mail_.load(std::memory_order_acquire))
    return;
  has_mail_.store(false);
  {
    const std::scoped_lock lock{mutex_};
    delivering_.swap(inbox_);
  }
  for (const auto& message : delivering_)
    deliver(message);
  delivering_.clear();
}

void group_shard::deliver(const publication& message) {
  const auto* topic = index_.find(message.to->name());
  if (!topic || topic->tag != message.to)
    return; // its members have left
  topic->for_each([&](group_member& member) {
    if (&member != message.except)
      member.deliver(message.frame);
  });
}

} // namespace harpia::detail
