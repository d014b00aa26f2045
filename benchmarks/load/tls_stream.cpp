// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "socket.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace load {

namespace {

struct ssl_deleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

SSL_CTX* shared_context() {
  static const std::unique_ptr<SSL_CTX, ssl_deleter> context = [] {
    std::unique_ptr<SSL_CTX, ssl_deleter> made{SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_NONE, nullptr);
    // What could not be written is written again from another place; idle clients keep no buffers.
    SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return made;
  }();
  return context.get();
}

class tls_stream final : public byte_stream {
public:
  explicit tls_stream(file_descriptor socket) : socket_(std::move(socket)), ssl_(SSL_new(shared_context())) {
    SSL_set_fd(ssl_.get(), socket_.get());
    SSL_set_connect_state(ssl_.get());
  }

  // A record holds 16 KiB at most, so it takes several to fill `data`.
  io_result read(char* data, std::size_t size) override {
    std::size_t total = 0;
    while (total < size) {
      ERR_clear_error();
      std::size_t bytes = 0;
      const int outcome = SSL_read_ex(ssl_.get(), data + total, size - total, &bytes);
      if (outcome != 1) {
        const auto status = status_of(outcome);
        return total > 0 ? io_result{io_status::ok, total} : io_result{status, 0};
      }
      total += bytes;
    }
    return {io_status::ok, total};
  }

  io_result write(const char* data, std::size_t size) override {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int outcome = SSL_write_ex(ssl_.get(), data, size, &bytes);
    return outcome == 1 ? io_result{io_status::ok, bytes} : io_result{status_of(outcome), 0};
  }

  [[nodiscard]] int descriptor() const override { return socket_.get(); }

private:
  io_status status_of(int outcome) const {
    switch (SSL_get_error(ssl_.get(), outcome)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE: return io_status::would_block;
      case SSL_ERROR_ZERO_RETURN: return io_status::closed;
      case SSL_ERROR_SYSCALL:
        if (errno == 0 || errno == ECONNRESET || errno == EPIPE)
          return io_status::closed;
        if (errno == EAGAIN || errno == ENOTCONN)
          return io_status::would_block; // the connection does not stand yet
        throw system_failure("connect, or TLS");
      default: throw std::runtime_error{std::string{"TLS: "} + ERR_reason_error_string(ERR_get_error())};
    }
  }

  file_descriptor socket_;
  std::unique_ptr<SSL, ssl_deleter> ssl_;
};

} // namespace

std::unique_ptr<byte_stream> connect_tls(const endpoint& server, source_address source) {
  return std::make_unique<tls_stream>(start_connecting(server, source));
}

} // namespace load
