// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "testing/memory_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/uio.h>
#include <system_error>
#include <utility>

namespace harpia::inline v0::testing {

namespace {

using outcome = net::io_result::outcome;
using net::interest;

constexpr std::size_t min_reader_capacity = std::size_t{64} << 10; // bytes; minimum capacity while the other end reads

net::io_result reset_by_peer() noexcept {
  return {outcome::failed, 0, std::error_code{ECONNRESET, std::system_category()}};
}

} // namespace

class memory_connection::application_stream final : public net::byte_stream {
public:
  explicit application_stream(std::shared_ptr<memory_connection> shared) : shared_{std::move(shared)} {}
  ~application_stream() override {
    shared_->owner_ = nullptr;
    shared_->end_application();
  }

  net::io_result read(std::span<std::byte> target) noexcept override { return shared_->read(target); }
  net::io_result write(std::span<const iovec> source) noexcept override { return shared_->write(source); }
  void shutdown_write() noexcept override { shared_->end_application(); }

  void watch(net::event_loop& loop, net::io_handler& owner, interest wanted) override {
    shared_->loop_ = &loop;
    shared_->owner_ = &owner;
    shared_->wanted_ = wanted;
    shared_->notify_later();
  }
  void unwatch(net::event_loop&, net::io_handler&) noexcept override { shared_->owner_ = nullptr; }

private:
  std::shared_ptr<memory_connection> shared_;
};

std::unique_ptr<net::byte_stream> memory_connection::application_end() {
  return std::make_unique<application_stream>(shared_from_this());
}

std::size_t memory_connection::space() const noexcept {
  const auto most = std::max(capacity_, min_reader_capacity);
  return most - std::min(most, to_application_.size());
}

std::size_t memory_connection::space_to_test() const noexcept {
  const auto most = reading_ == reading::going_on ? std::max(capacity_, min_reader_capacity) : capacity_;
  return most - std::min(most, to_test_.size());
}

void memory_connection::deliver(std::string_view bytes) {
  to_application_.append(bytes);
  notify_later();
}

void memory_connection::deliver_end() {
  test_ended_ = true;
  to_test_.clear();
  notify_later();
}

void memory_connection::deliver_reset() {
  reset_ = true;
  to_test_.clear();
  to_application_.clear();
  notify_later();
}

std::string memory_connection::take_written() {
  auto bytes = std::exchange(to_test_, {});
  notify_later();
  return bytes;
}

void memory_connection::set_reading(reading state) {
  reading_ = state;
  notify_later();
}

net::io_result memory_connection::read(std::span<std::byte> target) noexcept {
  if (reset_)
    return reset_by_peer();
  if (to_application_.empty())
    return {test_ended_ ? outcome::end : outcome::would_block};
  const auto size = std::min(target.size(), to_application_.size());
  std::memcpy(target.data(), to_application_.data(), size);
  to_application_.erase(0, size);
  changed();
  return {outcome::done, size};
}

net::io_result memory_connection::write(std::span<const iovec> source) noexcept {
  if (reset_)
    return reset_by_peer();
  std::size_t size = 0;
  for (const auto& piece : source)
    size += piece.iov_len;
  if (test_ended_) { // as in TCP: the first write succeeds and triggers a reset
    deliver_reset();
    return {outcome::done, size};
  }
  size = std::min(size, space_to_test());
  if (size == 0)
    return {outcome::would_block};
  auto left = size;
  for (const auto& piece : source) {
    const auto part = std::min(left, piece.iov_len);
    to_test_.append(static_cast<const char*>(piece.iov_base), part);
    left -= part;
  }
  changed();
  return {outcome::done, size};
}

void memory_connection::end_application() {
  application_ended_ = true;
  changed();
}

void memory_connection::changed() {
  if (on_change_)
    on_change_();
}

interest memory_connection::ready() const noexcept {
  auto now = interest::none;
  if (reset_ || test_ended_ || !to_application_.empty())
    now = now | interest::readable;
  if (reset_ || test_ended_ || space_to_test() > 0)
    now = now | interest::writable;
  const auto wanted = reset_ ? wanted_ | interest::readable : wanted_;
  return static_cast<interest>(static_cast<unsigned>(now) & static_cast<unsigned>(wanted));
}

void memory_connection::notify_later() {
  if (!owner_ || notify_pending_ || ready() == interest::none)
    return;
  notify_pending_ = true;
  loop_->post([self = shared_from_this()] { self->notify_owner(); });
}

void memory_connection::notify_owner() {
  notify_pending_ = false;
  if (const auto what = ready(); owner_ && what != interest::none)
    owner_->on_io(what);
  notify_later();
}

} // namespace harpia::inline v0::testing
