// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine.hpp"
#include "fleet/fence.hpp"
#include "fleet/memory_connections.hpp"

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>

namespace harpia::inline v0::fleet {

class memory_broker;

/// What can happen next on the connections of a memory engine.
enum class memory_step : std::uint8_t {
  connect_commands,
  connect_subscription,
  serve_request,  ///< the broker carries out the oldest command
  serve_interest, ///< the broker takes note of the oldest change of what is watched
  take_reply,     ///< the node hears the oldest reply
  take_notice,    ///< the node hears the oldest notice
  take_refusal,   ///< the node is told of a call that was made without a connection
  tick,           ///< a time of the fence has come
};
inline constexpr std::size_t memory_steps = 8;

enum class memory_connection : std::uint8_t { commands, subscription, both };

/// One node's engine in memory. All engines of a broker are one fleet. Nothing happens by itself: the broker's `step` and `run` let things
/// happen, one after the other, and from there come the events.
///
/// To destroy it without `stop` is the sudden end of a node: what it has sent is carried out later.
class memory_engine final : public engine {
public:
  /// @param broker outlives the engine
  explicit memory_engine(memory_broker& broker, const fence::options& fences = {});
  ~memory_engine() override;
  memory_engine(const memory_engine&) = delete;
  memory_engine& operator=(const memory_engine&) = delete;

  void start(engine_events& events) override;
  void watch(std::string_view group) override;
  void unwatch(std::string_view group) override;
  void sync(const sync_request& asked) override;
  void publish(const publish_request& asked) override;
  void stop() override;

  // For the broker

  [[nodiscard]] bool can(memory_step next) const noexcept;
  void make(memory_step next);
  /// A connection ends. Whatever was not answered on it is lost.
  void lose(memory_connection which);
  [[nodiscard]] memory_connections& connections() noexcept { return on_; }
  [[nodiscard]] link_state link() const noexcept { return told_; }

private:
  struct unconfirmed {
    std::string group;
    time_point since;
  };

  void send(memory_connections::request what);
  void ask_to_watch(const std::string& group);
  void connect_subscription();
  void hear(const memory_connections::reply& what);
  void hear(const memory_connections::notice& what);
  void hear_watched(const std::string& group);
  void lose_requests();
  void tick();
  void tell_link();
  void start_fence();
  [[nodiscard]] bool misses_a_confirmation() const noexcept;
  [[nodiscard]] time_point due() const noexcept;

  memory_broker* broker_;
  fence::options fences_;
  engine_events* events_ = nullptr; // null before `start` and after `stop`
  memory_connections on_;
  fence fence_;
  std::set<std::string, std::less<>> watched_;     // bounded by the calls of `watch`
  std::deque<unconfirmed> unconfirmed_;            // asked to be watched and not heard of; bounded by fence::options::within
  std::deque<memory_connections::reply> refusals_; // of calls without a connection; bounded by those who call
  link_state told_ = link_state::down;
};

} // namespace harpia::inline v0::fleet
