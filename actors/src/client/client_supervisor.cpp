// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client/client_supervisor.hpp"

#include "caf_port/spawn.hpp"
#include "connection/connection.hpp"

#include "http/date.hpp"
#include "http/field.hpp"
#include "net/deadline.hpp"
#include "net/resolver.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

// The value of `ws.request()` on a connection that this side opened.
request opening_of(const websocket::client_opening& opening) {
  std::vector<request::field> fields{{"Host", opening.host}};
  fields.insert(fields.end(), opening.fields.begin(), opening.fields.end());
  for (const auto& name : opening.subprotocols)
    fields.emplace_back("Sec-WebSocket-Protocol", name);
  return {"GET", opening.target, fields};
}

constexpr int max_redirects = 5;

std::chrono::milliseconds retry_after(const http_response& answer) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const auto wait = http::retry_after(websocket::field_of(answer, "Retry-After"), now);
  return std::min(wait, std::chrono::floor<std::chrono::seconds>(net::longest_wait));
}

bool is_redirection(int status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Fields that are meant for one server (Fetch Standard, 4.4, HTTP-redirect fetch).
void drop_credentials(header_list& headers) {
  std::erase_if(headers, [](const auto& field) {
    return http::equal_fields(field.first, "Authorization") || http::equal_fields(field.first, "Cookie");
  });
}

} // namespace

client_supervisor::client_supervisor(caf::actor_config& config, client_context& clients, client_settings settings,
                                     std::shared_ptr<client_state> state, std::function<void()> on_end)
    : pinned_actor{config, clients.context->scheduler}, clients_{&clients}, context_{clients.context},
      settings_{std::move(settings)}, state_{std::move(state)}, on_end_{std::move(on_end)},
      gate_{std::make_shared<loop_gate>(clients.context->loop)}, backoff_{settings_.options.reconnect} {}

client_supervisor::~client_supervisor() {
  gate_->close();
}

caf::behavior client_supervisor::make_behavior() {
  set_exit_handler([this](caf::exit_msg& message) {
    set_exit_reason(std::move(message.reason));
    end(close_code::going_away, {});
  });
  set_default_handler([this](caf::scheduled_actor*, caf::message_view& message) -> caf::result<caf::message> {
    if (phase_ != phase::open)
      return caf::sec::request_receiver_down;
    return delegate(caf::actor_cast<caf::actor>(connection_), message.move_content_to_message());
  });
  return {
      [this](const close_order& order) { end(order.code, order.reason); },
  };
}

void client_supervisor::start() {
  self_ = caf::strong_actor_ptr{ctrl()};
  clients_->clients.push_back(this);
  if (phase_ == phase::ended) // `end` was called before
    leave();
  else if (context_->stopping)
    end(close_code::going_away, {});
  else
    attempt();
}

void client_supervisor::end(close_code code, std::string_view reason) {
  active_ = false;
  state_->end();
  switch (phase_) {
    case phase::open: // as a message, so after earlier remote sends
      caf::anon_send(caf::actor_cast<caf::actor>(connection_), close_order{code, std::string{reason}});
      break;
    case phase::opening: connection_->terminate(); break;
    case phase::ended: break;
    default: finish(); break;
  }
}

void client_supervisor::attempt() {
  ++attempts_;
  url_ = settings_.url;
  redirects_ = 0;
  retry_after_ = {};
  if (settings_.options.headers.made_by())
    return make_headers();
  headers_ = settings_.options.headers.fields();
  approach();
}

void client_supervisor::make_headers() {
  phase_ = phase::preparing;
  loop().timers().schedule(*this, net::deadline_after(loop().current_time(), settings_.options.connect_timeout));
  auto go_on = [this, gate = gate_, number = attempts_](header_list made) {
    gate->post([this, number, made = std::move(made)]() mutable {
      if (phase_ == phase::preparing && number == attempts_)
        on_headers(std::move(made));
    });
  };
  const auto failure = context_->handlers.enter_counted("headers", settings_.name(), [&] {
    settings_.options.headers.made_by()(std::move(go_on));
  });
  if (failure && phase_ == phase::preparing)
    attempt_failed(*failure);
}

