// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/memory_broker.hpp"
#include "support/fleet_checker.hpp"
#include "support/fleet_messages.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::test {

/// What may go wrong in a simulation: of 1,000 steps, so many begin with it.
struct fault_rates {
  unsigned lost_push = 0;
  unsigned cut = 0;
  unsigned fail_over = 0; ///< a replica takes over that has not all
  unsigned restart = 0;   ///< with nothing kept
  unsigned error_reply = 0;
  unsigned swallow = 0;
  unsigned away = 0;
  unsigned kill = 0; ///< of a node
};

struct simulation_options {
  fault_rates faults;
  std::size_t nodes = 3;
  std::size_t groups = 2;
  std::size_t steps = 500;
  std::size_t history = 32;
  /// The mutant: what is pushed is delivered as it comes, without a look at the chain, and nothing is filled.
  enum class chain : std::uint8_t { kept, bypassed } chain = chain::kept;
};

/// Stands between a node and its engine and gives what is pushed to `events` at once, from where the group stands at first. Nothing is
/// asked for later.
class bypass final : public fleet::engine, private fleet::engine_events {
public:
  bypass(fleet::engine& inner, fleet::shared_groups_events& events) : inner_{&inner}, members_{&events} {}

  void start(fleet::engine_events& events) override {
    events_ = &events;
    inner_->start(*this);
  }
  void watch(std::string_view group) override { inner_->watch(group); }
  void unwatch(std::string_view group) override { inner_->unwatch(group); }
  void sync(const fleet::sync_request& asked) override {
    if (!asked.since)
      inner_->sync(asked);
  }
  void publish(const fleet::publish_request& asked) override { inner_->publish(asked); }
  void stop() override { inner_->stop(); }

private:
  void on_link(fleet::link_state state, fleet::time_point now) override { events_->on_link(state, now); }
  void on_watched(std::string_view group, fleet::time_point now) override { events_->on_watched(group, now); }
  void on_pushed(std::string_view group, const fleet::stored_message& message, fleet::time_point) override {
    auto& [start, early] = groups_[std::string{group}];
    if (!start)
      early.push_back(message);
    else if (message.at.epoch != start->epoch || message.at.offset > start->offset)
      members_->on_message(group, message, 0);
  }
  void on_synced(const fleet::sync_answer& answer, fleet::time_point now) override {
    events_->on_synced(answer, now);
    auto& [start, early] = groups_[answer.group];
    if (start || answer.state == fleet::sync_state::failed)
      return;
    start = answer.top.at;
    for (const auto& each : std::exchange(early, {}))
      on_pushed(answer.group, each, now);
  }
  void on_outcome(const fleet::publish_answer& answer, fleet::time_point now) override { events_->on_outcome(answer, now); }

  fleet::engine* inner_;
  std::map<std::string, std::pair<std::optional<position>, std::vector<fleet::stored_message>>> groups_;
  fleet::engine_events* events_ = nullptr;
  fleet::shared_groups_events* members_;
};

/// A node of a simulated fleet, with a diary of each group.
class simulated_node final : private fleet::shared_groups_events {
public:
  simulated_node(fleet::memory_broker& broker, fleet_checker& checker, std::uint64_t incarnation, const simulation_options& how)
      : broker_{&broker}, checker_{&checker}, incarnation_{incarnation}, engine_{broker}, bypass_{engine_, *this},
        groups_{how.chain == simulation_options::chain::kept ? static_cast<fleet::engine&>(engine_) : bypass_,
                *this,
                {.incarnation = incarnation,
                 .history = [size = how.history](std::string_view) { return fleet::history_limits{.size = size}; }}} {
    for (std::size_t i = 0; i < how.groups; ++i)
      diaries_.emplace(name_of(i), checker.make_diary());
    groups_.start();
    for (const auto& [name, diary] : diaries_)
      groups_.follow(name);
  }
  ~simulated_node() {
    for (const auto ticket : open_)
      checker_->forget(ticket);
    checker_->died(incarnation_);
  }

  [[nodiscard]] static std::string name_of(std::size_t group) { return "g" + std::to_string(group); }

  void publish(const std::string& group, std::uint64_t ticket) {
    open_.insert(ticket);
    checker_->accepted(ticket);
    if (groups_.publish(group, content_of(std::to_string(ticket)), ticket, broker_->now()) == publish_status::refused) {
      open_.erase(ticket);
      checker_->forget(ticket);
    }
  }
  void expire() {
    if (broker_->now() >= groups_.due())
      groups_.expire(broker_->now());
  }
  void stop() { groups_.stop(); }

  [[nodiscard]] fleet::memory_engine& engine() noexcept { return engine_; }
  [[nodiscard]] fleet::shared_groups& groups() noexcept { return groups_; }
  [[nodiscard]] const std::map<std::string, group_diary>& diaries() const noexcept { return diaries_; }

private:
  void on_engine(fleet::link_state) override {}
  void on_stand(std::string_view group, const fleet::bookmark& where) override { diary(group).stand(where); }
  void on_message(std::string_view group, const fleet::stored_message& message, std::uint64_t) override {
    diary(group).message(message);
    checker_->message(group, message);
  }
  void on_reset(std::string_view group, reset_reason, const fleet::bookmark& where) override { diary(group).reset(where); }
  void on_published(const fleet::published& result) override {
    open_.erase(result.ticket);
    checker_->published(result);
  }
  group_diary& diary(std::string_view group) { return diaries_.find(std::string{group})->second; }

