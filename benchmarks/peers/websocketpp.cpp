// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Echo and broadcast on WebSocket++ over Asio.
#include "port_option.hpp"

#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/server.hpp>

#include <iostream>
#include <set>

namespace {

using server_type = websocketpp::server<websocketpp::config::asio>;
using websocketpp::connection_hdl;

} // namespace

int main(int argc, char** argv) {
  server_type server;
  std::set<connection_hdl, std::owner_less<connection_hdl>> broadcast;

  server.clear_access_channels(websocketpp::log::alevel::all);
  server.clear_error_channels(websocketpp::log::elevel::all);
  server.init_asio();
  server.set_listen_backlog(4096);
  server.set_tcp_pre_init_handler([&](connection_hdl handle) {
    server.get_con_from_hdl(handle)->get_raw_socket().set_option(websocketpp::lib::asio::ip::tcp::no_delay{true});
  });
  const auto is_echo = [&](connection_hdl handle) { return server.get_con_from_hdl(handle)->get_resource() == "/echo"; };
  server.set_validate_handler([&](connection_hdl handle) {
    const auto connection = server.get_con_from_hdl(handle);
    const bool known = connection->get_resource() == "/echo" || connection->get_resource() == "/broadcast";
    if (!known)
      connection->set_status(websocketpp::http::status_code::not_found);
    return known;
  });
  server.set_open_handler([&](connection_hdl handle) {
    if (!is_echo(handle))
      broadcast.insert(handle);
  });
  server.set_close_handler([&](connection_hdl handle) { broadcast.erase(handle); });
  server.set_message_handler([&](connection_hdl handle, const server_type::message_ptr& message) {
    websocketpp::lib::error_code ignored;
    if (is_echo(handle)) {
      server.send(handle, message->get_payload(), message->get_opcode(), ignored);
      return;
    }
    for (const auto& each : broadcast)
      server.send(each, message->get_payload(), message->get_opcode(), ignored);
  });

  server.listen(websocketpp::lib::asio::ip::tcp::endpoint{
      websocketpp::lib::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(peers::port_option(argc, argv))});
  server.start_accept();
  websocketpp::lib::asio::error_code ignored;
  std::cout << "listening on " << server.get_local_endpoint(ignored) << std::endl;
  server.run();
}
