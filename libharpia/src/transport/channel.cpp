// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/transport/channel.hpp>

#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace harpia::transport {

namespace {

io_result result_of(ssize_t size) noexcept {
  using outcome = io_result::outcome;
  if (size > 0)
    return {outcome::done, static_cast<std::size_t>(size)};
  if (size == 0)
    return {outcome::end};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return {outcome::would_block}; // the loop is level-triggered: it comes back
  return {outcome::failed, 0, {errno, std::system_category()}};
}

} // namespace

io_result channel::read(std::span<std::byte> target) noexcept {
  return result_of(::recv(socket_.get(), target.data(), target.size(), 0));
}

io_result channel::write(std::span<const iovec> source) noexcept {
  if (source.size() == 1)
    return result_of(::send(socket_.get(), source[0].iov_base, source[0].iov_len, MSG_NOSIGNAL));
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(source.data()); // sendmsg leaves it alone
  message.msg_iovlen = source.size();
  return result_of(::sendmsg(socket_.get(), &message, MSG_NOSIGNAL));
}

void channel::shutdown_write() noexcept {
  ::shutdown(socket_.get(), SHUT_WR);
}

} // namespace harpia::transport
