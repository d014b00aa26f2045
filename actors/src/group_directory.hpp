// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/protocol/frame.hpp>

#include <array>
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

class group;
class group_shard;
class group_directory;

/// A published message on its way to the members on one loop.
struct publication {
  std::shared_ptr<group> to;
  protocol::shared_frame frame;
  const void* except = nullptr; // a member on the publisher's loop that does not get it
};

/// The home of a broadcast group: what gives its messages one order. Any thread may publish.
///
/// A message takes its place in the order and in the inboxes of all loops under one lock, so every loop, and so every member, sees
/// the group's messages in the same order. Lives while it has members or somebody refers to it.
class group : public std::enable_shared_from_this<group> {
public:
  group(group_directory& directory, std::string name) : directory_{&directory}, name_{std::move(name)} {}
  ~group();
  group(const group&) = delete;
  group& operator=(const group&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Sends `frame` to every member but `except`. Members on the caller's loop have it in their queues when the call returns.
  void publish(const protocol::shared_frame& frame, const void* except = nullptr);

  /// A loop has members from now on, or none any more. On that loop's thread.
  void attach(group_shard& shard);
  void detach(group_shard& shard);

private:
  group_directory* directory_;
  const std::string name_;
  std::mutex mutex_;
  std::vector<group_shard*> shards_; // guarded by mutex_; at most one for each loop
};

/// All groups by name. Thread-safe; outlives its groups.
class group_directory {
public:
  /// The group of that name, made if there is none.
  [[nodiscard]] std::shared_ptr<group> get(std::string_view name);
  /// The group of that name if there is one.
  [[nodiscard]] std::shared_ptr<group> find(std::string_view name);

  /// Publishes to the group of that name; without one there is nobody to tell.
  void publish(std::string_view name, message_view message, const void* except = nullptr);

private:
  friend class group;

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  struct stripe {
    std::mutex mutex;
    std::unordered_map<std::string, std::weak_ptr<group>, text_hash, std::equal_to<>> groups; // guarded by mutex
  };

  stripe& stripe_of(std::string_view name) noexcept { return stripes_[text_hash{}(name) % stripes_.size()]; }
  void forget(const std::string& name);

  std::array<stripe, 16> stripes_;
};

} // namespace harpia::detail
