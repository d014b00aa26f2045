// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "accept/accept_context.hpp"
#include "accept/address_rules.hpp"

#include "http/proxy_header.hpp"
#include "net/event_loop.hpp"
#include "net/unique_fd.hpp"

#include <memory>
#include <string>

namespace harpia::inline v0::detail {

/// A socket on an address with the PROXY protocol, from its accept until its PROXY header is read. Then it becomes an `http_connection` with
/// the same deadline.
class proxied_socket final : public net::background_task, private net::io_handler, private net::timer {
public:
  /// @param remote_address the proxy's address
  /// @throws std::system_error if the kernel cannot watch one more socket
  proxied_socket(accept_context& owner, net::unique_fd socket, std::string remote_address,
                 std::shared_ptr<const address_rules> rules, counted_handshake counted);
  ~proxied_socket() override;

private:
  void on_io(net::interest ready) override;
  void on_timer() override;

  void refuse();
  void admit();

  accept_context* owner_;
  net::unique_fd socket_;
  std::string remote_address_;
  std::shared_ptr<const address_rules> rules_;
  net::event_loop::clock::time_point deadline_;
  counted_handshake counted_;
  http::proxy_header_reader header_;
};

/// Gives an accepted socket to the loop, or closes it if the kernel cannot watch one more.
void await_proxy_header(accept_context& owner, net::unique_fd socket, std::string remote_address,
                        std::shared_ptr<const address_rules> rules, counted_handshake counted);

} // namespace harpia::inline v0::detail
