// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/pinned_actor.hpp"
#include "groups/group_home.hpp"
#include "groups/group_shard.hpp"

#include <harpia/actors.hpp>

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace harpia::inline v0::detail {

/// The actor of a group, see <harpia/actors.hpp>. It forwards the group's messages to members that are not connections, and notifies
/// watchers of members that join and leave. Spawned on demand. It subscribes on its loop once, for all its members.
class broadcast_group final : public pinned_actor, private group_member {
public:
  broadcast_group(caf::actor_config& config, loop_scheduler& home, group_shard& shard, std::shared_ptr<group_home> group);
  ~broadcast_group() override;

  const char* name() const override { return "harpia.group"; }

private:
  struct watcher {
    caf::actor who;
    std::uint64_t last_change; // number of a change; the watcher gets the changes after it
  };

  caf::behavior make_behavior() override;
  void on_exit() override;
  void deliver(const publication& message, receipt& sum) override;
  [[nodiscard]] caf::strong_actor_ptr actor() override { return caf::strong_actor_ptr{ctrl()}; }

  void join(const caf::strong_actor_ptr& who);
  void leave(const caf::actor_addr& who);
  void unwatch(const caf::actor_addr& who);
  void forget(const caf::actor_addr& who);
  void on_down(const caf::actor_addr& who);
  caf::result<std::uint64_t, std::uint64_t, std::uint64_t> publish(const std::string& text);
  caf::result<group_members> members();
  std::uint64_t watch(const caf::strong_actor_ptr& who);
  void notify_watchers(const member_change& event);
  void update_self_reference();

  group_shard* shard_;
  std::shared_ptr<group_home> group_;
  group_shard::subscriptions subscriptions_;
  std::map<caf::actor_addr, caf::actor> members_;
  std::map<caf::actor_addr, watcher> watchers_;
  caf::strong_actor_ptr self_; // set while there are members or watchers
};

} // namespace harpia::inline v0::detail
