// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "app/server.hpp"

#include "accept/router_actor.hpp"
#include "caf_port/spawn.hpp"
#include "caf_port/worker_probe.hpp"
#include "connection/close_error.hpp"
#include "connection/connection.hpp"
#include "facade/access.hpp"
#include "groups/broadcast_group.hpp"

#include "net/deadline.hpp"
#include "net/thread_name.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <atomic>
#include <latch>
#include <sched.h>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

// Processors that this thread may use. taskset and cpusets restrict them.
unsigned usable_processors() noexcept {
  cpu_set_t usable;
  if (::sched_getaffinity(0, sizeof usable, &usable) == 0)
    return static_cast<unsigned>(CPU_COUNT(&usable));
  return std::max(1U, std::thread::hardware_concurrency()); // more processors than a cpu_set_t can hold
}

std::string_view sentence_on(net::io_uring_support support) noexcept {
  switch (support) {
    case net::io_uring_support::works: return "io_uring is used";
    case net::io_uring_support::not_permitted: return "io_uring is not used: the system refuses it";
    case net::io_uring_support::not_built: break;
  }
  return "io_uring is not used: harpia was built without it";
}

} // namespace

/// SIGINT and SIGTERM as events of a loop.
class server::signal_watch final : public net::background_task, net::io_handler {
public:
  signal_watch(net::event_loop& loop, server& owner) : loop_{&loop}, owner_{&owner} {
    loop_->add(owner.signals_->fd(), *this, net::interest::readable);
  }
  ~signal_watch() override { loop_->remove(owner_->signals_->fd()); }

private:
  void on_io(net::interest) override {
    std::uint64_t count = 0;
    if (::read(owner_->signals_->fd(), &count, sizeof count) == sizeof count)
      stop();
  }

  // `start` holds the lock, and joins this thread if it fails. Waiting for the lock here would deadlock.
  void stop() {
    if (!owner_->try_stop())
      loop_->post([this] { stop(); });
  }

  net::event_loop* loop_;
  server* owner_;
};

server::server(app& of, app_options options, caf::actor_system* external_system)
    : app_{&of}, options_{std::move(options)}, external_system_{external_system},
      counts_{options_.max_connections, options_.max_connections_per_address, options_.max_buffered},
      log_{std::make_shared<logger>(std::exchange(options_.log, {}), options_.log_level)},
      desk_{options_.engine
                ? std::make_shared<engine_desk>(access::maker(options_.engine), access::options(options_.engine), log_)
                : nullptr} {
  root_.declare_defaults(options_.route);
  if (options_.handshake_timeout.count() <= 0 || options_.stop_timeout.count() <= 0)
    throw std::invalid_argument{"'handshake_timeout' and 'stop_timeout' must be positive"};
  if (options_.keep_alive_timeout.count() < 0)
    throw std::invalid_argument{"'keep_alive_timeout' must not be negative"};
  if (options_.keep_alive_requests == 0)
    throw std::invalid_argument{"'keep_alive_requests' must be at least 1"};
  options_.stop_timeout = net::at_most_longest(options_.stop_timeout);
  options_.stop_spread = net::at_most_longest(options_.stop_spread);
  if (options_.stop_spread.count() < 0)
    throw std::invalid_argument{"'stop_spread' must not be negative"};
  if (!is_sendable(options_.stop_code))
    throw std::invalid_argument{
        "'stop_code' is " + std::to_string(static_cast<unsigned>(options_.stop_code)) + ", which must not be sent"};
  if (options_.log_level > log_level::error)
    throw std::invalid_argument{"'log_level' is unknown"};
  if (options_.slow_handler.count() < 0)
    throw std::invalid_argument{"'slow_handler' must not be negative"};
}

server::~server() {
  stop();
  wait();
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return waiting_ == 0; }); // in `wait`, on other threads
}

router& server::root() {
  const std::scoped_lock lock{mutex_};
  if (phase_ != phase::fresh)
    throw std::logic_error{"routes are fixed once the app has started"};
  return root_;
}

