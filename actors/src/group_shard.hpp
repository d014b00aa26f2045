// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "group_directory.hpp"

#include <harpia/routing/topic_index.hpp>
#include <harpia/transport/event_loop.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace harpia::detail {

/// Someone on a loop who can be subscribed: takes frames, runs no user code while it does.
class group_member {
public:
  virtual void deliver(const protocol::shared_frame& frame) = 0;

protected:
  ~group_member() = default;
};

/// One loop's part of all groups: its members, and the inbox through which a published message reaches all of them at once.
///
/// `enqueue` and `is_this_thread` from any thread; everything else on the loop's thread.
class group_shard {
public:
  using index = routing::topic_index<group_member, std::shared_ptr<group>>;
  using subscriptions = index::subscriptions;

  group_shard(transport::event_loop& loop, group_directory& directory) : loop_{&loop}, directory_{&directory} {}
  group_shard(const group_shard&) = delete;
  group_shard& operator=(const group_shard&) = delete;

  /// Messages that were published before are not delivered to the new member.
  void subscribe(group_member& member, subscriptions& of, std::string_view name);
  void unsubscribe(subscriptions& of, std::string_view name);
  void unsubscribe_all(subscriptions& of);

  void publish(std::string_view name, message_view message, const group_member* except);

  /// Takes a message for this loop's members. Called in the order of the group.
  void enqueue(publication message);
  /// Delivers what is in the inbox.
  void catch_up();

  [[nodiscard]] bool is_this_thread() const noexcept { return loop_->is_this_thread(); }
  [[nodiscard]] std::size_t topics() const noexcept { return index_.size(); }

private:
  void deliver(const publication& message);

  transport::event_loop* loop_;
  group_directory* directory_;
  index index_;

  std::mutex mutex_;
  std::vector<publication> inbox_; // guarded by mutex_; what it refers to is bounded by the members' own limits once delivered
  std::atomic<bool> has_mail_ = false;
  std::vector<publication> delivering_;
};

} // namespace harpia::detail
