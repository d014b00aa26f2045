// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "routing/path_segments.hpp"
#include "routing/pattern.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace harpia::inline v0::routing {

/// Maps patterns to values and finds the most specific pattern that a path matches.
///
/// Segment by segment, from the left, a literal is preferred to a `:name`, and a `:name` to a `*`. If the preferred choice does not
/// match further on, the next one is tried. A lookup's cost depends on the path, not on the number of routes.
///
/// Ownership: owns its values. Thread safety: `const` functions may be called concurrently; `insert` not.
template <class T>
class route_table {
public:
  /// The result of a lookup.
  struct match {
    /// Valid as long as the table, even after a move or another insertion.
    const T* value;
    /// Names and percent-decoded values in the order of the pattern; the tail is named "*". Values are what the peer chose: "..",
    /// slashes (sent as %2F) and any byte are possible, and a tail may begin with '/' ("/files//etc").
    std::vector<std::pair<std::string, std::string>> params;
  };

  /// @throws std::invalid_argument naming both patterns if one that matches the same paths is in the table already
  void insert(pattern route, T value) {
    auto added = std::make_unique<const entry>(entry{std::move(route), std::move(value)});
    auto& slot = slot_for(added->route);
    if (slot)
      throw std::invalid_argument{
          "duplicate route '" + added->route.to_string() + "': '" + slot->route.to_string() + "' is registered already"};
    entries_.push_back(std::move(added));
    slot = entries_.back().get();
  }

  /// @param path the part of a request target before its '?', not decoded
  /// @return nothing if no pattern matches, a %XX is malformed or the path has over `max_segments` segments
  [[nodiscard]] std::optional<match> find(std::string_view path) const {
    if (!root_)
      return std::nullopt;
    const path_segments segments{path};
    if (!segments.valid())
      return std::nullopt;
    const auto* found = search(*root_, segments, 0);
    if (!found)
      return std::nullopt;
    return match{&found->value, params_of(found->route, segments)};
  }

  /// Calls `visit(const pattern&, const T&)` for every entry in the order of registration.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& each : entries_)
      visit(each->route, each->value);
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

private:
  struct entry {
    pattern route;
    T value;
  };

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  struct node {
    std::unordered_map<std::string, std::unique_ptr<node>, text_hash, std::equal_to<>> literals;
    std::unique_ptr<node> param;
    const entry* here = nullptr; // the pattern that ends at this node
    const entry* tail = nullptr; // the pattern that goes on with '*'
  };

  /// The trie's pointer to the entry of `route`. Creates the nodes on the way.
  const entry*& slot_for(const pattern& route) {
    if (!root_)
      root_ = std::make_unique<node>();
    auto* at = root_.get();
    for (const auto& [kind, text] : route.segments()) {
      if (kind == segment_kind::tail)
        return at->tail;
      auto& child = kind == segment_kind::param ? at->param : at->literals[text];
      if (!child)
        child = std::make_unique<node>();
      at = child.get();
    }
    return at->here;
  }

  // Terminates: every call is for the next segment, of which there are at most `max_segments`, so the recursion is no deeper.
  // A node is reached from its parent only, so no lookup visits one twice. It branches only where the table has both a literal
  // that equals the segment and a parameter: a path cannot make more branches than the program registered.
  static const entry* search(const node& at, const path_segments& path, std::size_t index) {
    if (index == path.size())
      return at.here ? at.here : at.tail;
    if (const auto child = at.literals.find(path[index]); child != at.literals.end())
      if (const auto* found = search(*child->second, path, index + 1))
        return found;
    if (at.param && !path[index].empty())
      if (const auto* found = search(*at.param, path, index + 1))
        return found;
    return at.tail;
  }

  static std::vector<std::pair<std::string, std::string>> params_of(const pattern& route, const path_segments& path) {
    std::vector<std::pair<std::string, std::string>> result;
    std::size_t index = 0;
    for (const auto& [kind, text] : route.segments()) {
      if (kind == segment_kind::param)
        result.emplace_back(text, path[index]);
      else if (kind == segment_kind::tail)
        result.emplace_back(text, path.join_from(index));
      ++index;
    }
    return result;
  }

  std::vector<std::unique_ptr<const entry>> entries_; // in the order of registration
  std::unique_ptr<node> root_;
};

} // namespace harpia::inline v0::routing