void server::start(const listen_options& options) {
  validate(options);
  {
    const std::scoped_lock lock{mutex_};
    check_may_start(options);
  }
  // Names and files may take their time, in which others ask for the address or stop the app.
  auto tls = options.tls.enabled() ? std::make_shared<net::tls_server>(options.tls) : nullptr;
  auto rules =
      std::make_shared<const address_rules>(address_rules{tls, options.proxy_protocol, address_set{options.trusted_proxies}});
  auto all = net::acceptor::listen_on_all(options);

  const std::scoped_lock lock{mutex_};
  check_may_start(options);
  if (options.development)
    log_->show_all();
  if (phase_ == phase::fresh)
    launch(options.threads);
  if (options.development)
    for (const auto& each : loops_)
      each->context.loop.post([context = &each->context] { context->sessions.explain_failures(); });
  if (port_ == 0)
    port_ = all.front().port();
  if (address_.empty())
    address_ = all.front().address();
  if (tls)
    tls_.push_back(std::move(tls));
  for (auto& bound : all) {
    log_->write({.level = log_level::info, .event = "listening", .what = "listening on " + bound.address()});
    loops_.front()->context.loop.post([actor = listener_, socket = std::move(bound), rules]() mutable {
      actor->add(std::move(socket), std::move(rules));
    });
  }
  log_->write({.level = log_level::debug, .event = "listening", .what = sentence_on(net::find_io_uring())});
}

void server::check_may_start(const listen_options& options) const {
  if (phase_ != phase::fresh && phase_ != phase::running)
    throw std::logic_error{"an app that was stopped cannot listen again"};
  if (driver_)
    throw std::logic_error{"an app without threads cannot listen"};
  if (phase_ == phase::running && options.threads != 0 && options.threads != threads_)
    throw std::invalid_argument{"'threads' is " + std::to_string(threads_) + " since the first address and cannot become "
                                + std::to_string(options.threads)};
}

void server::reload_tls() {
  const auto all = [this] {
    const std::scoped_lock lock{mutex_};
    return tls_;
  }();
  for (const auto& each : all)
    each->reload();
}

void server::start_driven(unsigned loops, driver& by) {
  const std::scoped_lock lock{mutex_};
  if (phase_ != phase::fresh)
    throw std::logic_error{"the app has started or stopped already"};
  driver_ = &by;
  try {
    launch(loops);
  } catch (...) {
    driver_ = nullptr;
    throw;
  }
}

std::string server::explain() {
  const std::scoped_lock lock{mutex_};
  return detail::explain(routes_ ? *routes_ : *root_.set_);
}

void server::accept(net::channel connection) {
  loops_.front()->context.loop.post([actor = listener_, accepted = std::move(connection)]() mutable {
    actor->accept(std::move(accepted));
  });
}

caf::actor_system& server::system() {
  const std::scoped_lock lock{mutex_};
  if (phase_ == phase::joining || phase_ == phase::joined)
    throw std::logic_error{"the actor system of an app ends with it"};
  return actor_system();
}

caf::actor_system& server::actor_system() {
  if (external_system_)
    return *external_system_;
  if (!own_system_)
    own_system_ = std::make_unique<app_system>(render_close_errors);
  return own_system_->get();
}

void server::launch(unsigned threads) {
  threads_ = threads != 0 ? threads : usable_processors();
  root_.set_->check_all_layers_used();
  auto& system = actor_system();

  const auto routes = std::make_shared<route_set>(std::move(*root_.set_));
  try {
    launch(system, routes);
  } catch (...) { // too few descriptors or threads: restore the state before the call
    shut_down();
    *root_.set_ = std::move(*routes);
    throw;
  }
  routes_ = routes;
}

