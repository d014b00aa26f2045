// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "accept/handshake.hpp"

#include "accept/listener.hpp"
#include "caf_port/spawn.hpp"
#include "connection/connection.hpp"
#include "facade/access.hpp"
#include "log/log.hpp"

#include "http/forwarded_for.hpp"
#include "websocket/stream.hpp"
#include "websocket/upgrade.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <memory>
#include <new>
#include <string>
#include <sys/uio.h>
#include <system_error>
#include <utility>
#include <variant>

namespace harpia::detail {

namespace {

constexpr auto retry_after = "5"; // seconds; a guess, since the time when a slot becomes free is unknown
constexpr auto full_address = "this address has reached its connection limit";

http_response refuse_for_now(int status, std::string_view why) {
  auto refusal = http::refuse(status, why);
  refusal.headers = {{"Retry-After", retry_after}};
  return refusal;
}

// A refused client may keep its socket open, so the number of refused sockets that stay open is limited. Beyond the limit the socket is
// closed at once, and the client may lose the response if it was sending at that moment (RFC 9112, 9.6).
void answer_and_close(accept_context& owner, net::channel client, const http_response& response, http::body_part body) {
  auto bytes = http::serialize(response, body);
  if (response.status >= 400 && !owner.awaited_refusals.take(owner.home->loop.now())) {
    const iovec whole{bytes.data(), bytes.size()};
    const auto [what, size, failure] = client.write({&whole, 1});
    if (what != net::io_result::outcome::done || size == bytes.size())
      return;
    bytes.erase(0, size); // a partial write: the rest is sent below
  }
  websocket::stream::answer(owner.home->loop, owner.home->sessions, std::move(client), bytes, {.close_timeout = answer_timeout});
}

// Counts a connection from now until its actor ends. CAF calls the functor once, on the loop's thread. The listener needs a message only
// when no connection is left; a monitor would send one for each connection.
void count_until_end(connection& self, const accept_context& owner) {
  self.attach_functor([counts = owner.counts, listener = owner.listener](const caf::error&) { // both outlive the connection
    if (--counts->connections > 0)
      return;
    if (const auto alive = caf::actor_cast<caf::actor>(listener))
      caf::anon_send(alive, connections_ended_atom::value);
  });
  ++owner.counts->connections; // last: the functor may find no memory
}

} // namespace

std::optional<connection_slots> take_slot(server_counts& counts, std::string_view address, const trusted_proxies& trusted) {
  if (trusted)
    return connection_slots{};
  auto slot = counts.addresses.take(address);
  if (slot)
    return connection_slots{.of_address = *std::move(slot)};
  ++counts.refused_address;
  return std::nullopt;
}

handshake::handshake(accept_context& owner, accepted_socket accepted, net::event_loop::clock::time_point deadline)
    : owner_{&owner}, home_{owner.home}, channel_{std::move(accepted.socket)}, counted_{std::move(accepted.counted)},
      slots_{std::move(accepted.slots)}, trusted_{std::move(accepted.trusted)}, reader_{owner.limits.max_header} {
  channel_.watch(home_->loop, *this, net::interest::readable);
  home_->loop.timers().schedule(*this, deadline);
}

handshake::~handshake() {
  if (upgrade_)
    upgrade_->forget();
  if (channel_)
    channel_.unwatch(home_->loop, *this);
  slots_ = {}; // before the client sees the end, so that it may reconnect at once
}

void handshake::on_io(net::interest) {
  if (upgrade_)
    return finish(); // reading is off while user code decides, so this is a hang-up
  const auto buffer = home_->loop.read_buffer();
  const auto [what, size, failure] = channel_.read(buffer);
  if (what == net::io_result::outcome::would_block)
    return;
  if (what != net::io_result::outcome::done)
    return finish(); // closed before a complete request
  switch (reader_.read(buffer.first(size))) {
    case http::request_reader::state::incomplete: break;
    case http::request_reader::state::failed: respond(reader_.refusal()); break;
    case http::request_reader::state::complete: decide(); break;
  }
}

void handshake::on_timer() {
  if (upgrade_)
    respond(http::refuse(504, "the upgrade handler did not answer in time"));
  else
    respond(http::refuse(408, "no complete request was received in time"));
}

void handshake::decide() {
  request_ = reader_.take_request();
  if (!identify_client())
    return respond(refuse_for_now(429, full_address));
  if (auto certificate = channel_.peer_certificate())
    request_.set_client_certificate(*std::move(certificate));
  auto decided = home_->handlers.decide(request_);
  if (const auto* answer = std::get_if<dispatcher::answer>(&decided))
    respond(answer->response, request_.method() == "HEAD" ? http::body_part::omitted : http::body_part::included);
  else if (home_->stopping)
    respond(http::refuse(503, "the server is stopping"));
  else
    admit(*std::get<dispatcher::upgrade_to>(decided).route);
}

// Sets the client's address from the header fields of a trusted proxy, and takes a slot of that address.
bool handshake::identify_client() {
  const auto trusted = std::exchange(trusted_, nullptr);
  if (!trusted)
    return true;
  channel_.set_remote_address(http::client_address(channel_.remote_address(), request_, *trusted));
  auto slots = take_slot(*owner_->counts, channel_.remote_address());
  if (slots)
    slots_ = *std::move(slots);
  return slots.has_value();
}

// Applies the checks that need no handler: the origin and the connection limit.
void handshake::admit(const websocket_route& route) {
  if (const auto refusal = home_->handlers.refuse_origin(route, request_)) {
    ++owner_->counts->refused_origins;
    return respond(*refusal);
  }
  auto slot = owner_->counts->slots.take();
  if (!slot) {
    ++owner_->counts->refused_full;
    return respond(refuse_for_now(503, "the server has reached its connection limit"));
  }
  slots_.of_server = *std::move(slot);
  begin_upgrade(route);
}

void handshake::begin_upgrade(const websocket_route& route) {
  route_ = &route;
  const auto failure = home_->handlers.enter("data", route.pattern, [&] {
    ws_ = route.target->make_socket();
    if (!route.layers.empty())
      layers_ = std::make_unique<connection_layers>(route.layers, route.target->takes_parts());
  });
  upgrade_ = std::make_shared<upgrade_state>(home_->loop, *home_->router, request_, channel_.remote_address());
  if (failure) {
    log(*failure);
    return respond(http::refuse(500, "the upgrade handler failed"));
  }
  continue_upgrade();
}

// Runs the `upgrade` handlers one after the other, middleware first. A deferred answer continues here.
void handshake::continue_upgrade() {
  auto& step = upgrade_->step;
  const auto layers = route_->layers.size();
  for (; step <= layers; ++step) {
    upgrade_->deferred = false;
    if (const auto failure = home_->enter_router("upgrade", route_->pattern, [&] { run_upgrade_handler(step); })) {
      log(*failure);
      return respond(http::refuse(500, "the upgrade handler failed"));
    }
    if (upgrade_->rejection)
      return on_decision(std::move(*upgrade_->rejection));
    if (upgrade_->deferred) {
      // The socket is not read meanwhile, so bytes after the request stay in the kernel.
      try {
        channel_.watch(home_->loop, *this, net::interest::none);
      } catch (const std::system_error& refused) {
        log("closing the connection of client '" + channel_.remote_address() + "' to route '" + route_->pattern
            + "' without a response: its socket cannot be watched: " + refused.what());
        return finish();
      }
      upgrade_->on_answer = [this](upgrade_state::decision what) { on_decision(std::move(what)); };
      return;
    }
  }
  become_connection();
}

void handshake::run_upgrade_handler(std::size_t step) {
  if (step == route_->layers.size())
    return route_->target->upgrade(upgrade_, *ws_);
  if (const auto& decides = (*layers_)[step].upgrade) {
    auto request = access::make<harpia::upgrade<void>>(upgrade_);
    decides(request);
  }
}

void handshake::on_decision(upgrade_state::decision what) {
  if (auto* rejection = std::get_if<upgrade_state::rejected>(&what)) {
    auto& headers = rejection->response.headers;
    headers.insert(headers.end(), upgrade_->headers.begin(), upgrade_->headers.end());
    return respond(rejection->response);
  }
  if (home_->stopping)
    return respond(http::refuse(503, "the server is stopping"));
  if (const auto& prepare = std::get<upgrade_state::accepted>(what).prepare)
    if (const auto failure = home_->enter_router("upgrade", route_->pattern, prepare)) {
      log(*failure);
      return respond(http::refuse(500, "the upgrade handler failed"));
    }
  ++upgrade_->step;
  continue_upgrade();
}

void handshake::become_connection() {
  auto& owner = *owner_;
  auto& home = *home_;
  websocket::header_fields fields = std::move(upgrade_->headers);
  auto subprotocol = std::move(upgrade_->subprotocol);
  if (subprotocol.empty())
    subprotocol = websocket::choose_subprotocol(request_, home.handlers.options_of(*route_).subprotocols);
  if (!subprotocol.empty())
    fields.emplace_back("Sec-WebSocket-Protocol", subprotocol);
  const auto rest = reader_.rest();
  std::vector<std::byte> early{rest.begin(), rest.end()};
  // The socket stays watched. The stream takes over the watch before the loop polls again.
  accepted_upgrade upgraded{route_,  std::move(channel_), std::move(request_), std::move(ws_), std::move(subprotocol),
                            nullptr, std::move(layers_),  std::move(slots_)};
  finish(); // `*this` is destroyed

  try {
    const auto self = spawn_pinned<connection, caf::no_spawn_options>(home.scheduler, home, std::move(upgraded));
    count_until_end(*self.get(), owner);
    self->start(fields, early);
  } catch (const std::bad_alloc&) {
    log("closing a client's connection without a response: out of memory");
  }
}

void handshake::respond(const http_response& response, http::body_part body) {
  channel_.unwatch(home_->loop, *this);
  slots_ = {}; // before the client has its response, so that it may reconnect at once
  answer_and_close(*owner_, std::move(channel_), response, body);
  finish();
}

void handshake::finish() {
  home_->loop.destroy(*this);
}

void begin_handshake(accept_context& owner, accepted_socket accepted, net::event_loop::clock::time_point deadline) {
  try {
    owner.home->loop.own(std::make_unique<handshake>(owner, std::move(accepted), deadline));
  } catch (const std::system_error& refused) { // the kernel cannot watch one more socket
    log(std::string{"closing a new connection without a response: its socket cannot be watched: "} + refused.what());
  }
}

void refuse_connection(accept_context& owner, net::channel accepted, exceeded_limit why) {
  answer_and_close(owner, std::move(accepted),
                   why == exceeded_limit::address_slots ? refuse_for_now(429, full_address)
                                                        : refuse_for_now(503, "too many handshakes are in progress"),
                   http::body_part::included);
}

} // namespace harpia::detail