void client_supervisor::on_headers(header_list made) {
  loop().timers().cancel(*this);
  if (const auto failure = context_->handlers.enter_counted("headers", settings_.name(), [&] { check_headers(made); }))
    return attempt_failed(*failure);
  headers_ = std::move(made);
  approach();
}

// Finds the addresses of the URL's host, unless it is one.
void client_supervisor::approach() {
  if (clients_->open_transport)
    return open_driven();
  phase_ = phase::resolving;
  auto found = net::resolve(url_.host, url_.port, net::host_kind::address);
  if (std::holds_alternative<net::address_list>(found))
    return connect_to(found);
  net::resolve_later(url_.host, url_.port, [this, gate = gate_, number = attempts_](const net::resolve_result& resolved) {
    gate->post([this, number, resolved] {
      if (phase_ == phase::resolving && number == attempts_)
        connect_to(resolved);
    });
  });
}

void client_supervisor::open_driven() {
  phase_ = phase::connecting;
  deadline_ = net::deadline_after(loop().current_time(), settings_.options.connect_timeout);
  if (auto transport = clients_->open_transport(url_))
    open(std::move(*transport));
  else
    attempt_failed({errc::connect_failed, unreachable(std::make_error_code(std::errc::connection_refused))});
}

void client_supervisor::connect_to(const net::resolve_result& found) {
  if (const auto* failure = std::get_if<std::error_code>(&found))
    return attempt_failed({errc::connect_failed, unreachable(*failure)});
  phase_ = phase::connecting;
  if (redirects_ == 0) // else the time of the attempt goes on
    deadline_ = net::deadline_after(loop().current_time(), settings_.options.connect_timeout);
  connector_ = std::make_unique<net::connector>(loop(), std::get<net::address_list>(found), deadline_,
                                                [this](net::connect_result result) { on_connect_result(std::move(result)); });
  connector_->start();
}

void client_supervisor::on_connect_result(net::connect_result result) {
  connector_.reset();
  if (const auto* failure = std::get_if<std::error_code>(&result))
    attempt_failed({*failure == std::errc::timed_out ? errc::connect_timeout : errc::connect_failed, unreachable(*failure)});
  else
    on_tcp_connected(std::move(std::get<net::connected>(result)));
}

void client_supervisor::on_tcp_connected(net::connected connected) {
  if (url_.scheme == http::url_scheme::ws)
    return open(net::channel{std::move(connected.socket), std::move(connected.remote_address)});
  std::unique_ptr<net::byte_stream> stream;
  try {
    stream = settings_.tls->connect(std::move(connected.socket), url_.host);
  } catch (const std::system_error& refused) {
    return attempt_failed({errc::connect_failed, unreachable(refused.code())});
  }
  open(net::channel{std::move(stream), std::move(connected.remote_address)});
}

void client_supervisor::open(net::channel transport) {
  outgoing_ = std::make_shared<outgoing_connection>(
      outgoing_connection{{settings_.name(), settings_.target, {}, settings_.options.route}, this});
  const auto& route = outgoing_->route;
  websocket::client_opening opening{url_.authority(), url_.target, headers_, settings_.options.subprotocols};
  accepted_upgrade made{&route, std::move(transport), opening_of(opening), socket_ptr{nullptr, {nullptr}}, {}, outgoing_};
  if (const auto failure =
          context_->handlers.enter_counted("data", route.pattern, [&] { made.ws = route.target->make_socket(); }))
    return attempt_failed(*failure);
  phase_ = phase::opening;
  // Hidden: a client does not block the end of its actor system.
  const auto spawned = spawn_pinned<connection>(context_->scheduler, *context_, std::move(made));
  connection_ = spawned.get();
  connection_->connect(std::move(opening), deadline_);
}

void client_supervisor::on_connected(connection& opened) {
  phase_ = phase::open;
  opened_at_ = loop().now();
  if (active_)
    state_->set_connection(opened.make_handle());
}

// `on_connection_ended` follows.
void client_supervisor::on_connect_failed(const error& why) {
  redirected_to_ = redirection(why);
  if (redirected_to_)
    return;
  if (const auto* answer = why.response())
    retry_after_ = retry_after(*answer);
  notify_failure(why);
}