void server::launch(caf::actor_system& system, const std::shared_ptr<const route_set>& routes) {
  const http_limits limits{
      .timeout = options_.handshake_timeout,
      .max_header = options_.max_header,
      .keep_alive = options_.keep_alive_timeout,
      .keep_alive_requests = options_.keep_alive_requests,
      .stop_timeout = options_.stop_timeout,
      .max_idle = options_.max_handshakes / 2};
  const auto now = driver_ ? driver_->now() : net::event_loop::clock::now();
  const auto count = [this](const auto&, const auto& route) { counts_.all.add_route(route.pattern); };
  routes->websockets.for_each(count);
  routes->pages.for_each(count);
  for (unsigned i = 0; i < threads_; ++i)
    loops_.push_back(std::make_unique<app_loop>(system, routes, limits, *groups_, counts_, now, *log_));
  for (const auto& each : loops_) {
    const auto router = spawn_pinned<router_actor>(each->context.scheduler, each->context, each->client);
    each->context.router = router.get();
    routers_.push_back(router.handle());
  }
  std::vector<accept_context*> accepting;
  for (const auto& each : loops_)
    accepting.push_back(&each->accept);
  std::function<void()> closing;
  if (options_.closing)
    closing = [this] { options_.closing(*app_); };
  listener_ = spawn_pinned<listener>(
      loops_.front()->context.scheduler, std::move(accepting), counts_,
      listener::settings{options_.max_handshakes, closing, {options_.stop_code, options_.stop_spread}, options_.stop_timeout},
      [this] {
        const std::scoped_lock lock{mutex_};
        phase_ = phase::stopped;
        changed_.notify_all();
      });
  groups_->set_factory([this](std::shared_ptr<group_home> home) { return spawn_group(std::move(home)); });
  if (signals_)
    loops_.front()->context.loop.own(std::make_unique<signal_watch>(loops_.front()->context.loop, *this));
  for (std::size_t number = 0; number < loops_.size(); ++number) {
    const auto& each = loops_[number];
    each->accept.listener = listener_.handle()->address();
    if (driver_) {
      each->client.random.seed(driver_->seed());
      each->client.open_transport = [by = driver_](const http::websocket_url& where) { return by->open_transport(where); };
    } else {
      each->thread = std::thread{[loop = &each->context.loop, number] {
        net::name_this_thread("harpia " + std::to_string(number));
        loop->run();
      }};
    }
  }
  if (!driver_) {
    await_loops();
    if (options_.slow_handler.count() > 0)
      watch(routes);
  }
  if (desk_)
    start_engine();
  phase_ = phase::running;
}

void server::start_engine() {
  if (driver_)
    return desk_->start(loops_.front()->context.loop, engine_desk::clock::of_loop);
  engine_loop_ = std::make_unique<net::event_loop>();
  desk_->start(*engine_loop_, engine_desk::clock::steady);
  engine_thread_ = std::thread{[loop = engine_loop_.get()] {
    net::name_this_thread("harpia engine");
    loop->run();
  }};
}

// What was published is answered first, if the engine is there.
void server::end_engine() {
  if (engine_thread_.joinable()) {
    engine_loop_->stop(net::deadline_after(net::event_loop::clock::now(), options_.stop_timeout));
    engine_thread_.join();
  } else if (driver_) {
    driver_->run();
  }
  desk_->end();
}

// A loop creates its io_uring on its own thread. After that, only connections use further descriptors.
void server::await_loops() {
  const auto begun = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(loops_.size()));
  for (const auto& each : loops_)
    each->context.loop.post([begun] { begun->count_down(); });
  begun->wait();
}

void server::watch(std::shared_ptr<const route_set> routes) {
  std::vector<const running_handler*> marks;
  for (const auto& each : loops_)
    marks.push_back(&each->context.handlers.running());
  const auto probe = std::make_shared<worker_probe>(actor_system());
  watchdog_ =
      std::make_unique<watchdog>(marks, std::move(routes), options_.slow_handler, counts_.slow_handlers, *log_,
                                 watchdog::worker_job{[probe] { probe->send(); }, [probe] { return probe->is_pending(); }});
}