  fleet::memory_broker* broker_;
  fleet_checker* checker_;
  std::uint64_t incarnation_;
  fleet::memory_engine engine_;
  bypass bypass_;
  fleet::shared_groups groups_;
  std::map<std::string, group_diary> diaries_;
  std::set<std::uint64_t> open_;
};

/// A fleet in memory, its publishers and its bad luck. The same seed gives the same run.
class simulation {
public:
  simulation(std::uint64_t seed, const simulation_options& how)
      : how_{how}, random_{seed},
        broker_{
            {.history = [size = how.history](std::string_view) { return fleet::history_limits{.size = size}; }, .seed = seed}} {
    for (std::size_t i = 0; i < how.nodes; ++i)
      start_node();
    settle();
  }

  /// Publishes and fails for a while, then lets everything mend, and looks at what has come of it.
  void run() {
    for (std::size_t i = 0; i < how_.steps; ++i) {
      fail_perhaps();
      if (one_in(10))
        publish_somewhere();
      else
        (void)broker_.step(random_);
      pass(one_in(100) ? 300 : random_() % 4);
    }
    mend();
    check();
  }

  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return checker_.violations(); }
  [[nodiscard]] const fleet_checker& checker() const noexcept { return checker_; }
  [[nodiscard]] fleet::memory_broker& broker() noexcept { return broker_; }
  [[nodiscard]] simulated_node& node(std::size_t i) { return *nodes_[i]; }
  void publish(simulated_node& who, std::size_t group) { who.publish(simulated_node::name_of(group), ++tickets_); }
  /// Lets everything happen that can.
  void settle() {
    broker_.run();
    pass(0);
    broker_.run();
  }
  /// Lets time pass.
  void pass(std::uint64_t milliseconds) {
    broker_.advance(std::chrono::milliseconds{milliseconds});
    for (auto& each : nodes_)
      each->expire();
  }

private:
  [[nodiscard]] bool one_in(std::uint64_t count) { return random_() % count == 0; }
  [[nodiscard]] simulated_node& any_node() { return *nodes_[random_() % nodes_.size()]; }

  void start_node() { nodes_.push_back(std::make_unique<simulated_node>(broker_, checker_, ++incarnations_, how_)); }
  void publish_somewhere() { publish(any_node(), random_() % how_.groups); }

  void fail_perhaps() {
    const auto& rates = how_.faults;
    const auto is_due = [this](unsigned rate) { return rate > 0 && random_() % 1000 < rate; };
    if (is_due(rates.lost_push))
      broker_.lose_pushes(any_node().engine());
    if (is_due(rates.cut))
      broker_.cut(any_node().engine(), static_cast<fleet::memory_connection>(random_() % 3),
                  one_in(2) ? fleet::memory_broker::requests::late : fleet::memory_broker::requests::lost);
    if (is_due(rates.fail_over)) {
      checker_.fork();
      broker_.fail_over(1 + random_() % 8);
    }
    if (is_due(rates.restart))
      broker_.restart_empty();
    if (is_due(rates.error_reply))
      fail_a_request();
    if (is_due(rates.swallow))
      broker_.swallow(any_node().engine());
    if (is_due(rates.swallow))
      broker_.end_swallowing(any_node().engine());
    if (is_due(rates.away))
      broker_.go_away();
    if (is_due(rates.away * 4))
      broker_.come_back();
    if (is_due(rates.kill)) {
      nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(random_() % nodes_.size()));
      start_node();
    }
  }
  void fail_a_request() {
    static constexpr std::array<std::string_view, 7> errors{
        "LOADING", "READONLY", "MASTERDOWN", "OOM", "CLUSTERDOWN", "NOSCRIPT", "BUSY"};
    auto& who = any_node().engine();
    if (const auto sent = who.connections().requests.size(); sent > 0)
      (void)broker_.fail_request(who, random_() % sent, std::string{errors[random_() % errors.size()]} + " not now");
  }

  void mend() {
    broker_.come_back();
    for (auto& each : nodes_) {
      broker_.end_swallowing(each->engine());
      each->engine().connections().pushes_to_lose = 0;
    }
    // Longer than any outcome takes.
    for (int i = 0; i < 160; ++i) {
      settle();
      pass(250);
    }
    // A push that nothing follows is missed until something does.
    for (std::size_t i = 0; i < how_.groups; ++i)
      publish(*nodes_.front(), i);
    for (int i = 0; i < 8; ++i) {
      settle();
      pass(250);
    }
  }

  void check() {
    for (std::size_t i = 0; i < how_.groups; ++i) {
      const auto group = simulated_node::name_of(i);
      const auto& end = nodes_.front()->diaries().at(group).last();
      for (const auto& each : nodes_) {
        const auto& diary = each->diaries().at(group);
        checker_.check_complete(group, diary);
        if (diary.last() != end)
          checker_.blame("nodes end at different places of " + group);
      }
    }
    checker_.check_outcomes();
  }

  simulation_options how_;
  std::mt19937_64 random_;
  fleet_checker checker_;
  fleet::memory_broker broker_;
  std::vector<std::unique_ptr<simulated_node>> nodes_;
  std::uint64_t incarnations_ = 0;
  std::uint64_t tickets_ = 0;
};

} // namespace harpia::test
