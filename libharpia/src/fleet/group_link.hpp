// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine_messages.hpp"
#include "fleet/held_messages.hpp"
#include "fleet/history_ring.hpp"
#include "fleet/seen_publishers.hpp"
#include <harpia/engine.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace harpia::inline v0::fleet {

struct group_link_options {
  held_messages::limits held = {};
  history_limits history = {};
  std::size_t max_stored = 1024;                                    ///< of this node's messages that are not delivered yet
  std::size_t max_entries = 256;                                    ///< of one synchronisation
  std::chrono::milliseconds retry = std::chrono::milliseconds{250}; ///< before a synchronisation that failed is tried again
  /// For how long a message that cannot be placed, or one of this node's own that was stored, may stay without an explanation.
  std::chrono::milliseconds doubt = std::chrono::seconds{1};
  std::chrono::milliseconds state_ttl = std::chrono::hours{1}; ///< after which the engine forgets an unused group
};

/// Hands out the numbers of a node's synchronisations.
class ticket_counter {
public:
  [[nodiscard]] std::uint64_t next() noexcept { return ++last_; }

private:
  std::uint64_t last_ = 0;
};

/// One shared group on one node: makes one gapless order of what an engine tells of it.
///
/// A message that the engine pushes is delivered if it continues the one delivered last: epoch, offset, and the id of its predecessor.
/// Otherwise it is held and the group is synchronised. The answer settles all that was held when the question was asked: it has been
/// delivered, it is delivered now, or it belongs to no history any more. So nothing is asked twice for the same reason.
///
/// If the engine has another history, `reset` is told, the link stands behind the last message that both have, and what follows it is
/// delivered. Never a gap without a `reset`; no message twice.
///
/// A plain state machine: inputs are the events of an engine and the time, what it wants comes out of `take_actions`, in the order in which
/// it is to be done. Not thread-safe.
class group_link {
public:
  /// The link has found its place; members that join now stand here.
  struct stand {
    bookmark where;
  };
  struct deliver {
    stored_message message;
  };
  /// What follows is not what follows what was delivered. It is behind `where`.
  struct reset {
    reset_reason reason;
    bookmark where;
  };
  struct ask {
    sync_request what;
  };
  using action = std::variant<stand, deliver, reset, ask>;

  /// @param tickets, budget outlive the link
  group_link(std::string group, const group_link_options& options, ticket_counter& tickets, history_budget& budget);

  // What happened. Before the first `on_watched` only `on_link` and `on_pushed` may come.

  void on_link(link_state state);
  void on_watched();
  void on_pushed(const stored_message& message, time_point now);
  /// Answers with another ticket than the last one's are ignored.
  void on_synced(const sync_answer& answer, time_point now);
  /// This node's message was stored there. If it is not delivered in time, something was missed.
  void on_stored(const bookmark& where, time_point now);
  /// The time that `due` returned has come.
  void expire(time_point now);

  // What it wants

  [[nodiscard]] std::vector<action> take_actions() noexcept { return std::exchange(actions_, {}); }
  /// When `expire` is due; `time_point::max()`: never.
  [[nodiscard]] time_point due() const noexcept;

  /// The message delivered last, or where the link stands. @return nothing before `stand`
  [[nodiscard]] const std::optional<bookmark>& last() const noexcept { return last_; }
  /// A message that was stored for certain, by which an engine can find out that it has forgotten some: of those that it has not confirmed
  /// since, the oldest one.
  [[nodiscard]] std::optional<bookmark> seen() const noexcept;
  [[nodiscard]] history_ring& history() noexcept { return ring_; }
  [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }

  struct statistics {
    std::uint64_t synchronisations = 0;
    std::uint64_t filled = 0; ///< messages that came by a synchronisation
    std::uint64_t resets = 0;
  };
  [[nodiscard]] const statistics& counts() const noexcept { return counts_; }

private:
  enum class syncing : std::uint8_t {
    no,
    waiting, // for a connection, or for `retry_due_`
    asked,
  };

  enum class page : bool { last, more };

  void synchronise();
  void ask_now();
  void begin(const bookmark& top, time_point now);
  [[nodiscard]] page follow(const sync_answer& answer, time_point now);
  void change_history(const sync_answer& answer, time_point now);
  void lose(const bookmark& top);
  void stand_at(const bookmark& where) noexcept;
  void reset_to(const bookmark& where, reset_reason reason);
  void advance(const stored_message& message, time_point now);
  void advance_held(time_point now);
  void settle(time_point now);
  void place_old(const stored_message& message, time_point now);
  void suspect(const bookmark& other) noexcept;
  void doubt(time_point now) noexcept;
  [[nodiscard]] bool is_behind() const noexcept;
  [[nodiscard]] bool contradicts(const bookmark& other) const noexcept;
  [[nodiscard]] bool has_left(std::uint64_t epoch) const noexcept;

  const std::string group_;
  const group_link_options options_;
  ticket_counter* tickets_;
  history_ring ring_;
  seen_publishers seen_;
  held_messages held_;
  std::optional<bookmark> last_;
  std::optional<bookmark> known_; // the newest message that is stored for certain
  std::optional<bookmark>
      suspected_; // one that is stored for certain and contradicts what was delivered; until the engine has seen it
  // This node's messages that are stored for certain and not delivered yet, of one epoch, oldest first; bounded by max_stored.
  std::deque<bookmark> stored_;
  std::array<std::uint64_t, 4> left_{}; // epochs that were left last; messages of theirs may still be on their way
  std::size_t next_left_ = 0;
  std::vector<action> actions_; // taken after each input; bounded by max_entries and what is held
  std::uint64_t ticket_ = 0;    // of the last question
  time_point retry_due_ = time_point::max();
  time_point doubt_due_ = time_point::max();
  time_point heard_{}; // the last message, or the first answer
  statistics counts_;
  syncing syncing_ = syncing::no;
  bool again_ = false;    // a reason for another synchronisation has come up since the question was asked
  bool doubtful_ = false; // a message came that could not be placed
  bool connected_ = false;
};

} // namespace harpia::inline v0::fleet
