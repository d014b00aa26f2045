// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/memory_engine.hpp"
#include "fleet/memory_store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

namespace harpia::inline v0::fleet {

/// An engine in memory, as its server is: what the engines of several nodes in one process share. It numbers, keeps and spreads messages as
/// a Redis server with harpia's scripts does, and it can fail in the ways such a server, its replicas and the network can.
///
/// Nothing happens by itself. `step` lets one thing happen, chosen by a random number among all that can: so connections overtake one
/// another, while the order on each is kept. `run` lets everything happen. The same calls and random numbers give the same events.
///
/// *Thread safety*: none, of the broker and its engines together. Neither `step` nor `run` nor a fault may be called from an event.
class memory_broker {
public:
  struct options {
    memory_store::history_of history = [](std::string_view) { return history_limits{}; };
    std::uint64_t seed = 1; ///< of the epochs
  };

  /// What becomes of commands that were sent over a connection that has ended.
  enum class requests : std::uint8_t {
    lost, ///< they are not carried out
    late, ///< they are carried out some steps later, and nobody hears the replies
  };

  /// Commands by which a replica may be behind.
  static constexpr std::size_t max_lag = 64;

  memory_broker() : memory_broker{options{}} {}
  explicit memory_broker(const options& how);
  memory_broker(const memory_broker&) = delete;
  memory_broker& operator=(const memory_broker&) = delete;

  // What happens

  /// Lets one thing happen. @return false: there was nothing that could
  bool step(std::mt19937_64& random);
  /// Lets everything happen that can without time passing.
  void run();
  /// Lets time pass.
  void advance(std::chrono::milliseconds time) noexcept { now_ += time; }
  [[nodiscard]] time_point now() const noexcept { return now_; }

  // Faults

  /// Ends connections of one node.
  void cut(memory_engine& who, memory_connection which, requests what = requests::lost);
  /// The next messages that the broker writes to a node's subscription, so many, do not arrive. A network does no such thing.
  void lose_pushes(memory_engine& who, std::size_t count = 1) noexcept { who.connections().pushes_to_lose += count; }
  /// From now on, what the broker writes to a node's subscription goes nowhere, or does again.
  void swallow(memory_engine& who) noexcept { who.connections().swallows = true; }
  void end_swallowing(memory_engine& who) noexcept { who.connections().swallows = false; }
  /// A command of a node that is on its way will be answered by an error. @param place among those, from the oldest on
  /// @return whether there is such a command
  bool fail_request(memory_engine& who, std::size_t place, std::string error);
  /// A replica takes over which lacks the last `commands`, at most `max_lag`. All connections end.
  void fail_over(std::size_t commands);
  /// It restarts and has kept nothing. All connections end.
  void restart_empty();
  /// It is away until `come_back`. All connections end.
  void go_away();
  void come_back() noexcept { there_ = true; }

  // For engines

  void join(memory_engine& who) { engines_.push_back(&who); }
  void leave(memory_engine& who, requests what);
  [[nodiscard]] bool is_there() const noexcept { return there_; }
  void serve_request(memory_connections& of);
  void serve_interest(memory_connections& of);

private:
  struct command {
    std::variant<publish_request, sync_request> what;
    std::uint64_t fresh; // epoch
    time_point when;
  };
  [[nodiscard]] std::optional<memory_connections::reply> carry_out(const memory_connections::request& asked);
  void spread(const std::string& group, const stored_message& message, publish_answer& told);
  void follow(command what);
  void replicate_oldest();
  void serve_late(std::size_t which);
  void cut_all();
  [[nodiscard]] std::uint64_t fresh_epoch();

  options options_;
  std::mt19937_64 epochs_;
  time_point now_{};
  bool there_ = true;
  memory_store store_;
  memory_store replica_;
  std::deque<command> lag_;             // that the replica has not carried out; bounded by max_lag
  std::vector<memory_engine*> engines_; // between `start` and `stop`
  std::vector<std::deque<memory_connections::request>>
      late_; // commands of connections that have ended; bounded by what those had sent
};

} // namespace harpia::inline v0::fleet
