// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "net/tls_context.hpp"
#include "net/unique_fd.hpp"
#include <harpia/listen_options.hpp>
#include <harpia/network_address.hpp>

#include <memory>
#include <string>
#include <utility>

namespace harpia::inline v0::detail {

/// Settings shared by the connections of one listening address. Immutable once shared.
struct address_rules {
  std::shared_ptr<const net::tls_server> tls = nullptr; // null: plain sockets
  harpia::proxy_protocol proxy_protocol = harpia::proxy_protocol::disabled;
  address_set trusted = {}; // proxies that may name their client's address

  /// @throws std::system_error if OpenSSL refuses
  [[nodiscard]] net::channel open(net::unique_fd socket, std::string remote_address) const {
    return tls ? net::channel{tls->accept(std::move(socket)), std::move(remote_address)}
               : net::channel{std::move(socket), std::move(remote_address)};
  }
};

/// The trusted proxies of a connection's listening address. Null if the peer is not one of them: then its own address is the client's.
using trusted_proxies = std::shared_ptr<const address_set>;

/// @param remote_address the address of the connection's peer
[[nodiscard]] inline trusted_proxies
trusted_from(const std::shared_ptr<const address_rules>& rules, const std::string& remote_address) {
  return rules->trusted.contains_peer(remote_address) ? trusted_proxies{rules, &rules->trusted} : nullptr;
}

} // namespace harpia::inline v0::detail
