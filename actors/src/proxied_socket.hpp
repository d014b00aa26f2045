// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "address_rules.hpp"
#include "worker.hpp"

#include <harpia/protocol/proxy_header.hpp>
#include <harpia/transport/event_loop.hpp>
#include <harpia/transport/unique_fd.hpp>

#include <memory>
#include <string>

namespace harpia::detail {

/// A socket on an address with the PROXY protocol, from its accept until it has said whose connection it is. Then it becomes a
/// `handshake`, for the rest of its time.
class proxied_socket final : public transport::resident, private transport::io_handler, private transport::timer {
public:
  /// @param remote_address the proxy's
  /// @throws std::system_error if the kernel cannot watch one more socket
  proxied_socket(worker& owner, transport::unique_fd socket, std::string remote_address,
                 std::shared_ptr<const address_rules> rules, counted_handshake counted);
  ~proxied_socket() override;

private:
  void on_io(transport::interest ready) override;
  void on_timer() override;

  void refuse();
  void let_in();

  worker* worker_;
  transport::unique_fd socket_;
  std::string remote_address_;
  std::shared_ptr<const address_rules> rules_;
  transport::event_loop::clock::time_point deadline_;
  counted_handshake counted_;
  protocol::proxy_header_reader header_;
};

/// Gives a socket that was accepted to the loop; closes it if the kernel cannot watch one more.
void await_proxy_header(worker& owner, transport::unique_fd socket, std::string remote_address,
                        std::shared_ptr<const address_rules> rules, counted_handshake counted);

} // namespace harpia::detail
