// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "accept/listener.hpp"

#include "accept/proxied_socket.hpp"

#include "net/deadline.hpp"

#include <caf/duration.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

// The time between two looks at the connections that a stop has left.
constexpr std::chrono::milliseconds shortest_check{50};
constexpr std::chrono::milliseconds longest_check{1000};

using namespace std::chrono_literals;

constexpr int accepts_per_turn = 64; // then the loop serves the sockets that are already open
constexpr int last_accepts = 65536;  // more than any queue holds

// How long a stop waits for the requests of sockets that were accepted before, and how often it looks.
constexpr auto handshake_grace = 500ms;
constexpr auto handshake_check = 10ms;
constexpr auto exhausted_pause = 250ms;

} // namespace

/// One acceptor on the loop. When descriptors run out it pauses for a moment; clients wait in the kernel's backlog meanwhile.
class listener::acceptor_handler final : net::io_handler, net::timer {
public:
  acceptor_handler(listener& owner, net::acceptor bound, std::shared_ptr<const address_rules> rules)
      : owner_{&owner}, acceptor_{std::move(bound)}, rules_{std::move(rules)} {
    open();
  }
  ~acceptor_handler() { close(); }

  [[nodiscard]] bool leave_new_clients_to_others() noexcept { return acceptor_.leave_new_clients_to_others(); }

  // Takes the connections that wait in the kernel, which would reset them when the socket is closed.
  void drain() {
    for (int i = 0; i < last_accepts && acceptor_.has_waiting(); ++i) {
      auto result = acceptor_.accept();
      if (result.outcome == net::accept_outcome::accepted)
        on_accepted(std::move(result));
      else if (result.outcome != net::accept_outcome::retry)
        return;
    }
  }
  acceptor_handler(const acceptor_handler&) = delete;
  acceptor_handler& operator=(const acceptor_handler&) = delete;

private:
  void on_io(net::interest) override {
    int tries = 0;
    do {
      auto result = acceptor_.accept();
      switch (result.outcome) {
        case net::accept_outcome::accepted: on_accepted(std::move(result)); break;
        case net::accept_outcome::retry: break;
        case net::accept_outcome::would_block: return;
        case net::accept_outcome::exhausted: close(); return try_again_later(result.error);
      }
    } while (++tries < accepts_per_turn && acceptor_.has_waiting());
  }

  void open() {
    try {
      owner_->loop().add(acceptor_.fd(), *this, net::interest::readable);
    } catch (const std::system_error& refused) {
      try_again_later(refused.code());
    }
  }

  void close() noexcept { owner_->loop().remove(acceptor_.fd()); }

  void try_again_later(const std::error_code& why) {
    if (!std::exchange(reported_, true))
      owner_->log(log_level::warning, "accept_failed",
                  "cannot accept connections on " + acceptor_.address() + ": " + why.message() + "; retrying every "
                      + std::to_string(exhausted_pause.count()) + " ms, later failures on this address are not logged");
    owner_->loop().timers().schedule(*this, owner_->loop().current_time() + exhausted_pause);
  }

  void on_accepted(net::accept_result accepted) {
    if (rules_->proxy_protocol == proxy_protocol::required)
      return owner_->accept_proxied(std::move(accepted), rules_);
    try {
      auto trusted = trusted_from(rules_, accepted.remote_address);
      owner_->accept(rules_->open(std::move(accepted.socket), std::move(accepted.remote_address)), std::move(trusted));
    } catch (const std::system_error& refused) {
      owner_->log(log_level::error, "internal_error",
                  "closing a connection accepted on " + acceptor_.address() + " without a response: " + refused.what());
    }
  }

  void on_timer() override { open(); }

  listener* owner_;
  net::acceptor acceptor_;
  std::shared_ptr<const address_rules> rules_;
  bool reported_ = false;
};

listener::listener(caf::actor_config& config, std::vector<accept_context*> loops, server_counts& counts, settings limits,
                   std::function<void()> on_stopped)
    : pinned_actor{config, loops.front()->context->scheduler}, loops_{std::move(loops)}, counts_{&counts},
      limits_{std::move(limits)}, on_stopped_{std::move(on_stopped)} {}

listener::~listener() = default;

void listener::add(net::acceptor bound, std::shared_ptr<const address_rules> rules) {
  auto added = std::make_unique<acceptor_handler>(*this, std::move(bound), std::move(rules));
  if (stopping_)
    added->drain(); // the stop has overtaken it, and clients may have come since it was bound
  else
    acceptors_.push_back(std::move(added));
}

caf::behavior listener::make_behavior() {
  return {
      [this](stop_atom) { stop(); },
      [this](connections_ended_atom) { finish_if_empty(); },
      [this](handshakes_atom) {
        checks_handshakes_ = false;
        if (loop().current_time() >= grace_ends_)
          close_acceptors();
        else if (!acceptors_.empty())
          check_handshakes();
        finish_if_empty();
      },
      [this](client_ended_atom) {
        --counts_->clients;
        finish_if_empty();
      },
      [this](terminate_atom) {
        for (const auto& each : loops_)
          send(caf::actor_cast<caf::actor>(each->context->router), terminate_order{limits_.stop_timeout});
        delayed_send(this, std::clamp(limits_.stop_timeout / 10, shortest_check, longest_check), terminate_atom::value);
      },
  };
}

