// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "facade/close_order.hpp"
#include "groups/engine_desk.hpp"
#include "groups/member_change.hpp"
#include "log/logger.hpp"

#include "net/event_loop.hpp"
#include "websocket/frame.hpp"
#include <harpia/group.hpp>
#include <harpia/handle.hpp>
#include <harpia/publish_options.hpp>

#include <caf/actor_control_block.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace harpia::inline v0::detail {

class group_directory;
class group_home;
class group_shard;

using receipt_callback = decltype(publish_options::on_receipt);
using members_callback = callback<void(std::vector<handle>), rules::members>;

/// Sums the delivery results of one message over all loops.
class receipt_sum {
public:
  receipt_sum(receipt_callback done, std::shared_ptr<const logger> log) : done_{std::move(done)}, log_{std::move(log)} {}

  /// Adds the result of one loop, also of one that did not deliver. The last result calls `done`: later on `loop`, or here if null.
  void add(const receipt& part, net::event_loop* loop);

private:
  friend class group_home;
  std::mutex mutex_;
  receipt sum_;             // guarded by mutex_
  std::size_t awaited_ = 0; // guarded by mutex_; results still missing
  receipt_callback done_;
  std::shared_ptr<const logger> log_;
};

/// A published message for the members on one loop.
struct publication {
  std::shared_ptr<group_home> to;
  websocket::shared_frame frame;
  std::shared_ptr<const std::string> key;             // null: none
  const void* except = nullptr;                       // a member on the publisher's loop that is skipped; null: none
  std::shared_ptr<receipt_sum> receipt;               // null: no receipt was requested
  std::shared_ptr<const close_order> close = nullptr; // not null: no message, but the order to close the members
  std::uint64_t except_actor = 0;                     // number of the actor of a member that is skipped, on any loop; 0: none
};

/// Which member a message leaves out.
struct left_out {
  const void* member = nullptr; ///< on the caller's loop; null: none
  std::uint64_t actor = 0;      ///< number of its actor; 0: none
};

/// The state of a broadcast group, shared by all loops. It gives the group's messages one order: if the group is shared with other nodes, that
/// of the engine. Any thread may publish.
///
/// A message enters the inboxes of all loops under one lock, so every member gets the group's messages in the same order.
/// Lives while it has members or other references.
class group_home : public std::enable_shared_from_this<group_home> {
public:
  group_home(std::shared_ptr<group_directory> directory, std::string name);
  ~group_home();
  group_home(const group_home&) = delete;
  group_home& operator=(const group_home&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(); }
  /// Number of deliveries that members' send limits refused, or that a loop with a full inbox did not try.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(); }
  void count_dropped(std::uint64_t count) noexcept { dropped_ += count; }

  /// Publishes to every member but `except`, here and on other nodes.
  publish_status publish(const websocket::shared_frame& frame, publish_options options = {}, const left_out& except = {});
  /// Sends `frame` to every member here but `except`. Members on the caller's loop have it in their queues when the call returns.
  void distribute(const websocket::shared_frame& frame, std::string_view key, const left_out& except, receipt_callback done = {});
  /// Whether there is a loop with members.
  [[nodiscard]] bool has_members();

  /// Closes the members that are connections, after the messages that were published before.
  void close(close_code code, std::string_view reason);
  /// Collects handles of the members that are connections, loop by loop, and passes them to `then`, on the thread of the last loop.
  void collect(members_callback then);

  /// Adds a loop with its first member, or removes one without members. On that loop's thread.
  void attach(group_shard& shard);
  void detach(group_shard& shard);
  /// A member on an attached loop joined or left.
  void joined(const group_shard& where, const caf::strong_actor_ptr& who);
  void left(const group_shard& where, const caf::strong_actor_ptr& who);

  /// Calls `visit(group_shard&)` for every loop with members. No loop is attached or detached meanwhile.
  template <class Visit>
  void for_each_shard(Visit visit) {
    const std::scoped_lock lock{mutex_};
    for (const auto& each : loops_)
      visit(*each.shard);
  }

  /// The group's actor, spawned if there is none. Null once the server has stopped.
  [[nodiscard]] caf::strong_actor_ptr actor();

  /// The member count at one moment, and the number of the last change, a join or leave, that it includes.
  struct membership {
    std::size_t size;
    std::uint64_t last_change;
  };
  /// From now on the group's actor gets a `member_change` for each change: all after the returned one, and possibly some before it.
  [[nodiscard]] membership watch();
  void unwatch();

private:
  // A loop with members. Their number is needed to count drops when the loop's inbox is full.
  struct attached {
    group_shard* shard;
    std::size_t members;
  };

  [[nodiscard]] attached& find(const group_shard& where);
  void change(const group_shard& where, const caf::strong_actor_ptr& who, member_change::kind what);

  const std::shared_ptr<group_directory> directory_;
  const std::string name_;
  engine_desk* const desk_;           // of the directory; null if the group is local
  std::atomic<std::size_t> size_ = 0; // changed under mutex_
  std::atomic<std::uint64_t> dropped_ = 0;
  std::mutex mutex_;
  std::vector<attached> loops_;   // guarded by mutex_; at most one for each loop
  caf::weak_actor_ptr actor_;     // guarded by mutex_
  std::uint64_t last_change_ = 0; // guarded by mutex_
  bool watched_ = false;          // guarded by mutex_
};

/// All groups by name. Thread-safe. Groups keep it alive, also when the app has gone.
class group_directory : public std::enable_shared_from_this<group_directory> {
public:
  /// @param desk null: all groups are local
  explicit group_directory(std::shared_ptr<const logger> log = logger::without_app(),
                           std::shared_ptr<engine_desk> desk = nullptr) noexcept
      : log_{std::move(log)}, desk_{std::move(desk)} {}

  [[nodiscard]] const std::shared_ptr<const logger>& log() const noexcept { return log_; }
  /// The desk of groups of that name; null if they are local.
  [[nodiscard]] engine_desk* desk_of(std::string_view name) const noexcept {
    return desk_ && desk_->shares(name) ? desk_.get() : nullptr;
  }

  /// The group of that name, made if there is none.
  [[nodiscard]] std::shared_ptr<group_home> get(std::string_view name);
  /// The group of that name if there is one, or if it is shared and may have members elsewhere.
  [[nodiscard]] std::shared_ptr<group_home> find(std::string_view name);

  /// Spawns the actors of groups. Empty while no loop can run them.
  using actor_factory = std::function<caf::strong_actor_ptr(std::shared_ptr<group_home>)>;
  void set_factory(actor_factory factory);
  [[nodiscard]] caf::strong_actor_ptr make_actor(std::shared_ptr<group_home> home);

private:
  std::shared_ptr<const logger> log_;
  std::shared_ptr<engine_desk> desk_;
  friend class group_home;

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct stripe {
    std::mutex mutex;
    std::unordered_map<std::string, std::weak_ptr<group_home>, text_hash, std::equal_to<>> groups; // guarded by mutex
  };

  stripe& stripe_of(std::string_view name) noexcept { return stripes_[text_hash{}(name) % stripes_.size()]; }
  void forget(const std::string& name);

  std::array<stripe, 16> stripes_;
  std::mutex factory_mutex_;
  actor_factory factory_; // guarded by factory_mutex_
};

} // namespace harpia::inline v0::detail
