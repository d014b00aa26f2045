// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/channel.hpp"
#include "net/event_loop.hpp"

#include <cstddef>
#include <memory>
#include <openssl/ssl.h>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

namespace harpia::inline v0::net {

struct ssl_deleter {
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};
using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

/// TLS over a socket. While it is watched it does the TLS handshake itself. The owner gets no event until the handshake is done.
///
/// Reading and writing fail apart: what the peer sent before a write to it failed, such as a TLS alert, is still read. After `shutdown_write`
/// a broken stream reads and discards what comes until the peer's end, so that its last alert is not lost to a reset.
///
/// A write encrypts one record. The stream buffers what the kernel does not take of it. The bytes count as written only once the
/// kernel has the whole record: after `would_block` the caller must offer the same bytes again.
class tls_stream final : public byte_stream, private io_handler, private flushable {
public:
  /// @param session is already set up as client or server
  /// @param identity is kept alive: the session's callbacks refer to it
  /// @throws std::bad_alloc
  tls_stream(ssl_ptr session, unique_fd socket, std::shared_ptr<const void> identity);
  ~tls_stream() override;

  io_result read(std::span<std::byte> target) noexcept override;
  io_result write(std::span<const iovec> source) noexcept override;
  io_result write_last(std::span<const iovec> source) noexcept override;
  [[nodiscard]] std::optional<harpia::peer_certificate> peer_certificate() const override;
  [[nodiscard]] net::socket_state socket_state() const noexcept override;
  void shutdown_write() noexcept override;
  void watch(event_loop& loop, io_handler& owner, interest wanted) override;
  void unwatch(event_loop& loop, io_handler& owner) noexcept override;

  /// OpenSSL's BIO functions. As recv and send, but a write takes all bytes unless it fails.
  [[nodiscard]] int receive(char* target, int size) noexcept;
  [[nodiscard]] int transmit(const char* source, int size) noexcept;
  [[nodiscard]] bool has_ended() const noexcept { return peer_ended_; }

private:
  void on_io(interest ready) override;
  void on_flush() override;

  [[nodiscard]] bool is_broken() const noexcept { return failure_.has_value() || ended_; }
  [[nodiscard]] bool has_excess_pending() const noexcept;
  [[nodiscard]] std::optional<std::error_code> write_failure() const noexcept;
  [[nodiscard]] io_result discard(std::span<std::byte> target) noexcept;
  void fail_write(int error) noexcept;
  void encrypt(std::span<const iovec> source) noexcept;
  void continue_handshake() noexcept;
  void record_error(int result) noexcept;
  void send_pending() noexcept;
  [[nodiscard]] int send_flags() const noexcept;
  void answer_plain_http() noexcept;
  [[nodiscard]] interest socket_interest() const noexcept;
  void update_watch() noexcept;
  void notify_owner(interest ready);

  std::shared_ptr<const void> identity_;
  unique_fd socket_;
  ssl_ptr session_;
  event_loop* loop_ = nullptr; // like `owner_`, set while it is watched
  io_handler* owner_ = nullptr;
  interest wanted_ = interest::none;
  interest watched_ = interest::none; // what the loop watches the socket for
  bool may_receive_ = false;          // allows one recv: OpenSSL would make more
  bool more_ = false;                 // there is more to read, even if the socket is not readable
  bool has_received_ = false;         // the peer sent data, so its certificate is proven, even after a later failure
  bool peer_ended_ = false;           // the socket's end was read
  bool ended_ = false;                // the stream's end was reached, with nothing before it
  bool last_ = false;                 // the current write is the last, see `write_last`
  bool has_closed_ = false;           // close_notify was sent
  bool shut_ = false;                 // shut the socket down once everything is sent
  std::size_t encrypted_ = 0;         // bytes of the current write whose record is or was in `pending_`
  std::vector<std::byte> pending_;    // encrypted bytes that the kernel did not take; bounded by `has_excess_pending` and a read
  std::size_t sent_ = 0;              // of `pending_`
  std::optional<std::error_code> failure_; // of the stream, to be read
  std::optional<std::error_code> failure_to_write_;
};

} // namespace harpia::inline v0::net