void listener::on_exit() {
  acceptors_.clear();
}

void listener::accept(net::channel accepted, trusted_proxies trusted) {
  auto& chosen = least_busy(loops_);
  auto admitted = admit(accepted, trusted);
  if (const auto* refused = std::get_if<exceeded_limit>(&admitted)) {
    chosen.context->loop.post([&chosen, socket = std::move(accepted), why = *refused]() mutable {
      refuse_connection(chosen, std::move(socket), why);
    });
    return;
  }
  accepted_socket admitted_socket{
      std::move(accepted), std::get<connection_slots>(std::move(admitted)), std::move(trusted), counted_handshake{chosen}};
  auto begin = [&chosen, admitted_socket = std::move(admitted_socket)]() mutable {
    serve_http(chosen, std::move(admitted_socket),
               net::deadline_after(chosen.context->loop.current_time(), chosen.limits.timeout));
  };
  if (chosen.context->loop.is_this_thread())
    begin();
  else
    chosen.context->loop.post(std::move(begin));
}

std::variant<connection_slots, exceeded_limit> listener::admit(const net::channel& accepted, const trusted_proxies& trusted) {
  if (!admit_handshake())
    return exceeded_limit::handshakes;
  auto slots = take_slot(*counts_, accepted.remote_address(), trusted);
  if (!slots)
    return exceeded_limit::address_slots;
  return *std::move(slots);
}

bool listener::admit_handshake() {
  if (counts_->handshakes.load(std::memory_order_relaxed) < limits_.max_handshakes)
    return true;
  ++counts_->refused_handshakes;
  return false;
}

// A socket that is refused here gets no response, since nothing may be sent before its PROXY header was read.
void listener::accept_proxied(net::accept_result accepted, const std::shared_ptr<const address_rules>& rules) {
  if (!rules->trusted.empty() && !rules->trusted.contains_peer(accepted.remote_address)) {
    ++counts_->refused_proxy_headers;
    return;
  }
  if (!admit_handshake())
    return;
  auto& chosen = least_busy(loops_);
  chosen.context->loop.post([&chosen, socket = std::move(accepted.socket), address = std::move(accepted.remote_address), rules,
                             counted = counted_handshake{chosen}]() mutable {
    await_proxy_header(chosen, std::move(socket), std::move(address), std::move(rules), std::move(counted));
  });
}

void listener::log(log_level level, std::string_view event, std::string_view what) const noexcept {
  loops_.front()->context->log.write({.level = level, .event = event, .what = what});
}

void listener::stop() {
  if (std::exchange(stopping_, true))
    return;
  log(log_level::info, "stopping", "closing " + std::to_string(counts_->connections.load()) + " connections");
  if (!loops_.front()->context->stopping) // otherwise everything has been cut off
    grace_ends_ = loop().current_time() + handshake_grace;
  std::erase_if(acceptors_, [](const auto& each) {
    const bool goes_on = each->leave_new_clients_to_others();
    each->drain();
    return !goes_on;
  });
  if (limits_.closing)
    if (const auto failure = loops_.front()->context->handlers.enter_counted("closing", app_pattern, limits_.closing))
      loops_.front()->context->handlers.report(*failure, {});
  awaited_routers_ = loops_.size();
  for (const auto& each : loops_)
    request(caf::actor_cast<caf::actor>(each->context->router), caf::infinite, limits_.stop)
        .then(
            [this] {
              --awaited_routers_;
              finish_if_empty();
            },
            [this](const caf::error&) {
              --awaited_routers_;
              finish_if_empty();
            });
  delayed_send(this, limits_.stop.spread + limits_.stop_timeout, terminate_atom::value);
  if (!acceptors_.empty())
    check_handshakes();
}

void listener::close_acceptors() {
  for (const auto& each : acceptors_)
    each->drain();
  acceptors_.clear();
}

void listener::check_handshakes() {
  if (!std::exchange(checks_handshakes_, true))
    delayed_send(this, handshake_check, handshakes_atom::value);
}

void listener::finish_if_empty() {
  if (!stopping_ || awaited_routers_ > 0 || counts_->connections > 0 || counts_->clients > 0 || !on_stopped_)
    return;
  const auto now = loop().current_time();
  const bool awaits_requests = counts_->handshakes > 0 && now < grace_ends_;
  const bool awaits_pages = counts_->pages > 0 && now < grace_ends_ - handshake_grace + limits_.stop_timeout;
  if (!acceptors_.empty() || awaits_requests || awaits_pages)
    return check_handshakes();
  std::exchange(on_stopped_, nullptr)();
}

} // namespace harpia::inline v0::detail
