// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/stored_message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace harpia::inline v0::fleet {

/// How a node and its engine are connected.
enum class link_state : std::uint8_t {
  down,      ///< nothing can be asked, or nothing can be heard
  connected, ///< requests are answered; whether everything is heard is not proven yet
  green,     ///< a fence was heard lately: everything that was stored before it was heard
};

/// What a synchronisation is for.
enum class sync_intent : std::uint8_t {
  follow,  ///< of a node: a history that has forked gets a new epoch
  recover, ///< for a member, whose word is not trusted: changes nothing, and has entries only if the state is `same`
};

/// What does the group's history have behind a bookmark?
struct sync_request {
  std::uint64_t ticket = 0; ///< comes back with the answer
  std::string group;
  std::optional<bookmark> since = {}; ///< nothing: where does it end?
  std::optional<bookmark> seen = {};  ///< the newest message that this node knows to have been stored
  std::size_t limit = 256;            ///< of entries in an answer
  sync_intent intent = sync_intent::follow;
};

enum class sync_state : std::uint8_t {
  start,    ///< stand at the top; no entries
  same,     ///< the entries follow the bookmark, the oldest ones first up to the limit
  gone,     ///< history does not reach back to the bookmark; no entries
  other,    ///< the group has another epoch, perhaps since `seen` is not of this history; its newest entries
  diverged, ///< `since` or `seen` is not of this history; `follow`: its epoch is a new one from now on; its newest entries
  failed,   ///< not answered: the connection ended, or the engine cannot now
};

struct sync_answer {
  std::uint64_t ticket = 0;
  std::string group;
  sync_state state = sync_state::failed;
  bookmark top = {}; ///< the newest message; meaningless if it failed
  /// Without gaps, oldest first, at most as many as asked for. They end at the top, unless the state is `same` and there are more.
  std::vector<stored_message> entries = {};
};

/// A message on its way to the engine.
struct publish_request {
  std::string group;
  message_id id;
  std::uint64_t ticket = 0; ///< as given to `publish_queue::publish`; means nothing to the engine
  /// All of this node's earlier messages to the group are settled: only then may its number leave out some.
  enum class place : std::uint8_t { oldest, follows } in_flight = place::oldest;
  shared_content what;
  /// The newest message that this node knows to have been stored. An engine that has less has forgotten it, and begins a new epoch.
  std::optional<bookmark> seen = {};
};

enum class publish_result : std::uint8_t {
  stored,       ///< by this request or by an earlier one with the same id
  duplicate,    ///< a message with the same unique key is stored; this one is not
  out_of_order, ///< not stored, since one before it is missing
  not_now,      ///< not stored; the engine cannot now
  refused,      ///< not stored, and never will be
  lost,         ///< the connection ended before an answer came: it may be stored, now or later
};

struct publish_answer {
  std::string group;
  message_id id; ///< that of the message that is stored, if it is this one
  publish_result result = publish_result::lost;
  /// Of the message that is stored; nothing if the engine does not know any more, or none is.
  std::optional<position> at = {};
  std::size_t nodes = 0; ///< to how many nodes the engine gave it
  std::string why = {};  ///< the engine's words, if it was refused or cannot now
};

} // namespace harpia::inline v0::fleet
