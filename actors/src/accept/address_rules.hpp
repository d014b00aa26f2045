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

namespace harpia::detail {

/// What the connections of one address have in common. No longer changes once they share it.
struct address_rules {
  std::shared_ptr<const net::tls_server> tls = nullptr; // null: plain sockets
  harpia::proxy_protocol proxy_protocol = harpia::proxy_protocol::disabled;
  address_set trusted = {}; // proxies

  /// @throws std::system_error if OpenSSL refuses
  [[nodiscard]] net::channel open(net::unique_fd socket, std::string remote_address) const {
    return tls ? net::channel{tls->accept(std::move(socket)), std::move(remote_address)}
               : net::channel{std::move(socket), std::move(remote_address)};
  }
};

/// The proxies whose word on its client is taken on a connection; null if it comes from nobody whose word is.
using trusted_proxies = std::shared_ptr<const address_set>;

/// @param remote_address of a connection
[[nodiscard]] inline trusted_proxies
trusted_from(const std::shared_ptr<const address_rules>& rules, const std::string& remote_address) {
  return rules->trusted.contains_peer(remote_address) ? trusted_proxies{rules, &rules->trusted} : nullptr;
}

} // namespace harpia::detail
