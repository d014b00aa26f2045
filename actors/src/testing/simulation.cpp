// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "testing/simulation.hpp"

#include "client/client_supervisor.hpp"
#include "connection/connection.hpp"

#include "net/deadline.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace harpia::inline v0::testing {

namespace {

// A world that is still busy after this many steps is taken for an endless exchange between actors. The second limit does the same for
// time-outs that follow one another without time passing.
constexpr std::size_t max_steps = 5'000'000;
constexpr std::size_t max_idle_moves = 1'000'000;

constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();
constexpr std::size_t max_steps_at_once = 8; // under a seed, between two calls of the test

} // namespace

std::size_t random_numbers::below(std::size_t count) noexcept {
  state_ += 0x9e3779b97f4a7c15;
  auto mixed = state_;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return static_cast<std::size_t>((mixed ^ mixed >> 31) % count);
}

simulation::simulation(const world_options& options) : loops_{options.loops}, kernel_buffer_{options.kernel_buffer} {
  if (options.loops == 0)
    throw std::invalid_argument{"a world needs at least one loop"};
  if (options.seed)
    random_.emplace(*options.seed);
  detail::kit_scheduler::choose(config_);
  system_ = std::make_unique<caf::actor_system>(config_);
  system_->await_actors_before_shutdown(false); // no thread would run them while it waits
  scheduler_.emplace(*system_);
  start_ = now();
  app_ = std::make_unique<harpia::app>(*system_, options.app);
  server_ = app_->server_.get();
}

simulation::~simulation() {
  abandon();
  app_.reset();
  held_actors_.clear();
  scheduler_->drop_jobs();
}

// A test may destroy objects that handlers and actors refer to before it destroys the world. So no handler runs any more, and every
// actor is killed. Each actor must be killed explicitly: actors with reference cycles, for example by an unfulfilled promise, would
// otherwise leak.
void simulation::abandon() {
  abandoned_ = true;
  server_->mute_engine();
  busy_.clear();
  scheduler_->drop_jobs();
  for (const auto& each : loops()) {
    each->context.handlers.mute();
    each->context.stopping = true;
    caf::anon_send_exit(each->context.router->address(), caf::exit_reason::kill);
    for (const auto* client : each->client.clients)
      caf::anon_send_exit(client->address(), caf::exit_reason::kill);
    each->context.connections.for_each([](detail::connection& open) {
      caf::anon_send_exit(open.address(), caf::exit_reason::kill);
      open.terminate();
    });
  }
  scheduler_->end_actors();
}

simulation::clock::time_point simulation::now() const noexcept {
  return scheduler_->now();
}

void simulation::start() {
  if (stopped_)
    throw std::logic_error{"the world was stopped"};
  if (!std::exchange(started_, true))
    server_->start_driven(loops_, *this);
}

std::shared_ptr<peer>
simulation::connect(peer::kind what, std::string name, std::size_t kernel_buffer, const std::string& request) {
  start();
  const auto made = std::make_shared<peer>(weak_from_this(), what, std::move(name), kernel_buffer);
  server_->accept(net::channel{made->application_end(), "client"});
  made->send_request(request);
  await([&] { return made->is_answered(); });
  return made;
}

std::shared_ptr<listening> simulation::listen(std::string_view authority) {
  auto& known = servers_[std::string{authority}];
  if (!known.expired())
    throw std::invalid_argument{"a server plays '" + std::string{authority} + "' already"};
  auto made = std::make_shared<listening>(weak_from_this());
  known = made;
  return made;
}

std::uint32_t simulation::seed() {
  return random_ ? static_cast<std::uint32_t>(random_->below(std::numeric_limits<std::uint32_t>::max())) : 1;
}

std::optional<net::channel> simulation::open_transport(const http::websocket_url& where) {
  const auto found = servers_.find(where.authority());
  const auto server = found == servers_.end() ? nullptr : found->second.lock();
  if (!server)
    return std::nullopt;
  auto made = std::make_shared<peer>(weak_from_this(), peer::kind::server, "the server at " + where.authority(), kernel_buffer_);
  net::channel transport{made->application_end(), where.host};
  server->add(std::move(made));
  return transport;
}

void simulation::stop() {
  if (std::exchange(stopped_, true))
    return;
  app_->stop();
  app_->wait();
}

listening::~listening() {
  for (const auto& each : clients_)
    each->reset();
}

void listening::add(std::shared_ptr<peer> client) {
  std::erase_if(clients_, [](const auto& each) { return each->is_over(); }); // remove clients that have gone
  clients_.push_back(std::move(client));
}

std::shared_ptr<simulation> listening::world() const {
  auto world = world_.lock();
  if (!world)
    throw std::logic_error{"the server has outlived its world"};
  return world;
}

std::size_t listening::waiting() const {
  return static_cast<std::size_t>(std::ranges::count_if(clients_, [](const auto& each) { return each->awaits_answer(); }));
}

