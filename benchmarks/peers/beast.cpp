// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Echo and broadcast in the way of Beast's examples: a session for each socket, one read and one write at a time.
#include "port_option.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <iostream>
#include <memory>
#include <unordered_set>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

class session;

struct server_state {
  bool compress = false;
  std::unordered_set<session*> broadcast; // those who are open
};

struct outgoing {
  std::shared_ptr<const std::string> payload;
  bool is_text;
};

class session : public std::enable_shared_from_this<session> {
public:
  session(tcp::socket socket, server_state& state) : stream_(std::move(socket)), state_(state) {
    stream_.next_layer().set_option(tcp::no_delay{true});
  }
  ~session() { state_.broadcast.erase(this); }

  void start() {
    http::async_read(stream_.next_layer(), buffer_, request_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error)
        self->on_request();
    });
  }

private:
  void on_request() {
    echoes_ = request_.target() == "/echo";
    if (!websocket::is_upgrade(request_) || (!echoes_ && request_.target() != "/broadcast"))
      return refuse();
    if (state_.compress) {
      websocket::permessage_deflate deflate;
      deflate.server_enable = true;
      deflate.server_no_context_takeover = true;
      deflate.client_no_context_takeover = true;
      stream_.set_option(deflate);
    }
    stream_.async_accept(request_, [self = shared_from_this()](error_code error) {
      if (error)
        return;
      self->request_ = {};
      if (!self->echoes_)
        self->state_.broadcast.insert(self.get());
      self->read();
    });
  }

  void refuse() {
    auto response = std::make_shared<http::response<http::empty_body>>(http::status::not_found, request_.version());
    response->prepare_payload();
    http::async_write(stream_.next_layer(), *response, [self = shared_from_this(), response](error_code, std::size_t) {});
  }

  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error)
        self->state_.broadcast.erase(self.get());
      else
        self->on_message();
    });
  }

  void on_message() {
    if (echoes_) {
      stream_.text(stream_.got_text());
      stream_.async_write(buffer_.data(), [self = shared_from_this()](error_code error, std::size_t bytes) {
        self->buffer_.consume(bytes);
        if (!error)
          self->read();
      });
      return;
    }
    const outgoing message{std::make_shared<const std::string>(beast::buffers_to_string(buffer_.data())), stream_.got_text()};
    buffer_.clear();
    for (auto* each : state_.broadcast)
      each->send(message);
    read();
  }

  void send(const outgoing& message) {
    queue_.push_back(message);
    if (queue_.size() == 1)
      write();
  }

  void write() {
    stream_.text(queue_.front().is_text);
    stream_.async_write(asio::buffer(*queue_.front().payload), [self = shared_from_this()](error_code error, std::size_t) {
      if (error)
        return;
      self->queue_.pop_front();
      if (!self->queue_.empty())
        self->write();
    });
  }

  websocket::stream<tcp::socket> stream_;
  server_state& state_;
  beast::flat_buffer buffer_;
  http::request<http::empty_body> request_;
  std::deque<outgoing> queue_;
  bool echoes_ = false;
};

void accept_next(tcp::acceptor& acceptor, server_state& state) {
  acceptor.async_accept([&](error_code error, tcp::socket socket) {
    if (!error)
      std::make_shared<session>(std::move(socket), state)->start();
    accept_next(acceptor, state);
  });
}

} // namespace

int main(int argc, char** argv) {
  server_state state;
  state.compress = peers::has_option(argc, argv, "--compress");
  asio::io_context context{1};
  const auto port = static_cast<std::uint16_t>(peers::port_option(argc, argv));
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), port}};
  std::cout << "listening on " << acceptor.local_endpoint() << std::endl;
  accept_next(acceptor, state);
  context.run();
}