// Where a server that refused the handshake sends the client; nothing if it may not go there.
std::optional<http::websocket_url> client_supervisor::redirection(const error& refusal) const {
  const auto* answer = refusal.response();
  if (!active_ || !answer || !settings_.options.follow_redirects || !is_redirection(answer->status)
      || redirects_ == max_redirects)
    return std::nullopt;
  try {
    auto where = http::resolve_reference(url_, websocket::field_of(*answer, "Location"));
    if (url_.scheme == http::url_scheme::wss && where.scheme == http::url_scheme::ws)
      return std::nullopt;
    return where;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

void client_supervisor::redirect(http::websocket_url where) {
  ++attempts_;
  ++redirects_;
  if (where.host != url_.host || where.port != url_.port)
    drop_credentials(headers_);
  url_ = std::move(where);
  approach();
}

void client_supervisor::on_connection_ended(ended_by cause) {
  state_->set_connection({});
  connection_ = nullptr;
  outgoing_.reset();
  if (phase_ == phase::open)
    backoff_.was_open(loop().now() - opened_at_);
  if (cause == ended_by::program)
    active_ = false;
  if (auto where = std::exchange(redirected_to_, std::nullopt); where && active_ && phase_ != phase::ended)
    return redirect(*std::move(where));
  reconnect_or_finish();
}

void client_supervisor::attempt_failed(const error& why) {
  loop().timers().cancel(*this);
  outgoing_.reset();
  notify_failure(why);
  reconnect_or_finish();
}

void client_supervisor::notify_failure(const error& why) {
  if (context_->log.takes(log_level::debug))
    context_->log.write({.level = log_level::debug, .event = "client", .route = settings_.name(), .what = why.what()});
  const auto& on_failure = settings_.options.on_failure;
  if (!on_failure || !active_)
    return;
  if (const auto failure = context_->handlers.enter_counted("on_failure", settings_.name(), [&] { on_failure(why); }))
    context_->handlers.report(*failure, settings_.name());
}

// Schedules the next attempt, or ends if there is none.
void client_supervisor::reconnect_or_finish() {
  if (phase_ == phase::ended)
    return;
  if (!active_ || settings_.options.reconnect.when == reconnect::never)
    return finish();
  phase_ = phase::waiting;
  const auto wait = std::max(backoff_.next(std::uniform_real_distribution<>{0, 1}(clients_->random)), retry_after_);
  loop().timers().schedule(*this, net::deadline_after(loop().current_time(), wait));
}

void client_supervisor::on_timer() {
  if (phase_ == phase::preparing)
    attempt_failed({errc::connect_timeout, settings_.name() + " cannot be reached: its header fields were not made in time"});
  else
    attempt();
}

void client_supervisor::finish() {
  phase_ = phase::ended;
  state_->end();
  gate_->close();
  loop().timers().cancel(*this);
  connector_.reset();
  if (self_) // otherwise `start` will call it
    leave();
}

// In the loop's next round, since a handler of this object may be running.
void client_supervisor::leave() {
  loop().post([self = std::move(self_), this] {
    run_in_place([&] { quit(take_exit_reason()); });
    std::erase(clients_->clients, this);
    std::exchange(on_end_, nullptr)();
  });
}

// Also runs after a `kill`.
void client_supervisor::on_exit() {
  if (phase_ == phase::ended)
    return;
  if (outgoing_)
    outgoing_->owner = nullptr;
  if (connection_)
    std::exchange(connection_, nullptr)->terminate();
  finish();
}

std::string client_supervisor::unreachable(const std::error_code& why) const {
  return settings_.name() + " cannot be reached: " + why.message();
}

std::shared_ptr<client_state> spawn_client(client_context& clients, client_settings settings, std::function<void()> on_end) {
  auto state = std::make_shared<client_state>();
  const auto made =
      spawn_pinned<client_supervisor>(clients.context->scheduler, clients, std::move(settings), state, std::move(on_end));
  state->set_actor(made.handle());
  clients.context->loop.post([made] { made->start(); });
  return state;
}

} // namespace harpia::inline v0::detail
