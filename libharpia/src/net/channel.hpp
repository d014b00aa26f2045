// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "net/event_loop.hpp"
#include "net/io_result.hpp"
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

namespace harpia::net {

/// Pieces of one write, at most.
inline constexpr std::size_t max_gather = 64;

/// What bytes travel through: a socket, or whatever behaves like one. Belongs to one loop's thread once it is watched.
///
/// Readiness is that of the stream and not of a descriptor below it: a stream that decodes tells `readable` as long as a read would
/// give something, also if the descriptor has nothing more, and may wait for the descriptor to be writable in order to read.
class byte_stream {
public:
  byte_stream() = default;
  byte_stream(const byte_stream&) = delete;
  byte_stream& operator=(const byte_stream&) = delete;
  virtual ~byte_stream() = default;

  /// At most one system call. `end` when the peer will send no more.
  virtual io_result read(std::span<std::byte> target) noexcept = 0;
  /// At most one system call; may take a part only.
  virtual io_result write(std::span<const iovec> source) noexcept = 0;
  /// As `write`, of the little that is last: `shutdown_write` follows as soon as all of it was taken, and both may leave together.
  virtual io_result write_last(std::span<const iovec> source) noexcept { return write(source); }
  /// The socket, if reading and writing it is all that `read` and `write` do; else -1.
  [[nodiscard]] virtual int socket() const noexcept { return -1; }
  /// What the peer has shown of itself, and was verified, once something could be read.
  [[nodiscard]] virtual std::optional<harpia::peer_certificate> peer_certificate() const { return std::nullopt; }
  /// Tells the peer that nothing more will come.
  virtual void shutdown_write() noexcept = 0;

  /// Has `owner` told, level-triggered and from the loop, of what it wants; takes the place of what it wanted before. Even without any
  /// interest a broken stream is told, as `readable`. @throws std::system_error if the kernel refuses
  virtual void watch(event_loop& loop, io_handler& owner, interest wanted) = 0;
  /// Nothing is told any more, not even of this turn. Needed before owner or stream are destroyed; does nothing if it is not watched.
  virtual void unwatch(event_loop& loop, io_handler& owner) noexcept = 0;
};

/// One end of a connection: a stream, and where its peer is. Empty once it was moved from.
class channel {
public:
  /// Over a connected, non-blocking stream socket, TCP or Unix.
  explicit channel(unique_fd socket, std::string remote_address = {});
  explicit channel(std::unique_ptr<byte_stream> stream, std::string remote_address = {}) noexcept
      : stream_{std::move(stream)}, remote_address_{std::move(remote_address)} {}

  [[nodiscard]] explicit operator bool() const noexcept { return stream_ != nullptr; }
  [[nodiscard]] const std::string& remote_address() const noexcept { return remote_address_; }
  /// Where the peer is that the connection's other end speaks for.
  void set_remote_address(std::string address) noexcept { remote_address_ = std::move(address); }

  /// As those of `byte_stream`.
  io_result read(std::span<std::byte> target) noexcept { return stream_->read(target); }
  io_result write(std::span<const iovec> source) noexcept { return stream_->write(source); }
  io_result write_last(std::span<const iovec> source) noexcept { return stream_->write_last(source); }
  [[nodiscard]] int socket() const noexcept { return stream_->socket(); }
  [[nodiscard]] std::optional<harpia::peer_certificate> peer_certificate() const { return stream_->peer_certificate(); }
  void shutdown_write() noexcept { stream_->shutdown_write(); }
  void watch(event_loop& loop, io_handler& owner, interest wanted) { stream_->watch(loop, owner, wanted); }
  void unwatch(event_loop& loop, io_handler& owner) noexcept { stream_->unwatch(loop, owner); }

private:
  std::unique_ptr<byte_stream> stream_;
  std::string remote_address_;
};

} // namespace harpia::net
