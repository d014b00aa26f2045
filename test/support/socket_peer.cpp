// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/socket_peer.hpp"

#include "support/temporary_folder.hpp"
#include "support/tls_bridge.hpp"

#include <harpia/harpia.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

namespace harpia::test {

namespace {

class echo_server {
public:
  explicit echo_server(socket_kind over) {
    app_.ws<no_data>("/echo", {.message = [](auto& ws, message_view message) { echo(ws, message); }},
                     {.max_payload = echo_max_payload});
    if (over == socket_kind::unix_socket)
      app_.start({.unix = folder_.emplace().file("echo"), .threads = 1});
    else if (over == socket_kind::tls)
      app_.start({.port = 0,
                  .hostname = "127.0.0.1",
                  .tls = {.cert = certificate("server.pem"), .key = certificate("server.key")},
                  .threads = 1});
    else
      app_.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  }

  [[nodiscard]] std::uint16_t port() const { return app_.port(); }
  [[nodiscard]] raw_client connect() const {
    return folder_ ? raw_client::unix_socket(app_.address()) : raw_client::tcp(app_.port());
  }

private:
  std::optional<temporary_folder> folder_; // of the Unix socket
  app app_{{.stop_timeout = std::chrono::milliseconds{300}}};
};

class socket_peer final : public conversation {
public:
  explicit socket_peer(socket_kind over) : server_{over}, client_{connect(over)} {
    if (const auto reply = client_.upgrade("/echo"); reply.status != 101)
      throw std::runtime_error{"socket_peer: not a 101: " + reply.body};
  }

  void send(std::string_view bytes) override { client_.send_raw(bytes); }
  std::optional<frame> read() override { return client_.read_frame_or_eof(); }
  void end() override { client_.shutdown_write(); }

private:
  [[nodiscard]] raw_client connect(socket_kind over) {
    return over == socket_kind::tls ? raw_client::over(tls_.emplace(server_.port()).take_plain()) : server_.connect();
  }

  echo_server server_;
  std::optional<tls_bridge> tls_;
  raw_client client_; // closed first, so that the server has nobody to wait for
};

} // namespace

std::unique_ptr<conversation> make_socket_peer(socket_kind over) {
  return std::make_unique<socket_peer>(over);
}

} // namespace harpia::test