std::shared_ptr<peer> listening::take() {
  const auto first = std::ranges::find_if(clients_, [](const auto& each) { return each->awaits_answer(); });
  if (first == clients_.end())
    return nullptr;
  auto taken = std::move(*first);
  clients_.erase(first);
  return taken;
}

void simulation::list(peer& busy) {
  if (abandoned_)
    return;
  busy.listed = true;
  busy_.push_back(busy.shared_from_this());
}

void simulation::run() {
  take_steps([] { return false; });
}

void simulation::run_until(const std::function<bool()>& condition) {
  if (running_)
    throw std::logic_error{"a handler cannot wait"};
  run();
  for (std::size_t moves = 0; !condition(); ++moves) {
    const auto due = next_due();
    if (!due || moves == max_idle_moves)
      throw std::logic_error{"the awaited condition does not become true"};
    move_to(std::max(*due, now()));
    run();
  }
}

void simulation::settle() {
  if (!random_)
    return run();
  auto left = random_->below(max_steps_at_once + 1);
  take_steps([&] { return left-- == 0; });
}

void simulation::await(const std::function<bool()>& condition) {
  if (random_)
    take_steps(condition);
  else
    run();
}

void simulation::advance(clock::duration by) {
  if (running_)
    throw std::logic_error{"a handler cannot advance the clock"};
  const auto target = net::deadline_after(now(), by);
  run();
  std::size_t idle = 0;
  for (auto due = next_due(); due && *due <= target; due = next_due()) {
    idle = *due > now() ? 0 : idle + 1;
    if (idle == max_idle_moves)
      throw std::runtime_error{"the world does not become idle: timers keep firing without time passing"};
    move_to(std::max(*due, now()));
    run();
  }
  move_to(target);
  run();
}

void simulation::take_steps(const std::function<bool()>& enough) {
  if (running_)
    return; // effects of a handler run after it returns
  struct guard {
    bool& flag;
    ~guard() { flag = false; }
  } const resting{running_};
  running_ = true;
  for (std::size_t steps = 0; !enough() && (random_ && !abandoned_ ? random_step() : pass()); ++steps)
    if (steps == max_steps)
      throw std::runtime_error{"the world does not become idle: handlers and actors keep producing work"};
}

// Runs every busy peer, loop and job once.
bool simulation::pass() {
  bool worked = false;
  for (auto count = busy_.size(); count > 0; --count) {
    const auto next = std::move(busy_.front());
    busy_.pop_front();
    next->listed = false;
    deliver_and_take(*next);
    relist(next);
    worked = true;
  }
  for (const auto& each : loops())
    if (each->context.loop.has_work()) {
      each->context.loop.turn(now());
      worked = true;
    }
  if (abandoned_)
    scheduler_->drop_jobs();
  for (auto count = scheduler_->jobs(); count > 0 && scheduler_->run_job(); --count)
    worked = true;
  return worked;
}

void simulation::deliver_and_take(peer& busy) {
  if (busy.can_deliver())
    busy.deliver(everything);
  if (busy.can_take())
    busy.take();
}

// Runs one randomly chosen step of all that are possible.
bool simulation::random_step() {
  const auto busy_loops =
      std::count_if(loops().begin(), loops().end(), [](const auto& each) { return each->context.loop.has_work(); });
  const auto choices = busy_.size() + static_cast<std::size_t>(busy_loops) + scheduler_->jobs();
  if (choices == 0)
    return false;
  auto chosen = random_->below(choices);
  if (chosen < busy_.size()) {
    std::swap(busy_[chosen], busy_.back());
    const auto next = std::move(busy_.back());
    busy_.pop_back();
    next->listed = false;
    take_random_step(*next);
    relist(next);
    return true;
  }
  chosen -= busy_.size();
  for (const auto& each : loops())
    if (each->context.loop.has_work() && chosen-- == 0) {
      each->context.loop.step(now());
      return true;
    }
  return scheduler_->run_job(chosen);
}

void simulation::take_random_step(peer& busy) {
  if (busy.can_deliver() && (!busy.can_take() || random_->below(2) == 0))
    busy.deliver(random_->below(2) == 0 ? everything : 1 + random_->below(std::max<std::size_t>(1, busy.unsent())));
  else if (busy.can_take())
    busy.take();
}

void simulation::relist(const std::shared_ptr<peer>& busy) {
  if (!busy->listed && (busy->can_deliver() || busy->can_take()))
    list(*busy);
}

std::optional<simulation::clock::time_point> simulation::next_due() const {
  auto first = scheduler_->next_due();
  for (const auto& each : loops())
    if (const auto due = each->context.loop.timers().next(); due && (!first || *due < *first))
      first = due;
  return first;
}

void simulation::move_to(clock::time_point time) {
  scheduler_->advance_to(time);
  const auto count = loops().size();
  const auto first = random_ && count > 0 ? random_->below(count) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto& loop = loops()[(first + i) % count]->context.loop;
    if (random_)
      loop.step(time);
    else
      loop.turn(time);
  }
}

} // namespace harpia::inline v0::testing
