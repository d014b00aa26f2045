// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "groups/member_change.hpp"

#include "net/event_loop.hpp"
#include "websocket/frame.hpp"
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

namespace harpia::detail {

class group_directory;
class group_home;
class group_shard;

/// Sums up what became of one message, from all loops.
class receipt_sum {
public:
  explicit receipt_sum(std::function<void(const receipt&)> done) : done_{std::move(done)} {}

  /// A loop has delivered, or will never. The last has `done` called: by `loop`, later, or here if there is no loop.
  void add(const receipt& part, net::event_loop* loop);

private:
  friend class group_home;
  std::mutex mutex_;
  receipt sum_;             // guarded by mutex_
  std::size_t awaited_ = 0; // guarded by mutex_: loops that have not delivered
  std::function<void(const receipt&)> done_;
};

/// A published message on its way to the members on one loop.
struct publication {
  std::shared_ptr<group_home> to;
  websocket::shared_frame frame;
  std::shared_ptr<const std::string> key; // null: none
  const void* except = nullptr;           // a member on the publisher's loop that does not get it
  std::shared_ptr<receipt_sum> receipt;   // null: nobody asked
};

/// The home of a broadcast group: what gives its messages one order. Any thread may publish.
///
/// A message takes its place in the order and in the inboxes of all loops under one lock, so every loop, and so every member, sees
/// the group's messages in the same order. Lives while it has members or somebody refers to it.
class group_home : public std::enable_shared_from_this<group_home> {
public:
  group_home(group_directory& directory, std::string name) : directory_{&directory}, name_{std::move(name)} {}
  ~group_home();
  group_home(const group_home&) = delete;
  group_home& operator=(const group_home&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(); }
  /// Deliveries that members' policies refused, and those that a loop was too far behind to try.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(); }
  void count_dropped(std::uint64_t count) noexcept { dropped_ += count; }
  [[nodiscard]] group_directory& directory() const noexcept { return *directory_; }

  /// Sends `frame` to every member but `except`, which must be one and on the caller's loop. Members on the caller's loop have it in their
  /// queues when the call returns.
  void publish(const websocket::shared_frame& frame, std::string_view key = {}, const void* except = nullptr,
               std::function<void(const receipt&)> done = {});

  /// A loop has members from now on, or none any more. On that loop's thread.
  void attach(group_shard& shard);
  void detach(group_shard& shard);
  /// One of an attached loop's members came or went.
  void joined(const group_shard& where, const caf::strong_actor_ptr& who);
  void left(const group_shard& where, const caf::strong_actor_ptr& who);

  /// Calls `visit(group_shard&)` for every loop that has members; they stay attached meanwhile.
  template <class Visit>
  void for_each_shard(Visit visit) {
    const std::scoped_lock lock{mutex_};
    for (const auto& each : loops_)
      visit(*each.shard);
  }

  /// The actor that speaks for the group, made if there is none. Null once the server is gone.
  [[nodiscard]] caf::strong_actor_ptr actor();

  /// The members at one moment, and the last of the numbered changes, joining and leaving, that led to them.
  struct membership {
    std::size_t size;
    std::uint64_t last_change;
  };
  /// From now on the actor gets a `member_change` for each: all that come after the answer, and perhaps some before.
  [[nodiscard]] membership watch();
  void unwatch();

private:
  // A loop with members. How many they are is known to those who find that the loop is too far behind.
  struct attached {
    group_shard* shard;
    std::size_t members;
  };

  [[nodiscard]] attached& find(const group_shard& where);
  void change(const group_shard& where, const caf::strong_actor_ptr& who, member_change::kind what);

  group_directory* directory_;
  const std::string name_;
  std::atomic<std::size_t> size_ = 0; // changed under mutex_
  std::atomic<std::uint64_t> dropped_ = 0;
  std::mutex mutex_;
  std::vector<attached> loops_;   // guarded by mutex_; at most one for each loop
  caf::weak_actor_ptr actor_;     // guarded by mutex_
  std::uint64_t last_change_ = 0; // guarded by mutex_
  bool watched_ = false;          // guarded by mutex_
};

/// All groups by name. Thread-safe; outlives its groups.
class group_directory {
public:
  /// The group of that name, made if there is none.
  [[nodiscard]] std::shared_ptr<group_home> get(std::string_view name);
  /// The group of that name if there is one.
  [[nodiscard]] std::shared_ptr<group_home> find(std::string_view name);

  /// Makes the actors of groups while there are loops to run them.
  using actor_factory = std::function<caf::strong_actor_ptr(std::shared_ptr<group_home>)>;
  void set_factory(actor_factory factory);
  [[nodiscard]] caf::strong_actor_ptr make_actor(std::shared_ptr<group_home> home);

private:
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

} // namespace harpia::detail
