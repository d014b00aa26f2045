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

namespace harpia::net {

struct ssl_deleter {
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};
using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

/// TLS over a socket. While it is watched it does the TLS handshake by itself, and tells its owner of nothing until that is done.
///
/// A write encrypts one record. What the kernel does not take of it is kept, and its bytes count as written only once the kernel has
/// them all: whoever writes has to offer the same bytes again after `would_block`.
class tls_stream final : public byte_stream, private io_handler, private flushable {
public:
  /// @param session knows its side already
  /// @param identity is kept alive: the session's callbacks refer to it
  /// @throws std::bad_alloc
  tls_stream(ssl_ptr session, unique_fd socket, std::shared_ptr<const void> identity);
  ~tls_stream() override;

  io_result read(std::span<std::byte> target) noexcept override;
  io_result write(std::span<const iovec> source) noexcept override;
  io_result write_last(std::span<const iovec> source) noexcept override;
  [[nodiscard]] std::optional<harpia::peer_certificate> peer_certificate() const override;
  void shutdown_write() noexcept override;
  void watch(event_loop& loop, io_handler& owner, interest wanted) override;
  void unwatch(event_loop& loop, io_handler& owner) noexcept override;

  /// What OpenSSL reads and writes through; as recv and send, but a write takes everything, unless it fails.
  [[nodiscard]] int receive(char* target, int size) noexcept;
  [[nodiscard]] int transmit(const char* source, int size) noexcept;
  [[nodiscard]] bool has_ended() const noexcept { return peer_ended_; }

private:
  void on_io(interest ready) override;
  void on_flush() override;

  [[nodiscard]] bool is_broken() const noexcept { return failure_.has_value() || ended_; }
  [[nodiscard]] bool owes_much() const noexcept;
  [[nodiscard]] std::optional<std::error_code> write_failure() const noexcept;
  void encrypt(std::span<const iovec> source) noexcept;
  void shake_hands() noexcept;
  void note_error(int result) noexcept;
  void send_pending() noexcept;
  [[nodiscard]] int send_flags() const noexcept;
  void answer_plain_http() noexcept;
  [[nodiscard]] interest interest_below() const noexcept;
  void update_watch() noexcept;
  void tell(interest ready);

  std::shared_ptr<const void> identity_;
  unique_fd socket_;
  ssl_ptr session_;
  event_loop* loop_ = nullptr; // while it is watched, with `owner_`
  io_handler* owner_ = nullptr;
  interest wanted_ = interest::none;
  interest below_ = interest::none; // what the loop watches the socket for
  bool may_receive_ = false;        // OpenSSL would call recv more than once
  bool more_ = false;               // to be read, though the socket need not be readable
  bool heard_ = false;              // the peer has said something, so it is who it has shown to be, even if it fails then
  bool peer_ended_ = false;         // the socket's end was read
  bool ended_ = false;              // and there is nothing before it
  bool last_ = false;               // what is being written is, see `write_last`
  bool has_closed_ = false;         // it has said that nothing more will come
  bool shut_ = false;               // the socket is to be shut down once everything is sent
  std::size_t encrypted_ = 0;       // bytes of what is written that are in `pending_`, or were
  std::vector<std::byte> pending_;  // records, or parts of them, that the kernel did not take; bounded by `owes_much` and a read
  std::size_t sent_ = 0;            // of `pending_`
  std::optional<std::error_code> failure_;
};

} // namespace harpia::net
