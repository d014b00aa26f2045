// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/client.hpp>

#include "client/client_loop.hpp"
#include "client/client_state.hpp"
#include "connection/connection_messages.hpp"
#include "facade/access.hpp"
#include "facade/check_close.hpp"
#include "routes/route_set.hpp"

#include "http/field.hpp"
#include "vocabulary/merged_options.hpp"
#include <harpia/actors.hpp>

#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpia::inline v0 {

namespace {

void require(bool holds, const std::string& otherwise) {
  if (!holds)
    throw std::invalid_argument{otherwise};
}

} // namespace

void detail::check_headers(const header_list& fields) {
  constexpr std::array<std::string_view, 10> reserved{
      "Host",
      "Upgrade",
      "Connection",
      "Content-Length",
      "Transfer-Encoding",
      "Sec-WebSocket-Key",
      "Sec-WebSocket-Version",
      "Sec-WebSocket-Extensions",
      "Sec-WebSocket-Protocol",
      "Sec-WebSocket-Accept"};
  for (const auto& [name, value] : fields) {
    require(http::is_field(name, value), "'" + name + "' cannot be a header field, or its value holds a control character");
    require(std::ranges::none_of(reserved, [&field = name](std::string_view one) { return http::equal_fields(one, field); }),
            "the handshake itself sets the field '" + name + "'");
  }
}

void validate(const client_options& options) {
  validate(options.route);
  validate(options.tls);
  require(options.route.subprotocols.get().empty(),
          "'route.subprotocols' is for servers: a client offers those of 'subprotocols'");
  const auto& again = options.reconnect;
  require(again.initial.count() > 0 && again.max >= again.initial, "'reconnect.initial' must be positive and not over 'max'");
  require(again.factor >= 1, "'reconnect.factor' must not be under 1");
  require(again.jitter >= 0 && again.jitter <= 1, "'reconnect.jitter' must be from 0 to 1");
  require(options.connect_timeout.count() > 0, "'connect_timeout' must be positive");
  detail::check_headers(options.headers.fields());
  for (const auto& name : options.subprotocols)
    require(http::is_field(name, {}), "'" + name + "' cannot be a subprotocol");
}

send_status client::send_message(message_view message, send_options options) const {
  return state_ ? state_->connection().send(message, std::move(options)) : send_status::closed;
}

void client::close(close_code code, std::string_view reason) const {
  detail::check_close(code, reason);
  if (state_)
    state_->close(code, reason);
}

bool client::is_open() const noexcept {
  return state_ && state_->connection().is_open();
}

caf::actor as_actor(const client& whole) {
  return detail::access::state(whole) ? detail::access::state(whole)->actor() : caf::actor{};
}

namespace detail {

client_settings check_settings(std::string_view url, std::shared_ptr<const endpoint> target, client_options options) {
  auto parts = http::parse_url(url);
  options.route = merged(std::move(options.route), {}); // there is nothing to inherit but the defaults
  validate(options);
  check_handlers(url, *target);
  check_options(url, *target, options.route);
  const bool secure = parts.scheme == http::url_scheme::wss;
  require(secure || options.tls == client_tls_options{}, "'tls' is for \"wss\" URLs only");
  const auto tls = secure || options.follow_redirects ? std::make_shared<const net::tls_client>(options.tls) : nullptr;
  return {std::move(parts), std::move(target), std::move(options), tls};
}

handle client_state::connection() const {
  const std::scoped_lock lock{mutex_};
  return connection_;
}

caf::actor client_state::actor() const {
  const std::scoped_lock lock{mutex_};
  return caf::actor_cast<caf::actor>(supervisor_);
}

void client_state::close(close_code code, std::string_view reason) {
  const auto supervisor = actor();
  end();
  if (supervisor)
    caf::anon_send(supervisor, close_order{code, std::string{reason}});
}

void client_state::set_actor(const caf::actor& supervisor) {
  const std::scoped_lock lock{mutex_};
  supervisor_ = caf::actor_cast<caf::weak_actor_ptr>(supervisor);
}

void client_state::set_connection(handle present) {
  const std::scoped_lock lock{mutex_};
  connection_ = ending_ ? handle{} : std::move(present);
}

void client_state::end() {
  const std::scoped_lock lock{mutex_};
  ending_ = true;
  connection_ = {};
}

} // namespace detail

} // namespace harpia::inline v0
