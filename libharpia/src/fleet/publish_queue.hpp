// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "fleet/engine_messages.hpp"
#include <harpia/engine.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::fleet {

/// What became of a message that was accepted; never `local`.
using outcome = publish_outcome;

struct published {
  std::uint64_t ticket = 0; ///< as given to `publish`
  std::string group = {};
  outcome what = outcome::unknown;
  message_id id = {};              ///< none if it was never sent
  std::optional<position> at = {}; ///< where it is stored, or the one that it is a duplicate of, if the engine knows it
  std::size_t nodes = 0;           ///< to how many nodes the engine gave it
  std::string why = {};            ///< the engine's words, if it was refused
};

struct publish_limits {
  std::size_t max_bytes = std::size_t{64} << 20U; ///< of all messages that wait for an answer
  std::size_t max_messages = 100'000;
  std::chrono::milliseconds max_age = std::chrono::seconds{30}; ///< after which a message is given up
  std::size_t in_flight = 1024; ///< messages of a group that are sent before the first is answered
  std::chrono::milliseconds retry =
      std::chrono::milliseconds{100}; ///< before messages are sent again that the engine cannot take now
};

/// What a node publishes to shared groups, until the engine has answered. Each message that is accepted gets exactly one outcome.
///
/// Messages of a group have consecutive numbers and are sent in their order. If one fails for now, those behind it fail too, by the
/// engine's look at the numbers; then all are sent again, from the oldest on, once the answers of all have come. So each is stored once and
/// in order, over reconnects and errors, although many are under way at a time. Groups do not wait for one another.
///
/// A plain state machine; not thread-safe.
class publish_queue {
public:
  /// @param incarnation of the node; not 0
  explicit publish_queue(std::uint64_t incarnation, const publish_limits& limits = {}) noexcept
      : incarnation_{incarnation}, limits_{limits} {}
  publish_queue(const publish_queue&) = delete;
  publish_queue& operator=(const publish_queue&) = delete;

  /// @param ticket comes back with the outcome
  [[nodiscard]] publish_status publish(std::string_view group, shared_content what, std::uint64_t ticket, time_point now);

  // What happened

  void on_link(link_state state, time_point now);
  void on_answer(const publish_answer& answer, time_point now);
  /// This node has heard its own message: it is stored there. If its answer is lost, it is not sent again.
  void on_heard(std::string_view group, const message_id& id, const position& where);
  /// The time that `due` returned has come.
  void expire(time_point now);
  /// The node stops: gives everything up that is not answered.
  void stop();

  // What it wants

  /// What to send to the engine, in this order. They lack `seen`.
  [[nodiscard]] std::vector<publish_request> take_requests() noexcept { return std::exchange(requests_, {}); }
  [[nodiscard]] std::vector<published> take_outcomes() noexcept { return std::exchange(outcomes_, {}); }
  /// When `expire` is due; `time_point::max()`: never.
  [[nodiscard]] time_point due() const noexcept;

  /// The ticket of a message that was sent and not answered; 0 if there is none with that id.
  [[nodiscard]] std::uint64_t ticket_of(std::string_view group, const message_id& id) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  struct lane;
  struct entry {
    std::pair<const std::string, lane>* of;
    shared_content what;
    std::uint64_t ticket;
    std::uint64_t number; // 0: never sent
    time_point since;
    bool in_flight;
    bool uncertain;                // an answer of it was lost
    std::optional<bookmark> heard; // where it is stored, if it was heard before its answer
    std::uint64_t attempts = 0;
  };
  using place = std::list<entry>::iterator;

  // The messages of one group. It exists while there are any.
  struct lane {
    std::deque<place> entries; // in order; bounded with all others
    std::size_t in_flight = 0; // they are the first ones, unless `failing`
    std::uint64_t last = 0;    // number that was given out last
    bool failing = false;      // one has failed: nothing is sent until none is in flight and `retry` has come
    time_point retry{};
  };
  using lanes = std::map<std::string, lane, std::less<>>;

  [[nodiscard]] std::optional<place> find(std::string_view group, const message_id& id) const noexcept;
  void pump(lanes::value_type& of, time_point now);
  void send(entry& what, publish_request::place where);
  void fail(entry& what, time_point retry);
  void settle(place where, published result);
  void give_up(place where);
  void pump_all(time_point now);

  std::uint64_t incarnation_;
  publish_limits limits_;
  link_state link_ = link_state::down;
  std::list<entry> waiting_; // all, in the order of the calls; bounded by limits_.max_messages and max_bytes
  std::size_t bytes_ = 0;
  lanes lanes_;             // bounded by the messages
  std::uint64_t floor_ = 0; // no lower number was given out last in a lane that has gone
  time_point retry_due_ = time_point::max();
  std::vector<publish_request> requests_; // taken after each input
  std::vector<published> outcomes_;       // taken after each input
};

} // namespace harpia::inline v0::fleet
