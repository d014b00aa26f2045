// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace chat {

/// Who is in which room.
///
/// Thread safety: full, since the connections of a room live on several event loops.
class rooms {
public:
  static constexpr std::size_t max_rooms = 1000;
  static constexpr std::size_t max_visitors = 500; // in one room

  /// A room after somebody came or went.
  struct presence {
    std::vector<std::string> names; // sorted; a name that several visitors have is there once
    bool changed;                   // whether the visitor's name is new to the room, or gone from it
  };
  /// Tells a room of its presence. It runs under the lock, so that rooms hear of changes in the order in which they happened; it must
  /// not call `rooms`.
  using announcement = std::function<void(const presence& now)>;

  /// @throws refusal if there are too many rooms or visitors already
  void enter(const std::string& room, const std::string& name, const announcement& announce);
  /// Of a room that was entered under the same name.
  void leave(const std::string& room, const std::string& name, const announcement& announce);

private:
  using visitors = std::multiset<std::string>;

  std::mutex mutex_;
  std::map<std::string, visitors> rooms_; // guarded by mutex_
};

} // namespace chat
