// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "fleet/memory_hub.hpp"

#include <harpia/memory_engine.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace harpia::inline v0 {

namespace fleet {

namespace {

/// Hands the events of an engine on to a loop. They come under the hub's lock, on any thread.
class relay final : public engine_events {
public:
  explicit relay(net::event_loop& loop) : loop_{&loop} {}

  /// What the loop does with them; null events: nothing.
  struct receiver {
    engine_events* events = nullptr;
  };

  void start(engine_events& to) { receiver_->events = &to; }
  void stop() noexcept { receiver_->events = nullptr; }

  void on_link(link_state state, time_point) override {
    post([state](engine_events& to, time_point now) { to.on_link(state, now); });
  }
  void on_watched(std::string_view group, time_point) override {
    post([group = std::string{group}](engine_events& to, time_point now) { to.on_watched(group, now); });
  }
  void on_pushed(std::string_view group, const stored_message& message, time_point) override {
    post([group = std::string{group}, message](engine_events& to, time_point now) { to.on_pushed(group, message, now); });
  }
  void on_synced(const sync_answer& answer, time_point) override {
    post([answer](engine_events& to, time_point now) { to.on_synced(answer, now); });
  }
  void on_outcome(const publish_answer& answer, time_point) override {
    post([answer](engine_events& to, time_point now) { to.on_outcome(answer, now); });
  }

private:
  template <class Event>
  void post(Event event) {
    loop_->post([to = receiver_, loop = loop_, event = std::move(event)] {
      if (to->events)
        event(*to->events, loop->current_time());
    });
  }

  net::event_loop* loop_;
  std::shared_ptr<receiver> receiver_ = std::make_shared<receiver>(); // of the loop's thread
};

/// The engine of one node.
class memory_node final : public engine, private net::timer {
public:
  memory_node(std::shared_ptr<memory_hub> hub, net::event_loop& loop) : hub_{std::move(hub)}, loop_{&loop}, relay_{loop} {}
  ~memory_node() override { end(); }

  void start(engine_events& events) override {
    relay_.start(events);
    change([this](memory_broker& broker) {
      inner_ = std::make_unique<memory_engine>(broker);
      inner_->start(relay_);
    });
    on_timer();
  }
  void watch(std::string_view group) override {
    change([&](memory_broker&) { inner_->watch(group); });
  }
  void unwatch(std::string_view group) override {
    change([&](memory_broker&) { inner_->unwatch(group); });
  }
  void sync(const sync_request& asked) override {
    change([&](memory_broker&) { inner_->sync(asked); });
  }
  void publish(const publish_request& asked) override {
    change([&](memory_broker&) { inner_->publish(asked); });
  }
  void stop() override {
    relay_.stop();
    end();
  }

private:
  template <class Change>
  void change(Change apply) {
    if (hub_)
      hub_->change(apply, loop_->current_time());
  }
  void end() {
    change([this](memory_broker&) {
      if (inner_)
        inner_->stop();
      inner_.reset();
    });
    hub_.reset();
  }
  // Time passes for the fence.
  void on_timer() override {
    change([](memory_broker&) {});
    loop_->timers().schedule(*this, loop_->current_time() + std::chrono::milliseconds{500});
  }

  std::shared_ptr<memory_hub> hub_; // null once it has ended
  net::event_loop* loop_;
  relay relay_;
  std::unique_ptr<memory_engine> inner_; // used under the hub's lock
};

} // namespace

std::unique_ptr<engine> memory_hub::make(const engine_setting& setting) {
  return std::make_unique<memory_node>(shared_from_this(), *setting.loop);
}

} // namespace fleet

memory_engine::memory_engine(engine_options options) : options_{std::move(options)} {
  const fleet::history_limits history{.size = options_.history_size, .ttl = options_.history_ttl};
  hub_ = std::make_shared<fleet::memory_hub>(
      fleet::memory_broker::options{.history = [history](std::string_view) { return history; }});
}

memory_engine::operator engine() const {
  return fleet::engine_maker::for_apps(hub_, options_);
}

void memory_engine::go_away() const {
  hub_->change([](fleet::memory_broker& broker) { broker.go_away(); });
}

void memory_engine::come_back() const {
  hub_->change([](fleet::memory_broker& broker) { broker.come_back(); });
}

void memory_engine::cut() const {
  hub_->change([](fleet::memory_broker& broker) { broker.fail_over(0); });
}

void memory_engine::fail_over(std::size_t count) const {
  hub_->change([count](fleet::memory_broker& broker) { broker.fail_over(count); });
}

void memory_engine::restart_empty() const {
  hub_->change([](fleet::memory_broker& broker) { broker.restart_empty(); });
}

} // namespace harpia::inline v0
