// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "accept/http_connection.hpp"

#include "accept/listener.hpp"
#include "caf_port/spawn.hpp"
#include "connection/connection.hpp"
#include "facade/access.hpp"

#include "http/field.hpp"
#include "http/forwarded_for.hpp"
#include "net/deadline.hpp"
#include "websocket/stream.hpp"
#include "websocket/upgrade.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <sys/uio.h>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace harpia::inline v0::detail {

namespace {

constexpr auto retry_after = "5"; // seconds; a guess, since the time when a slot becomes free is unknown
constexpr auto full_address = "this address has reached its connection limit";

http_response refuse_for_now(int status, std::string_view why) {
  auto refusal = http::refuse(status, why);
  refusal.headers = {{"Retry-After", retry_after}};
  return refusal;
}

// Time in which a client must take some of a response that is being written, and how often that is looked at.
constexpr std::chrono::seconds stalled_timeout{30};
constexpr std::chrono::seconds stall_check{1};
// Bytes of a body that a client must send before it is given more time for the rest.
constexpr std::size_t progress = 1024;

// Sends a client its last bytes, and waits for its end: otherwise the system closes with a reset if bytes of the client were not read.
void close_in_order(accept_context& owner, net::channel client, std::string_view last = {}) {
  auto& context = *owner.context;
  websocket::stream::answer(context.loop, context.sessions, std::move(client), last, {.close_timeout = answer_timeout});
}

// A refused client may keep its socket open, so the number of refused sockets that stay open is limited. Beyond the limit the socket is
// closed at once, and the client may lose the response if it was sending at that moment (RFC 9112, 9.6).
void answer_and_close(accept_context& owner, net::channel client, const http_response& response, http::body_part body) {
  auto bytes = http::serialize(response, {.body = body});
  if (response.status >= 400 && !owner.awaited_refusals.take(owner.context->loop.now())) {
    const iovec whole{bytes.data(), bytes.size()};
    const auto [what, size, failure] = client.write({&whole, 1});
    if (what != net::io_result::outcome::done || size == bytes.size())
      return;
    bytes.erase(0, size); // a partial write: the rest is sent below
  }
  close_in_order(owner, std::move(client), bytes);
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

http_connection::http_connection(accept_context& owner, accepted_socket accepted, time_point deadline)
    : owner_{&owner}, context_{owner.context}, channel_{std::move(accepted.socket)}, counted_{std::move(accepted.counted)},
      slots_{std::move(accepted.slots)}, trusted_{std::move(accepted.trusted)}, reader_{owner.limits.max_header} {
  channel_.watch(context_->loop, *this, net::interest::readable);
  context_->loop.timers().schedule(*this, deadline);
}

http_connection::~http_connection() {
  if (exchange_)
    exchange_->forget();
  if (channel_)
    channel_.unwatch(context_->loop, *this);
  slots_ = {}; // before the client sees the end, so that it may reconnect at once
}

bool http_connection::delays_stop() const noexcept {
  return phase_ == phase::answering && !writer_.is_streaming();
}

// Runs an event and what it leads to. Any of that may end the connection, which is destroyed only afterwards.
template <class Function>
void http_connection::handle(Function event) {
  try {
    event();
    go_on();
  } catch (const std::exception& failure) { // of the library itself, for want of memory
    log(log_level::error, "internal_error", std::string{"closing the HTTP connection of a client: "} + failure.what());
    lose_client();
  }
  if (phase_ == phase::ended)
    context_->loop.destroy(*this);
}

void http_connection::on_io(net::interest ready) {
  handle([&] {
    if (phase_ == phase::deciding)
      return end(); // reading is off while user code decides, so this is a hang-up
    if (net::wants(ready, net::interest::writable) && phase_ == phase::answering)
      write_response();
    if (net::wants(ready, net::interest::readable) && phase_ != phase::ended)
      receive();
  });
}

void http_connection::receive() {
  if (phase_ == phase::answering && !writer_.is_streaming())
    return end(); // as above
  const auto buffer = context_->loop.read_buffer();
  const auto [what, size, failure] = channel_.read(buffer);
  if (what == net::io_result::outcome::would_block)
    return;
  if (what == net::io_result::outcome::done)
    return on_bytes(buffer.first(size));
  lose_client();
  if (what == net::io_result::outcome::failed && failure->category() != std::system_category()) {
    channel_.unwatch(context_->loop, *this);
    if (owner_->awaited_refusals.take(context_->loop.now())) // so that the alert of TLS arrives
      close_in_order(*owner_, std::move(channel_));
  }
}

void http_connection::on_bytes(std::span<const std::byte> bytes) {
  switch (phase_) {
    case phase::idle: reader_.keep(bytes); break;
    case phase::head: take(reader_.read(bytes)); break;
    case phase::body:
      moved_ += bytes.size();
      if (moved_ >= progress) // a body may take long, as long as it comes
        schedule(owner_->limits.timeout);
      take(reader_.read_body(bytes));
      break;
    case phase::answering: // a further request, while a body is streamed: later
      reader_.keep(bytes);
      return watch(net::interest::none);
    default: return;
  }
}

void http_connection::on_timer() {
  handle([&] {
    switch (phase_) {
      case phase::head:
      case phase::body: return refuse(http::refuse(408, "no complete request was received in time"));
      case phase::deciding: return refuse(http::refuse(504, "the handler did not answer in time"));
      case phase::answering: return check_stall();
      default: return lose_client();
    }
  });
}

// Takes what the reader has made of the client's bytes.
void http_connection::take(reader_state read) {
  if (read == reader_state::failed)
    return refuse(reader_.refusal());
  if (read == reader_state::incomplete)
    return watch(net::interest::readable);
  if (phase_ == phase::head)
    return decide();
  body_is_read_ = true;
  request_.set_body(reader_.take_body());
  run_target();
}

// Goes on with what an event has led to, as far as the bytes for it are there: a body, and further requests that came with this one.
void http_connection::go_on() {
  for (;;) {
    if (phase_ == phase::agreed)
      take(begin_body());
    else if (phase_ == phase::idle && reader_.has_next() && begin_request())
      take(reader_.read_next());
    else
      return;
  }
}

// The client begins a further request. @return whether it may; otherwise it has been answered
bool http_connection::begin_request() {
  phase_ = phase::head;
  body_is_read_ = false;
  idle_ = {};
  counted_ = counted_handshake{*owner_};
  schedule(owner_->limits.timeout);
  auto slots = take_slot(*owner_->counts, channel_.remote_address(), trusted_);
  if (!slots) {
    refuse(refuse_for_now(429, full_address));
    return false;
  }
  slots_ = *std::move(slots);
  return true;
}

void http_connection::decide() {
  request_ = reader_.take_request(channel_.remote_address());
  if (!identify_client())
    return refuse(refuse_for_now(429, full_address));
  if (auto certificate = channel_.peer_certificate())
    request_.set_client_certificate(*std::move(certificate));
  const bool is_upgrade = !reader_.is_http_1_0() && websocket::asks_for_websocket(request_); // RFC 9110, 7.8
  auto decided = context_->handlers.decide(request_, is_upgrade);
  if (auto* given = std::get_if<dispatcher::answer>(&decided))
    is_upgrade ? refuse(given->response) : answer(std::move(given->response));
  else if (auto* page = std::get_if<dispatcher::page_at>(&decided))
    begin_page(*page->page, std::move(page->instead));
  else
    admit(*std::get<dispatcher::upgrade_to>(decided).route);
}

// Takes the client's address from the header fields of a trusted proxy, and a slot of that address.
bool http_connection::identify_client() {
  if (!trusted_)
    return true;
  request_.set_remote_address(http::client_address(channel_.remote_address(), request_, *trusted_));
  auto slots = take_slot(*owner_->counts, request_.remote_address());
  if (slots)
    slots_ = *std::move(slots);
  return slots.has_value();
}

// Applies the checks that need no handler: the origin and the connection limit.
void http_connection::admit(const websocket_route& route) {
  if (auto refusal = context_->handlers.refuse_origin(route, request_)) {
    ++owner_->counts->refused_origins;
    return refuse(*refusal);
  }
  auto slot = owner_->counts->slots.take();
  if (!slot) {
    ++owner_->counts->refused_full;
    return refuse(refuse_for_now(503, "the server has reached its connection limit"));
  }
  slots_.of_server = *std::move(slot);
  begin_upgrade(route);
}

void http_connection::begin_upgrade(const websocket_route& route) {
  route_ = &route;
  const auto failure = context_->handlers.enter_counted("data", route.pattern, [&] {
    ws_ = route.target->make_socket();
    if (!route.layers.empty())
      layers_ = std::make_unique<connection_layers>(route.layers, route.target->takes_parts());
  });
  exchange_ = std::make_shared<exchange_state>(context_->loop, *context_->router, request_);
  if (failure)
    return refuse_after(*failure);
  pass_layers();
}

void http_connection::begin_page(const page_route& page, std::optional<http_response> instead) {
  page_ = &page;
  instead_ = std::move(instead);
  if (!page.layers.empty()) {
    const auto failure = context_->handlers.enter_counted("middleware", page.pattern, [&] {
      layers_ = std::make_unique<connection_layers>(page.layers, false);
    });
    if (failure)
      return refuse_after(*failure);
  }
  exchange_ = std::make_shared<exchange_state>(context_->loop, *context_->router, request_);
  schedule(owner_->limits.timeout);
  pass_layers();
}

// Runs the layers' functions one after the other, then what they are around. A deferred answer continues here.
void http_connection::pass_layers() {
  const auto layers = layers_ ? layers_->size() : 0;
  for (auto& step = exchange_->step; step < layers; ++step) {
    exchange_->deferred = false;
    if (const auto failure = run_layer((*layers_)[step]))
      return refuse_after(*failure);
    if (exchange_->given)
      return answer(std::move(exchange_->given->response));
    if (exchange_->deferred && await_decision())
      return;
    if (phase_ == phase::ended)
      return;
  }
  if (page_ && !instead_ && reader_.has_body() && !body_is_read_)
    phase_ = phase::agreed;
  else
    run_target();
}

std::optional<error> http_connection::run_layer(const middleware& layer) {
  if (route_ && layer.upgrade)
    return context_->enter_router("upgrade", route_->pattern, [&] {
      auto request = access::make<harpia::upgrade<void>>(exchange_);
      layer.upgrade(request);
    });
  if (page_ && layer.http)
    return context_->enter_router("http", page_->pattern, [&] {
      auto request = access::make<page_request>(exchange_);
      layer.http(request);
    });
  return std::nullopt;
}

// The socket is not read meanwhile, so bytes after the request stay in the kernel.
bool http_connection::await_decision() {
  phase_ = phase::deciding;
  watch(net::interest::none);
  if (phase_ == phase::ended)
    return false;
  if (page_)
    undecided_ = counted<&server_counts::pages>{*owner_->counts};
  exchange_->on_answer = [this](exchange_state::decision what) { handle([&] { on_decision(std::move(what)); }); };
  return true;
}

void http_connection::on_decision(exchange_state::decision what) {
  undecided_ = {};
  if (auto* given = std::get_if<exchange_state::answered>(&what))
    answer(std::move(given->response));
  else if (auto* streamed = std::get_if<exchange_state::streamed>(&what))
    begin_stream(std::move(*streamed));
  else {
    if (const auto& prepare = std::get<exchange_state::accepted>(what).prepare)
      if (const auto failure =
              context_->enter_router(route_ ? "upgrade" : "http", route_ ? route_->pattern : page_->pattern, prepare))
        return refuse_after(*failure);
    ++exchange_->step;
    phase_ = phase::head;
    pass_layers();
  }
}

void http_connection::run_target() {
  route_ ? run_upgrade_handler() : run_page_handler();
}

void http_connection::run_upgrade_handler() {
  if (exchange_->step > (layers_ ? layers_->size() : 0)) // it had deferred the answer
    return become_connection();
  exchange_->deferred = false;
  if (const auto failure = context_->enter_router("upgrade", route_->pattern, [&] { route_->target->upgrade(exchange_, *ws_); }))
    return refuse_after(*failure);
  if (exchange_->given)
    return answer(std::move(exchange_->given->response));
  if (exchange_->deferred && await_decision())
    return;
  if (phase_ != phase::ended)
    become_connection();
}

void http_connection::run_page_handler() {
  if (instead_)
    return answer(*std::move(instead_));
  const auto& handler = page_->handler;
  if (const auto& files = access::files(handler)) {
    file_answer given;
    const auto failure =
        context_->handlers.enter_counted("serve_files", page_->pattern, [&] { given = files->answer(request_); });
    return failure ? refuse_after(*failure) : answer_with_file(std::move(given));
  }
  const auto* const name = page_->name.data();
  if (const auto& reply = access::reply(handler)) {
    if (!await_decision())
      return;
    const auto failure =
        context_->enter_router(name, page_->pattern, [&] { reply(request_, access::make<http_reply>(exchange_)); });
    if (failure)
      report(*failure); // the answer is that of the `http_reply`, which refuses the request at its end
    return;
  }
  http_response response;
  if (const auto failure = context_->enter_router(name, page_->pattern, [&] { response = access::answer(handler)(request_); }))
    return refuse_after(*failure);
  if (const auto fault = http::fault_of(response))
    return refuse_after(
        {errc::handler_threw, "the handler '" + page_->name + "' of route '" + page_->pattern
                                  + "' returned a response that cannot be sent: " + *fault + "; the client gets 500"});
  answer(std::move(response));
}

// The client may wait to be told that its body is wanted, unless it has begun to send it (RFC 9110, 10.1.1).
http_connection::reader_state http_connection::begin_body() {
  phase_ = phase::body;
  const bool is_awaited = reader_.awaits_continue() && reader_.rest().empty();
  const auto read = reader_.begin_body(page_->options.max_body);
  if (is_awaited && read == reader_state::incomplete) {
    std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
    const iovec whole{interim.data(), interim.size()};
    const auto [what, size, failure] = channel_.write({&whole, 1});
    if (what != net::io_result::outcome::done || size != interim.size())
      end(); // a socket that does not take 25 bytes
  }
  return read;
}

void http_connection::become_connection() {
  auto& owner = *owner_;
  auto& context = *context_;
  websocket::header_fields fields = std::move(exchange_->headers);
  auto subprotocol = std::move(exchange_->subprotocol);
  if (subprotocol.empty())
    subprotocol = websocket::choose_subprotocol(request_, route_->options.subprotocols);
  if (!subprotocol.empty())
    fields.emplace_back("Sec-WebSocket-Protocol", subprotocol);
  const auto rest = reader_.rest();
  std::vector<std::byte> early{rest.begin(), rest.end()};
  if (trusted_)
    channel_.set_remote_address(std::string{request_.remote_address()});
  // The socket stays watched. The stream takes over the watch before the loop polls again.
  accepted_upgrade upgraded{route_,  std::move(channel_), std::move(request_), std::move(ws_), std::move(subprotocol),
                            nullptr, std::move(layers_),  std::move(slots_)};
  exchange_->forget();
  counted_ = {};
  end();

  try {
    const auto self = spawn_pinned<connection, caf::no_spawn_options>(context.scheduler, context, std::move(upgraded));
    count_until_end(*self.get(), owner);
    self->start(fields, early);
    if (context.stopping) // it was accepted before: its client learns from the close code what happens
      self->close(context.stop_code, {});
  } catch (const std::bad_alloc&) {
    context.log.write({.level = log_level::error,
                       .event = "internal_error",
                       .what = "closing a client's connection without a response: out of memory"});
  }
}

std::string_view http_connection::pattern() const noexcept {
  return route_ ? std::string_view{route_->pattern} : page_ ? std::string_view{page_->pattern} : std::string_view{};
}

void http_connection::log(log_level level, std::string_view event, std::string_view what, int status) const noexcept {
  context_->log.write(
      {.level = level,
       .event = event,
       .route = pattern(),
       .remote_address = request_.remote_address().empty() ? channel_.remote_address() : request_.remote_address(),
       .code = static_cast<unsigned>(status),
       .what = what});
}

void http_connection::report(const error& failure) const noexcept {
  log(log_level::error, "handler_failed", failure.what());
}

// Tells what a request gets: whoever has asked for it, and if it is refused, the counts and the log.
void http_connection::note_answer(int status, std::string_view body) {
  if (exchange_) {
    const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(context_->loop.now() - exchange_->began);
    for (const auto& each : std::exchange(exchange_->on_answered, {}))
      if (const auto failure = context_->handlers.enter_counted("on_answered", pattern(), [&] { each(status, after); }))
        report(*failure);
  }
  if (status < 400)
    return;
  owner_->counts->all.refused(status);
  if (!context_->log.takes(log_level::debug))
    return;
  constexpr std::size_t longest = 200;
  auto what = std::string{request_.method()};
  what.append(" ").append(request_.path()).append(": ").append(body.substr(0, std::min(longest, body.find('\n'))));
  log(log_level::debug, "refused", what, status);
}

void http_connection::refuse_after(const error& failure) {
  report(failure);
  answer(http::refuse(500, "the handler failed"));
}

http::body_part http_connection::body_wanted() const noexcept {
  return request_.method() == "HEAD" ? http::body_part::omitted : http::body_part::included;
}

// Whether a further request may follow on this connection.
bool http_connection::may_persist_after(const http_response& response) const noexcept {
  const bool closes = std::ranges::any_of(response.headers, [](const auto& field) {
    return http::equal_fields(field.first, "Connection") && http::has_token(field.second, "close");
  });
  const auto& limits = owner_->limits;
  return !closes && !route_ && reader_.is_persistent() && (body_is_read_ || !reader_.has_body()) && !context_->stopping
         && limits.keep_alive.count() > 0 && answered_ + 1 < limits.keep_alive_requests
         && owner_->counts->idle.load(std::memory_order_relaxed) < limits.max_idle;
}

void http_connection::add_own_fields(http_response& response) const {
  if (exchange_)
    response.headers.insert(response.headers.end(), exchange_->headers.begin(), exchange_->headers.end());
}

// Answers a request, and ends the connection unless a further one may follow.
void http_connection::answer(http_response response) {
  note_answer(response.status, response.body);
  give(std::move(response));
}

void http_connection::give(http_response response) {
  persists_ = may_persist_after(response);
  if (!persists_)
    return give_last(std::move(response));
  add_own_fields(response);
  writer_.begin(http::serialize(
      response, {.body = body_wanted(), .after = reader_.is_http_1_0() ? http::persistence::keep_1_0 : http::persistence::keep}));
  slots_ = {}; // before the client has its response, so that it may connect at once
  phase_ = phase::answering;
  write_response();
  if (phase_ == phase::answering) // it takes its time, and its place
    if (auto again = owner_->counts->addresses.take(request_.remote_address()))
      slots_.of_address = *std::move(again);
}

// Answers a request, and ends the connection.
void http_connection::refuse(http_response response) {
  note_answer(response.status, response.body);
  give_last(std::move(response));
}

void http_connection::give_last(http_response response) {
  add_own_fields(response);
  channel_.unwatch(context_->loop, *this);
  slots_ = {}; // as above
  answer_and_close(*owner_, std::move(channel_), response, body_wanted());
  end();
}

void http_connection::lose_client() {
  if (const auto closed = writer_.cut())
    if (const auto failure = context_->handlers.enter_counted("on_close", page_->pattern, closed))
      report(*failure);
  end();
}

void http_connection::write_response() {
  using enum response_writer::result;
  for (;;)
    switch (writer_.write(channel_, context_->loop.current_time())) {
      case done: return end_answer();
      case failed: return lose_client();
      case waiting:
        context_->loop.timers().cancel(*this);
        return watch(reader_.rest().empty() ? net::interest::readable : net::interest::none);
      case blocked:
        if (watched_ != net::interest::writable)
          schedule(stall_check);
        return watch(net::interest::writable);
      case drained:
        if (const auto failure = context_->handlers.enter_counted("on_drain", page_->pattern, writer_.take_drain()))
          report(*failure);
        break;
    }
}

void http_connection::check_stall() {
  const auto limit = context_->stopping ? std::min<std::chrono::milliseconds>(owner_->limits.stop_timeout, stalled_timeout)
                                        : std::chrono::milliseconds{stalled_timeout};
  writer_.is_stalled(channel_, limit, context_->loop.current_time()) ? lose_client() : schedule(stall_check);
}

void http_connection::answer_with_file(file_answer given) {
  if (!given.length)
    return answer(std::move(given.head));
  note_answer(given.head.status, {});
  persists_ = may_persist_after(given.head);
  add_own_fields(given.head);
  const auto kept = reader_.is_http_1_0() ? http::persistence::keep_1_0 : http::persistence::keep;
  writer_.begin(
      http::serialize(
          given.head,
          {.body = http::body_part::omitted, .after = persists_ ? kept : http::persistence::close, .length = given.length}),
      std::move(given.body));
  phase_ = phase::answering;
  write_response();
}

void http_connection::begin_stream(exchange_state::streamed given) {
  auto& head = given.head;
  note_answer(head.status, {});
  add_own_fields(head);
  const bool in_chunks = !reader_.is_http_1_0();
  persists_ = in_chunks && may_persist_after(head);
  auto bytes = http::serialize(head, {.body = body_wanted(),
                                      .after = persists_ ? http::persistence::keep : http::persistence::close,
                                      .end = in_chunks ? http::body_end::chunks : http::body_end::connection});
  if (body_wanted() == http::body_part::omitted || http::has_no_body(head.status)) {
    given.body->end();
    writer_.begin(std::move(bytes));
  } else {
    (void)given.untaken.release();
    writer_.begin(std::move(bytes), std::move(given.body), in_chunks ? body_framing::chunks : body_framing::end_of_connection,
                  [this] { handle([this] { write_response(); }); });
  }
  phase_ = phase::answering;
  write_response();
}

// The response is written: the connection waits for a further request, or ends.
void http_connection::end_answer() {
  if (!persists_) {
    channel_.unwatch(context_->loop, *this);
    close_in_order(*owner_, std::move(channel_));
    return end();
  }
  ++answered_;
  if (exchange_)
    exchange_->forget();
  exchange_ = nullptr;
  layers_ = nullptr;
  page_ = nullptr;
  instead_.reset();
  request_ = {};
  slots_ = {};
  counted_ = {};
  idle_ = counted<&server_counts::idle>{*owner_->counts};
  phase_ = phase::idle;
  schedule(owner_->limits.keep_alive);
  watch(net::interest::readable);
}

void http_connection::watch(net::interest wanted) {
  if (wanted == watched_)
    return;
  try {
    channel_.watch(context_->loop, *this, wanted);
    watched_ = wanted;
  } catch (const std::system_error& refused) {
    log(log_level::error, "internal_error",
        std::string{"closing the connection without a response: its socket cannot be watched: "} + refused.what());
    lose_client();
  }
}

void http_connection::schedule(std::chrono::milliseconds time) {
  moved_ = 0;
  context_->loop.timers().schedule(*this, net::deadline_after(context_->loop.current_time(), time));
}

void serve_http(accept_context& owner, accepted_socket accepted, net::event_loop::clock::time_point deadline) {
  try {
    owner.context->loop.own(std::make_unique<http_connection>(owner, std::move(accepted), deadline));
  } catch (const std::system_error& refused) { // the kernel cannot watch one more socket
    owner.context->log.write(
        {.level = log_level::error,
         .event = "internal_error",
         .what = std::string{"closing a new connection without a response: its socket cannot be watched: "} + refused.what()});
  }
}

void refuse_connection(accept_context& owner, net::channel accepted, exceeded_limit why) {
  answer_and_close(owner, std::move(accepted),
                   why == exceeded_limit::address_slots ? refuse_for_now(429, full_address)
                                                        : refuse_for_now(503, "too many handshakes are in progress"),
                   http::body_part::included);
}

} // namespace harpia::inline v0::detail
