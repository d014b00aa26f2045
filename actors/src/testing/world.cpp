// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/testing/world.hpp>

#include "testing/simulation.hpp"

#include "connection/remote_connection.hpp"
#include "facade/access.hpp"

#include <harpia/actors.hpp>

#include <caf/all.hpp>

#include <stdexcept>

namespace harpia::inline v0::testing {

namespace {

using never_atom = caf::atom_constant<caf::atom("never")>;

class silence final : public caf::event_based_actor {
public:
  using caf::event_based_actor::event_based_actor;

private:
  caf::behavior make_behavior() override {
    set_default_handler(caf::skip); // leaves requests in the mailbox unanswered
    return {[](never_atom) {}};
  }
};

} // namespace

world::world(const world_options& options) : simulation_{std::make_shared<simulation>(options)} {}

world::world(const std::function<void(harpia::app&)>& declare, const world_options& options) : world{options} {
  declare(app());
}

world::~world() = default;

harpia::app& world::app() noexcept {
  return simulation_->app();
}

caf::actor_system& world::system() noexcept {
  return simulation_->system();
}

void world::start() {
  simulation_->start();
}

server world::listen(std::string_view authority) {
  return server{simulation_->listen(authority)};
}

client world::connect(std::string_view target, const connect_options& options) {
  return client{simulation_->connect(
      peer::kind::websocket, "the client of " + std::string{target}, options.kernel_buffer.value_or(simulation_->kernel_buffer()),
      options.request ? *options.request : upgrade_request(target, options.headers))};
}

http_response world::get(std::string_view target, const std::vector<std::pair<std::string, std::string>>& headers) {
  return http("GET", target, headers);
}

http_response world::http(std::string_view method, std::string_view target,
                          const std::vector<std::pair<std::string, std::string>>& headers, std::string_view body) {
  auto request = std::string{method} + " " + std::string{target} + " HTTP/1.1\r\nHost: world\r\nConnection: close\r\n";
  for (const auto& [name, value] : headers)
    request.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty())
    request.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  request.append("\r\n").append(body);
  const client asking{
      simulation_->connect(peer::kind::page, "the client of " + std::string{target}, simulation_->kernel_buffer(), request)};
  if (!asking.peer().answer())
    throw std::runtime_error{asking.peer().description()};
  return *asking.peer().answer();
}

void world::run() {
  simulation_->run();
}

void world::advance(std::chrono::steady_clock::duration by) {
  simulation_->advance(by);
}

std::chrono::steady_clock::duration world::now() const noexcept {
  return simulation_->elapsed();
}

void world::stop() {
  simulation_->stop();
}

void world::kill(const caf::actor& victim) {
  caf::anon_send_exit(victim, caf::exit_reason::kill);
  simulation_->settle();
}

void world::kill(const handle& victim) {
  if (const auto actor = as_actor(victim))
    kill(actor);
}

caf::actor world::silent_actor() {
  auto silent = system().spawn<silence>();
  simulation_->hold(silent);
  return silent;
}

std::size_t world::fill_mailbox(const handle& receiver) {
  if (receiver.is_open() && detail::access::state(receiver)->quota->policy() == on_limit::drop_oldest)
    throw std::logic_error{"a connection that drops the oldest refuses nothing"};
  std::size_t taken = 0;
  for (const std::size_t size : {1024u, 1u}) {
    const std::string message(size, '.');
    for (auto status = receiver.send(message); status == send_status::sent || status == send_status::buffered;
         status = receiver.send(message))
      ++taken;
  }
  return taken;
}

} // namespace harpia::inline v0::testing
