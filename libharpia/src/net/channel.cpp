// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/channel.hpp"

#include "net/io_outcome.hpp"

#include <cerrno>
#include <optional>
#include <sys/socket.h>
#include <sys/uio.h>

namespace harpia::inline v0::net {

namespace {

io_result result_of(ssize_t size) noexcept {
  return io_outcome(size, errno);
}

class socket_stream final : public byte_stream {
public:
  explicit socket_stream(unique_fd socket) noexcept : socket_{std::move(socket)} {}

  io_result read(std::span<std::byte> target) noexcept override {
    return result_of(::recv(socket_.get(), target.data(), target.size(), 0));
  }

  io_result write(std::span<const iovec> source) noexcept override { return send(source, 0); }

  // With `MSG_MORE`, TCP holds the bytes back and sends them together with the FIN. This saves a segment.
  io_result write_last(std::span<const iovec> source) noexcept override { return send(source, MSG_MORE); }

  [[nodiscard]] int socket() const noexcept override { return socket_.get(); }

  [[nodiscard]] net::socket_state socket_state() const noexcept override { return state_of(socket_.get()); }

  void shutdown_write() noexcept override { ::shutdown(socket_.get(), SHUT_WR); }

  void watch(event_loop& loop, io_handler& owner, interest wanted) override {
    if (watched_ == wanted)
      return loop.hand_over(socket_.get(), owner);
    if (watched_)
      loop.modify(socket_.get(), owner, wanted);
    else
      loop.add(socket_.get(), owner, wanted);
    watched_ = wanted;
  }

  void unwatch(event_loop& loop, io_handler&) noexcept override {
    if (std::exchange(watched_, std::nullopt))
      loop.remove(socket_.get());
  }

private:
  io_result send(std::span<const iovec> source, int flags) noexcept {
    flags |= MSG_NOSIGNAL;
    if (source.size() == 1)
      return result_of(::send(socket_.get(), source[0].iov_base, source[0].iov_len, flags));
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(source.data()); // sendmsg does not modify it
    message.msg_iovlen = source.size();
    return result_of(::sendmsg(socket_.get(), &message, flags));
  }

  unique_fd socket_;
  std::optional<interest> watched_; // empty: not watched
};

} // namespace

channel::channel(unique_fd socket, std::string remote_address)
    : channel{std::make_unique<socket_stream>(std::move(socket)), std::move(remote_address)} {}

} // namespace harpia::inline v0::net
