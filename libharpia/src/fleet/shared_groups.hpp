// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine.hpp"
#include "fleet/group_link.hpp"
#include "fleet/publish_queue.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::fleet {

/// What the members of shared groups on a node are told. No function may throw. They may call any function of `shared_groups`.
class shared_groups_events {
public:
  virtual void on_engine(link_state state) = 0;
  /// The group has a place in its history: whoever joins it now stands there.
  virtual void on_stand(std::string_view group, const bookmark& where) = 0;
  /// The next message of the group, for all members. It continues what they were told last.
  /// @param ticket if it is one of this node's and `on_published` has not told of it yet; otherwise 0
  virtual void on_message(std::string_view group, const stored_message& message, std::uint64_t ticket) = 0;
  /// What follows does not continue what members were told. It is behind `where`.
  virtual void on_reset(std::string_view group, reset_reason reason, const bookmark& where) = 0;
  /// Once for each message that `publish` accepted.
  virtual void on_published(const published& result) = 0;

protected:
  ~shared_groups_events() = default;
};

/// The shared groups of one node: a link for each group that has members here, the queue of what the node publishes, and the engine that
/// both talk to. Knows nothing of who the members are.
///
/// Not thread-safe. All calls and events are on the engine's thread.
class shared_groups final : private engine_events {
public:
  struct options {
    std::uint64_t incarnation = 0; ///< of the node, a random number; not 0
    group_link_options links = {}; ///< but for their history
    std::function<history_limits(std::string_view group)> history = [](std::string_view) { return history_limits{}; };
    publish_limits publishing = {};
    std::size_t history_bytes = history_budget::usual; ///< of all groups together
  };

  /// @param hub, events outlive this object
  shared_groups(engine& hub, shared_groups_events& events, const options& how);
  ~shared_groups() = default;
  shared_groups(const shared_groups&) = delete;
  shared_groups& operator=(const shared_groups&) = delete;

  void start() { engine_->start(*this); }
  /// The first member of a group has come. Does nothing if the group is followed already.
  void follow(std::string_view group);
  /// The last member has gone.
  void leave(std::string_view group);
  /// Publishes to a group, whether it is followed or not. To one that is followed the message is sent once the group stands, so that
  /// whoever joins and then publishes gets it. @param ticket not 0; comes back with the outcome
  [[nodiscard]] publish_status publish(std::string_view group, shared_content what, std::uint64_t ticket, time_point now);
  /// The time that `due` returned has come.
  void expire(time_point now);
  [[nodiscard]] time_point due() const noexcept;
  /// Gives up what is not answered. Outcomes come from inside of the call; then nothing comes.
  void stop();

  /// @return the link of a group that is followed; otherwise null
  [[nodiscard]] group_link* find(std::string_view group) noexcept;
  /// Whether `on_message` will come for a message that is stored there, or `on_reset`.
  [[nodiscard]] bool awaits(std::string_view group, const position& where) noexcept;
  [[nodiscard]] const publish_queue& publishing() const noexcept { return queue_; }
  [[nodiscard]] link_state engine_state() const noexcept { return state_; }
  /// Of all groups since the start.
  [[nodiscard]] const group_link::statistics& counts() const noexcept { return counts_; }

private:
  struct followed {
    followed(std::string_view group, const group_link_options& how, ticket_counter& tickets, history_budget& budget)
        : link{std::string{group}, how, tickets, budget} {}

    group_link link;
    time_point due = time_point::max();     // of its timer
    std::vector<publish_request> held = {}; // until it stands; bounded as the queue
    group_link::statistics counted = {};    // of the link, as far as they are in `counts_`
  };
  using groups = std::map<std::string, std::shared_ptr<followed>, std::less<>>;
  using timer = std::pair<time_point, const std::string*>; // the map owns the names

  void on_link(link_state state, time_point now) override;
  void on_watched(std::string_view group, time_point now) override;
  void on_pushed(std::string_view group, const stored_message& message, time_point now) override;
  void on_synced(const sync_answer& answer, time_point now) override;
  void on_outcome(const publish_answer& answer, time_point now) override;

  void carry_out(groups::iterator of);
  void carry_out(std::string_view group, const group_link::action& what);
  void set_timer(groups::iterator of);
  void send();
  void send(publish_request what);
  void count(followed& of) noexcept;

  engine* engine_;
  shared_groups_events* events_;
  const options options_;
  history_budget budget_;
  ticket_counter tickets_;
  groups groups_;          // bounded by the groups that members of this node are in
  std::set<timer> timers_; // of the groups that have one
  publish_queue queue_;
  link_state state_ = link_state::down;
  group_link::statistics counts_;
};

} // namespace harpia::inline v0::fleet
