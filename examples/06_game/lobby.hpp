// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "match.hpp"

#include <harpia/app.hpp>
#include <harpia/handle.hpp>

#include <caf/actor_addr.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace game {

/// A player comes in, with the secret of a seat to come back to, or with none for a new match. Answered with a `place`, once there is
/// one; with an error if there is no such seat.
struct arrival {
  harpia::handle player;
  std::string seat;
};

/// `(find_atom, std::string id)` is answered with the name of the match's group, or with an error if there is no such match.
using find_atom = caf::atom_constant<caf::atom("find")>;

/// Brings players together, two by two, and remembers which seat is in which match for as long as the match is there.
class lobby final : public caf::event_based_actor {
public:
  /// @param app must outlive the actor
  lobby(caf::actor_config& config, harpia::app* app);

private:
  struct guest {
    harpia::handle player;
    caf::actor_addr address;
    caf::response_promise answer;
  };
  struct seat {
    caf::actor match;
    mark who;
  };
  struct table {
    std::string id;
    std::vector<std::string> seats; // their secrets
  };

  caf::behavior make_behavior() override;
  void on_exit() override;
  caf::response_promise admit(const arrival& who);
  void bring_together(guest first, guest second);
  void forget(const caf::actor_addr& match);

  harpia::app* app_;
  std::optional<guest> waiting_; // the one who has no opponent yet
  std::uint64_t matches_ = 0;    // so far
  std::map<caf::actor_addr, table> tables_;
  std::map<std::string, seat> seats_; // by their secrets
};

} // namespace game

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(game::arrival)
