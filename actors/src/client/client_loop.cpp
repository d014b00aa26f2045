// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client/client_loop.hpp"

#include "caf_port/spawn.hpp"
#include "connection/connection.hpp"

#include "net/thread_name.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <thread>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

using namespace std::chrono_literals;

constexpr auto idle_time = 1s;      // an idle thread ends after this time; closing streams last no longer
constexpr auto shut_down_time = 1s; // for close frames of servers when the system ends

const auto registered_name = caf::atom("harpiaClnt");
using idle_atom = caf::atom_constant<caf::atom("idle")>;

} // namespace

client_loop::client_loop(caf::actor_system& system, std::function<void()> on_idle)
    : context_{system, std::make_shared<const route_set>(), *groups_, net::event_loop::clock::now(), *logger::without_app()},
      on_idle_{std::move(on_idle)} {
  thread_ = std::thread{[this] {
    net::name_this_thread("harpia clients");
    context_.loop.run();
  }};
}

client_loop::~client_loop() {
  context_.loop.stop();
  if (thread_.joinable())
    thread_.join();
}

void client_loop::on_client_ended() {
  if (!clients_.clients.empty())
    return;
  if (ending_)
    context_.loop.stop();
  else
    context_.loop.timers().schedule(*this, context_.loop.current_time() + idle_time);
}

void client_loop::shut_down() {
  context_.loop.post([this] {
    ending_ = true;
    context_.stopping = true;
    for (auto* each : clients_.clients)
      each->end(close_code::going_away, {});
    context_.loop.timers().schedule(*this, context_.loop.current_time() + shut_down_time);
    on_client_ended();
  });
  thread_.join();
}

void client_loop::on_timer() {
  if (ending_)
    context_.connections.for_each([](connection& each) { each.terminate(); });
  else if (clients_.clients.empty())
    on_idle_();
}

/// Represents the keeper in the system's registry. It also destroys idle loops, because a loop's thread cannot join itself.
class client_keeper::actor final : public caf::event_based_actor {
public:
  actor(caf::actor_config& config, std::shared_ptr<client_keeper> owner)
      : caf::event_based_actor{config}, owner_{std::move(owner)} {}

  [[nodiscard]] const std::shared_ptr<client_keeper>& owner() const noexcept { return owner_; }
  const char* name() const override { return "harpia.clients"; }

private:
  caf::behavior make_behavior() override {
    return {[this](idle_atom) { owner_->collect(); }};
  }

  std::shared_ptr<client_keeper> owner_;
};

std::shared_ptr<client_keeper> client_keeper::of(caf::actor_system& system) {
  if (const auto known = system.registry().get(registered_name)) {
    const typed_ref<actor> keeper{caf::actor_cast<caf::actor>(known)};
    return keeper->owner();
  }
  auto made = std::make_shared<client_keeper>(system);
  const auto handle = system.spawn<actor, caf::hidden + caf::lazy_init>(made);
  made->actor_ = caf::actor_cast<caf::weak_actor_ptr>(handle);
  system.registry().put(registered_name, handle);
  // A system that ends first waits for actors that are not hidden, then stops its own actors, then destroys its modules. The loops' actors
  // refer to the system, so the loops must end before its modules: they end together with one of the system's own actors.
  at_end_of(system.config_serv(), [made, &system] {
    made->shut_down();
    system.registry().erase(registered_name);
  });
  return made;
}

std::shared_ptr<client_state> client_keeper::connect(client_settings settings) {
  const std::scoped_lock lock{mutex_};
  if (stopped_)
    return std::make_shared<client_state>();
  if (!loop_)
    loop_ = std::make_unique<client_loop>(*system_, [this] {
      if (const auto alive = caf::actor_cast<caf::actor>(actor_))
        caf::anon_send(alive, idle_atom::value);
    });
  ++clients_;
  return spawn_client(loop_->clients(), std::move(settings), [this, loop = loop_.get()] { on_client_ended(*loop); });
}

// On the loop's thread. The keeper outlives that thread.
void client_keeper::on_client_ended(client_loop& loop) {
  {
    const std::scoped_lock lock{mutex_};
    --clients_;
  }
  loop.on_client_ended();
}

void client_keeper::collect() {
  std::unique_ptr<client_loop> idle;
  const std::scoped_lock lock{mutex_};
  if (clients_ == 0)
    idle = std::move(loop_);
}

void client_keeper::shut_down() {
  std::unique_ptr<client_loop> last;
  {
    const std::scoped_lock lock{mutex_};
    stopped_ = true;
    last = std::move(loop_);
  }
  if (last)
    last->shut_down();
}

} // namespace harpia::inline v0::detail