caf::strong_actor_ptr server::spawn_group(std::shared_ptr<group_home> home) {
  auto& chosen = *loops_[std::hash<std::string>{}(home->name()) % loops_.size()];
  const auto made = caf::actor_cast<caf::strong_actor_ptr>(
      spawn_pinned<broadcast_group>(chosen.context.scheduler, chosen.context.scheduler, chosen.context.groups, std::move(home))
          .handle());
  const std::scoped_lock lock{group_actors_mutex_};
  if (group_actors_.size() == group_actors_.capacity()) // drop ended actors before it grows
    std::erase_if(group_actors_, [](const caf::weak_actor_ptr& each) { return !each.lock(); });
  group_actors_.push_back(caf::actor_cast<caf::weak_actor_ptr>(made));
  return made;
}

std::shared_ptr<client_state> server::connect(client_settings settings) {
  const std::scoped_lock lock{mutex_}; // a concurrent stop either comes before, or sees this client
  if (phase_ != phase::running)
    throw std::logic_error{"a client can connect only while its app is running"};
  auto& chosen = least_busy(loops_, &app_loop::accept);
  ++counts_.clients;
  return spawn_client(chosen.client, std::move(settings), [listener = caf::actor_cast<caf::weak_actor_ptr>(listener_.handle())] {
    if (const auto alive = caf::actor_cast<caf::actor>(listener))
      caf::anon_send(alive, client_ended_atom::value);
  });
}

namespace {

/// Calls a function at its end, which comes when the last loop has let go of it.
class at_the_end {
public:
  at_the_end(done_function done, std::shared_ptr<const logger> log) : done_{std::move(done)}, log_{std::move(log)} {}
  ~at_the_end() {
    try {
      if (done_)
        done_();
    } catch (...) {
      log_failure(*log_, "the function for the end of 'for_each_connection'");
    }
  }
  at_the_end(const at_the_end&) = delete;
  at_the_end& operator=(const at_the_end&) = delete;

private:
  done_function done_;
  std::shared_ptr<const logger> log_;
};

/// What `find_connection` is looking for.
class search {
public:
  search(std::uint64_t id, found_function then, std::shared_ptr<const logger> log)
      : id_{id}, then_{std::move(then)}, log_{std::move(log)} {}
  ~search() {
    if (!is_over())
      tell({});
  }
  search(const search&) = delete;
  search& operator=(const search&) = delete;

  void look_at(connection& one) {
    if (one.id() == id_ && !is_over_.exchange(true))
      tell(one.make_handle());
  }
  [[nodiscard]] bool is_over() const noexcept { return is_over_.load(std::memory_order_relaxed); }

private:
  void tell(handle found) noexcept {
    try {
      then_(std::move(found));
    } catch (...) {
      log_failure(*log_, "the function for a connection that was looked for");
    }
  }

  std::uint64_t id_;
  found_function then_;
  std::shared_ptr<const logger> log_;
  std::atomic<bool> is_over_ = false;
};

// Calls `visit` with the open connections of clients, a portion of them in each turn of the loop.
template <class Visit>
void walk(loop_context& context, std::shared_ptr<connection_list::cursor> at, std::size_t portion, Visit visit) {
  for (std::size_t i = 0; i < portion; ++i) {
    auto* const each = at->take();
    if (!each)
      return;
    if (!each->is_outgoing() && each->state() == ready_state::open && !visit(*each))
      return;
  }
  context.loop.post([&context, at = std::move(at), portion, visit = std::move(visit)]() mutable {
    walk(context, std::move(at), portion, std::move(visit));
  });
}

} // namespace

template <class Visit>
void server::walk_all(std::size_t portion, Visit visit) {
  const std::scoped_lock lock{mutex_};
  if (phase_ != phase::running && phase_ != phase::stopping)
    return;
  // The last loop gets the caller's own `visit`: what it ends with is not to run on the caller's thread.
  for (const auto& each : loops_)
    each->context.loop.post(
        [context = &each->context, portion, visit = each == loops_.back() ? std::move(visit) : visit]() mutable {
          walk(*context, std::make_shared<connection_list::cursor>(context->connections), portion, std::move(visit));
        });
}

void server::for_each_connection(visit_function visit, done_function done) {
  constexpr std::size_t portion = 64; // handlers of the program
  walk_all(portion, [visit = std::move(visit), end = std::make_shared<at_the_end>(std::move(done), log_)](connection& each) {
    each.visit(visit);
    return true;
  });
}

