// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "groups/group_home.hpp"

#include "net/event_loop.hpp"
#include "routing/topic_index.hpp"

#include <caf/actor_control_block.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace harpia::inline v0::detail {

/// A subscriber on a loop. It takes frames and runs no user code meanwhile.
class group_member {
public:
  /// Takes the message, and adds the result to `sum`.
  virtual void deliver(const publication& message, receipt& sum) = 0;
  /// The member's actor, its identity in events and member lists.
  [[nodiscard]] virtual caf::strong_actor_ptr actor() = 0;
  /// A handle, if the member is a connection.
  [[nodiscard]] virtual std::optional<harpia::handle> as_handle() { return std::nullopt; }
  /// Closes the member, if it is a connection.
  virtual void take_order(const close_order&) {}

protected:
  ~group_member() = default;
};

/// Whom a subscription stands for. `member`: the subscriber itself; the subscription changes the member count and notifies watchers.
/// `representative`: actors that the subscriber joins to and removes from the group home one by one; it changes neither.
enum class subscription_kind : bool { member, representative };

/// One loop's part of all groups: its members, and one inbox of published messages for all of them.
///
/// `enqueue` and `is_this_thread` from any thread; everything else on the loop's thread.
class group_shard {
public:
  using index = routing::topic_index<group_member, std::shared_ptr<group_home>>;
  using subscriptions = index::subscriptions;

  /// Maximum size of the inbox, in bytes. Beyond it messages are refused for all members on the loop.
  static constexpr std::size_t max_inbox = std::size_t{256} << 20;

  group_shard(net::event_loop& loop, group_directory& directory) : loop_{&loop}, directory_{&directory} {}
  ~group_shard();
  group_shard(const group_shard&) = delete;
  group_shard& operator=(const group_shard&) = delete;

  /// Subscribes a member. It does not get messages that were published before.
  void subscribe(group_member& member, subscriptions& of, std::string_view name,
                 subscription_kind kind = subscription_kind::member);
  void unsubscribe(group_member& member, subscriptions& of, std::string_view name,
                   subscription_kind kind = subscription_kind::member);
  void unsubscribe_all(group_member& member, subscriptions& of, subscription_kind kind = subscription_kind::member);

  /// The group of that name, on any loop; null if there is none.
  [[nodiscard]] std::shared_ptr<group_home> find(std::string_view name);
  [[nodiscard]] const index& topics() const noexcept { return index_; }

  /// The members of a group on this loop that are connections.
  [[nodiscard]] std::vector<handle> handles_of(const group_home& group);

  /// Queues a message for this loop's `members` members. Called in the group's message order. Over `max_inbox` the message counts as
  /// dropped for each of them.
  void enqueue(publication message, std::size_t members);
  /// Delivers the messages in the inbox.
  void catch_up();

  [[nodiscard]] bool is_this_thread() const noexcept { return loop_->is_this_thread(); }
  [[nodiscard]] net::event_loop& loop() const noexcept { return *loop_; }

private:
  void deliver(const publication& message);
  void close_members(const publication& message);

  net::event_loop* loop_;
  group_directory* directory_;
  index index_;

  std::mutex mutex_;
  std::vector<publication> inbox_; // guarded by mutex_; bounded by max_inbox, beyond which messages are refused
  std::size_t inbox_bytes_ = 0;    // guarded by mutex_
  std::atomic<bool> inbox_filled_ = false;
  std::vector<publication> delivering_;
};

} // namespace harpia::inline v0::detail
