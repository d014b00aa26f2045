// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"
#include "net/io_result.hpp"
#include "net/socket_state.hpp"
#include "net/unique_fd.hpp"
#include <harpia/peer_certificate.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

struct iovec;

namespace harpia::inline v0::net {

/// Maximum number of buffers in one gathering write.
inline constexpr std::size_t max_gather = 64;

/// A bidirectional byte stream: a socket or a layer over one. Belongs to one loop's thread once it is watched.
///
/// Readiness is that of the stream, not of the descriptor below it. A decoding stream reports `readable` as long as a read would
/// return bytes, even if the descriptor has no more. In order to read, it may have to wait until the descriptor is writable.
class byte_stream {
public:
  byte_stream() = default;
  byte_stream(const byte_stream&) = delete;
  byte_stream& operator=(const byte_stream&) = delete;
  virtual ~byte_stream() = default;

  /// Makes at most one system call. Returns `end` when the peer will send no more.
  virtual io_result read(std::span<std::byte> target) noexcept = 0;
  /// Makes at most one system call. May write only a part of `source`.
  virtual io_result write(std::span<const iovec> source) noexcept = 0;
  /// As `write`, for the last bytes of the stream. `shutdown_write` follows once all are written; both may leave in one segment.
  virtual io_result write_last(std::span<const iovec> source) noexcept { return write(source); }
  /// The socket, if `read` and `write` do nothing but read and write it; otherwise -1.
  [[nodiscard]] virtual int socket() const noexcept { return -1; }
  /// What the operating system knows of the socket below, if there is one.
  [[nodiscard]] virtual net::socket_state socket_state() const noexcept { return {}; }
  /// The peer's verified certificate, if it sent one. Available once something could be read.
  [[nodiscard]] virtual std::optional<harpia::peer_certificate> peer_certificate() const { return std::nullopt; }
  /// Ends the outgoing direction: the peer reads the end of the stream.
  virtual void shutdown_write() noexcept = 0;

  /// Makes the loop call `owner`, level-triggered, for the events in `wanted`. Replaces the earlier registration. A broken stream is
  /// reported as `readable`, even without any interest. @throws std::system_error if the kernel refuses
  virtual void watch(event_loop& loop, io_handler& owner, interest wanted) = 0;
  /// No event follows, not even one of this turn. Required before owner or stream is destroyed. Does nothing if it is not watched.
  virtual void unwatch(event_loop& loop, io_handler& owner) noexcept = 0;
};

/// One end of a connection: a stream and the peer's address. Empty after it was moved from.
class channel {
public:
  /// Over a connected, non-blocking stream socket, TCP or Unix.
  explicit channel(unique_fd socket, std::string remote_address = {});
  explicit channel(std::unique_ptr<byte_stream> stream, std::string remote_address = {}) noexcept
      : stream_{std::move(stream)}, remote_address_{std::move(remote_address)} {}

  [[nodiscard]] explicit operator bool() const noexcept { return stream_ != nullptr; }
  [[nodiscard]] const std::string& remote_address() const noexcept { return remote_address_; }
  /// Sets the address of the client that the peer, a proxy, forwards for.
  void set_remote_address(std::string address) noexcept { remote_address_ = std::move(address); }

  /// As those of `byte_stream`.
  io_result read(std::span<std::byte> target) noexcept { return stream_->read(target); }
  io_result write(std::span<const iovec> source) noexcept { return stream_->write(source); }
  io_result write_last(std::span<const iovec> source) noexcept { return stream_->write_last(source); }
  [[nodiscard]] int socket() const noexcept { return stream_->socket(); }
  [[nodiscard]] net::socket_state socket_state() const noexcept { return stream_->socket_state(); }
  [[nodiscard]] std::optional<harpia::peer_certificate> peer_certificate() const { return stream_->peer_certificate(); }
  void shutdown_write() noexcept { stream_->shutdown_write(); }
  void watch(event_loop& loop, io_handler& owner, interest wanted) { stream_->watch(loop, owner, wanted); }
  void unwatch(event_loop& loop, io_handler& owner) noexcept { stream_->unwatch(loop, owner); }

private:
  std::unique_ptr<byte_stream> stream_;
  std::string remote_address_;
};

} // namespace harpia::inline v0::net