void server::find_connection(std::uint64_t id, found_function then) {
  constexpr std::size_t portion = 2048; // comparisons
  walk_all(portion, [sought = std::make_shared<search>(id, std::move(then), log_)](connection& each) {
    sought->look_at(each);
    return !sought->is_over();
  });
}

void server::stop() {
  const std::scoped_lock lock{mutex_};
  begin_stop();
}

bool server::try_stop() {
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (lock)
    begin_stop();
  return lock.owns_lock();
}

void server::begin_stop() {
  if (phase_ == phase::fresh)
    phase_ = phase::stopped;
  if (phase_ != phase::running)
    return;
  phase_ = phase::stopping;
  caf::anon_send(listener_.handle(), stop_atom::value);
}

void server::wait() {
  if (driver_)
    driver_->run_until([&] {
      const std::scoped_lock lock{mutex_};
      return phase_ == phase::stopped || phase_ == phase::joined;
    });
  std::unique_lock lock{mutex_};
  if (phase_ == phase::fresh)
    return;
  if (phase_ < phase::joining && !driver_)
    for (const auto& each : loops_)
      if (each->context.loop.is_this_thread())
        throw std::logic_error{"a handler cannot wait for the end of its app: call 'stop' there, and 'wait' on another thread"};
  ++waiting_;
  changed_.wait(lock, [&] { return phase_ == phase::stopped || phase_ == phase::joined; });
  if (phase_ == phase::stopped) { // this thread ends it; others that wait go on afterwards
    phase_ = phase::joining;
    lock.unlock();
    shut_down();
    lock.lock();
    phase_ = phase::joined;
  }
  --waiting_;
  changed_.notify_all();
}

// Every connection has ended. The loops and their own actors are left. The actors end first: messages in flight to them, for example
// delayed ones, must find them closed and must not reach a destroyed loop.
void server::shut_down() {
  if (desk_)
    end_engine();
  groups_->set_factory(nullptr);
  for (const auto& each : group_actors_)
    if (const auto alive = caf::actor_cast<caf::actor>(each))
      caf::anon_send_exit(alive, caf::exit_reason::user_shutdown);
  if (listener_.handle())
    caf::anon_send_exit(listener_.handle(), caf::exit_reason::user_shutdown);
  for (const auto& each : routers_)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  for (const auto& each : loops_)
    each->context.loop.stop(net::event_loop::clock::time_point::max()); // what is still owed to peers has deadlines of its own
  if (driver_)
    driver_->run();
  for (const auto& each : loops_)
    if (each->thread.joinable())
      each->thread.join();
  listener_ = {};
  routers_.clear();
  watchdog_.reset();
  for (const auto& each : loops_) // work of one loop may refer to another
    each->context.loop.clear();
  loops_.clear();
  engine_loop_.reset();
  if (own_system_)
    app_system::end(std::move(own_system_), log_);
}

void server::stop_on_signals() {
  const std::scoped_lock lock{mutex_};
  if (phase_ != phase::fresh)
    throw std::logic_error{"stop_on_signals must be called before the app starts"};
  if (!signals_)
    signals_ = std::make_unique<stop_signals>();
}

app_statistics server::statistics() const {
  app_statistics all{
      .connections = counts_.connections,
      .handshakes = counts_.handshakes,
      .buffered = counts_.budget->held(),
      .refused_origins = counts_.refused_origins,
      .refused_full = counts_.refused_full,
      .refused_address = counts_.refused_address,
      .refused_handshakes = counts_.refused_handshakes,
      .refused_proxy_headers = counts_.refused_proxy_headers,
      .slow_handlers = counts_.slow_handlers,
      .refused = {},
      .routes = {},
      .engine = {}};
  counts_.all.copy_to(all);
  if (desk_)
    desk_->copy_to(all);
  return all;
}

std::string server::address() const {
  const std::scoped_lock lock{mutex_};
  return address_;
}

} // namespace harpia::inline v0::detail
