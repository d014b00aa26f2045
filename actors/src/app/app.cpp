// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/app.hpp>
#include <harpia/client.hpp>

#include "app/server.hpp"
#include "client/client_loop.hpp"
#include "client/client_supervisor.hpp"
#include "facade/access.hpp"

#include "net/service_manager.hpp"

#include <system_error>

namespace harpia::inline v0 {

app::app(app_options options) : server_{std::make_unique<detail::server>(*this, std::move(options), nullptr)} {}

app::app(caf::actor_system& system, app_options options)
    : server_{std::make_unique<detail::server>(*this, std::move(options), &system)} {}

app::~app() = default;

caf::actor_system& app::system() {
  return server_->system();
}

void app::for_each_connection(callback<void(socket_base&), detail::rules::visit> visit,
                              callback<void(), detail::rules::done> done) {
  server_->for_each_connection(std::move(visit), std::move(done));
}

void app::connection(std::uint64_t id, callback<void(handle), detail::rules::found> then) {
  server_->find_connection(id, std::move(then));
}

router& app::root() {
  return server_->root();
}

std::string app::explain() {
  return server_->explain();
}

int app::listen(const listen_options& options, const std::function<void()>& on_listening) {
  try {
    start(options);
  } catch (const std::system_error& failure) {
    server_->log().write({.level = log_level::error, .event = "listening", .what = failure.what()});
    return 1;
  }
  if (on_listening)
    on_listening();
  net::notify_service_manager("READY=1");
  wait();
  return 0;
}

void app::start(const listen_options& options) {
  server_->start(options);
}

void app::reload_tls() {
  server_->reload_tls();
}

void app::wait() {
  server_->wait();
}

void app::stop() {
  server_->stop();
}

void app::stop_on_signals() {
  server_->stop_on_signals();
}

group app::group(std::string_view name) {
  return detail::access::make<harpia::group>(server_->group(name));
}

std::uint16_t app::port() const noexcept {
  return server_->port();
}

std::string app::address() const {
  return server_->address();
}

std::size_t app::connections() const noexcept {
  return server_->connections();
}

engine_state app::engine_state() const noexcept {
  return server_->state_of_engine();
}

app_statistics app::statistics() const {
  return server_->statistics();
}

namespace detail {

struct app_access {
  static server& of(app& host) { return *host.server_; }
};

client connect(client_host host, std::string_view url, std::shared_ptr<const endpoint> target, client_options options) {
  auto settings = check_settings(url, std::move(target), std::move(options));
  if (auto* system = access::system(host))
    return access::make<client>(client_keeper::of(*system)->connect(std::move(settings)));
  return access::make<client>(app_access::of(*access::app(host)).connect(std::move(settings)));
}

} // namespace detail

} // namespace harpia::inline v0
