// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "router_actor.hpp"

#include "client_supervisor.hpp"
#include "log.hpp"

namespace harpia::detail {

caf::behavior router_actor::make_behavior() {
  // An `upgrade` handler's response handler may throw; its handshake is answered by the guard of its deferred answer.
  set_exception_handler([this](std::exception_ptr& thrown) -> caf::error {
    log(worker_->handlers.failure("response", "upgrade", thrown));
    return {};
  });
  return {
      [this](stop_atom) {
        worker_->accepting = false;
        for (auto* each : worker_->clients)
          each->end(close_code::going_away, {});
        worker_->connections.for_each([](connection& each) { each.close(close_code::going_away, {}); });
      },
      [this](cut_atom) { worker_->connections.for_each([](connection& each) { each.terminate(); }); },
      [this](counts_atom) {
        const auto& counts = worker_->handlers.counts();
        return caf::make_message(counts.events, counts.failures);
      },
  };
}

} // namespace harpia::detail
