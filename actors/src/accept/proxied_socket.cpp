// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "accept/proxied_socket.hpp"

#include "accept/http_connection.hpp"

#include "net/deadline.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace harpia::inline v0::detail {

proxied_socket::proxied_socket(accept_context& owner, net::unique_fd socket, std::string remote_address,
                               std::shared_ptr<const address_rules> rules, counted_handshake counted)
    : owner_{&owner}, socket_{std::move(socket)}, remote_address_{std::move(remote_address)}, rules_{std::move(rules)},
      deadline_{net::deadline_after(owner.context->loop.current_time(), owner.limits.timeout)}, counted_{std::move(counted)} {
  owner_->context->loop.add(socket_.get(), *this, net::interest::readable);
  owner_->context->loop.timers().schedule(*this, deadline_);
}

proxied_socket::~proxied_socket() {
  if (socket_)
    owner_->context->loop.remove(socket_.get());
}

// Peeks, then reads the header only: the bytes after it are for TLS or HTTP.
void proxied_socket::on_io(net::interest) {
  const auto buffer = owner_->context->loop.read_buffer().first(http::proxy_header_reader::max_size);
  const auto size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_PEEK);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    return;
  if (size <= 0) {
    if (header_.started())
      return refuse();
    return owner_->context->loop.destroy(*this); // a port probe: no bytes were received
  }
  const auto state = header_.read(buffer.first(static_cast<std::size_t>(size)));
  [[maybe_unused]] const auto consumed = ::recv(socket_.get(), buffer.data(), header_.used(), 0);
  if (state == http::proxy_header_reader::state::failed)
    refuse();
  else if (state == http::proxy_header_reader::state::complete)
    admit();
}

void proxied_socket::on_timer() {
  refuse();
}

// Sends no response: a peer that does not speak the PROXY protocol should not learn the protocol of this port.
void proxied_socket::refuse() {
  ++owner_->counts->refused_proxy_headers;
  owner_->context->loop.destroy(*this);
}

void proxied_socket::admit() {
  auto& owner = *owner_;
  const auto rules = std::move(rules_);
  const auto deadline = deadline_;
  const auto& source = header_.source();
  // A header without a source address still precedes bytes of an unknown client, so the proxy's trust does not extend to them.
  const auto client = source ? source->to_string() : std::move(remote_address_);
  auto trusted = source ? trusted_from(rules, client) : nullptr;
  owner.context->loop.remove(socket_.get());
  auto socket = std::move(socket_);
  auto counted = std::move(counted_);
  owner.context->loop.destroy(*this); // `*this` is destroyed

  try {
    auto channel = rules->open(std::move(socket), client);
    auto slots = take_slot(*owner.counts, client, trusted);
    if (slots)
      serve_http(owner, accepted_socket{std::move(channel), *std::move(slots), std::move(trusted), std::move(counted)}, deadline);
    else
      refuse_connection(owner, std::move(channel), exceeded_limit::address_slots);
  } catch (const std::system_error& refused) {
    owner.context->log.write(
        {.level = log_level::error,
         .event = "internal_error",
         .remote_address = client,
         .what = std::string{"closing a connection that a proxy forwards without a response: "} + refused.what()});
  }
}

void await_proxy_header(accept_context& owner, net::unique_fd socket, std::string remote_address,
                        std::shared_ptr<const address_rules> rules, counted_handshake counted) {
  try {
    owner.context->loop.own(std::make_unique<proxied_socket>(
        owner, std::move(socket), std::move(remote_address), std::move(rules), std::move(counted)));
  } catch (const std::system_error& refused) {
    owner.context->log.write(
        {.level = log_level::error,
         .event = "internal_error",
         .what = std::string{"closing a new connection of a proxy without a response: its socket cannot be watched: "}
                 + refused.what()});
  }
}

} // namespace harpia::inline v0::detail
