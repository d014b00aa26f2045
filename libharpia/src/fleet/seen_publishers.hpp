// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/message_id.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace harpia::inline v0::fleet {

/// Which messages of a group were delivered here, told by the newest number of each node that published: a node's messages come in the
/// order of their numbers. It outlives a change of history, in which a message that was delivered may come again at another offset.
class seen_publishers {
public:
  /// Nodes that are remembered; the one that published longest ago is forgotten for another.
  static constexpr std::size_t max_nodes = 256;

  void add(const message_id& id) {
    const auto found = std::ranges::find(newest_, id.incarnation, &message_id::incarnation);
    if (found != newest_.end()) {
      found->number = std::max(found->number, id.number);
      std::rotate(newest_.begin(), found, found + 1);
      return;
    }
    if (newest_.size() == max_nodes)
      newest_.pop_back();
    newest_.insert(newest_.begin(), id);
  }

  /// Whether it or a later one of the same node was delivered.
  [[nodiscard]] bool covers(const message_id& id) const noexcept {
    const auto found = std::ranges::find(newest_, id.incarnation, &message_id::incarnation);
    return found != newest_.end() && found->number >= id.number;
  }

private:
  std::vector<message_id> newest_; // most recent publisher first; bounded by max_nodes
};

} // namespace harpia::inline v0::fleet
