// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/protocol/outbound_queue.hpp>

#include <cassert>
#include <sys/uio.h>
#include <utility>

namespace harpia::protocol {

outbound_queue::outbound_queue(outbound_queue&& other) noexcept
    : pool_{other.pool_}, marks_{other.marks_}, segments_{std::exchange(other.segments_, {})},
      first_{std::exchange(other.first_, 0)}, offset_{std::exchange(other.offset_, 0)}, size_{std::exchange(other.size_, 0)},
      owes_drain_{std::exchange(other.owes_drain_, false)} {}

outbound_queue& outbound_queue::operator=(outbound_queue&& other) noexcept {
  outbound_queue moved{std::move(other)};
  std::swap(pool_, moved.pool_);
  std::swap(marks_, moved.marks_);
  std::swap(segments_, moved.segments_);
  std::swap(first_, moved.first_);
  std::swap(offset_, moved.offset_);
  std::swap(size_, moved.size_);
  std::swap(owes_drain_, moved.owes_drain_);
  return *this;
}

send_status outbound_queue::push(message_view message) {
  const frame_header header{opcode_of(message.kind()), message.size()};
  const auto size = header.size() + message.size();
  if (exceeds_limit(size))
    return send_status::dropped;
  tail(size).append(header.bytes()).append(message.text());
  size_ += size;
  return send_status::sent;
}

send_status outbound_queue::push(const shared_frame& encoded) {
  const auto wire = encoded->wire();
  if (exceeds_limit(wire.size()))
    return send_status::dropped;
  if (wire.size() < reference_size) {
    push_raw(wire);
  } else {
    segments_.push_back({{}, encoded});
    size_ += wire.size();
  }
  return send_status::sent;
}

void outbound_queue::push_raw(std::string_view bytes) {
  if (bytes.empty())
    return;
  tail(bytes.size()).append(bytes);
  size_ += bytes.size();
}

void outbound_queue::push_control(opcode code, std::string_view payload) {
  assert(payload.size() <= max_control_payload);
  const frame_header header{code, payload.size()};
  const auto size = header.size() + payload.size();
  tail(size).append(header.bytes()).append(payload);
  size_ += size;
}

// The buffer that takes `size` more bytes: the newest, unless that would make it grow past its size.
std::string& outbound_queue::tail(std::size_t size) {
  if (first_ < segments_.size()) {
    auto& last = segments_.back();
    if (!last.referenced && last.copied.size() + size <= buffer_size)
      return last.copied;
  }
  segments_.push_back({size <= buffer_size ? pool_->take() : std::string{}, nullptr});
  auto& fresh = segments_.back().copied;
  fresh.reserve(size);
  return fresh;
}

send_status outbound_queue::report() noexcept {
  if (size_ <= marks_.high)
    return send_status::sent;
  owes_drain_ = true;
  return send_status::buffered;
}

bool outbound_queue::take_drain() noexcept {
  return size_ <= marks_.low && std::exchange(owes_drain_, false);
}

std::span<iovec> outbound_queue::gather(std::span<iovec> out) const noexcept {
  std::size_t count = 0;
  auto skip = offset_;
  for (auto i = first_; i < segments_.size() && count < out.size(); ++i, ++count) {
    const auto bytes = segments_[i].bytes().substr(std::exchange(skip, 0));
    out[count] = {const_cast<char*>(bytes.data()), bytes.size()}; // iovec serves readers too; writers leave it alone
  }
  return out.first(count);
}

void outbound_queue::consume(std::size_t count) noexcept {
  assert(count <= size_);
  size_ -= count;
  while (count > 0) {
    const auto left = segments_[first_].bytes().size() - offset_;
    if (count < left) {
      offset_ += count;
      break;
    }
    count -= left;
    pop_front();
  }
}

void outbound_queue::pop_front() noexcept {
  auto& oldest = segments_[first_];
  pool_->give(std::move(oldest.copied));
  oldest.referenced.reset();
  offset_ = 0;
  if (++first_ < segments_.size()) {
    // A queue that never empties must not keep the entries of what was sent.
    if (first_ >= 64 && first_ * 2 >= segments_.size()) {
      segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    return;
  }
  first_ = 0;
  if (segments_.capacity() > 2)
    segments_ = {};
  else
    segments_.clear();
}

void outbound_queue::clear() noexcept {
  while (first_ < segments_.size())
    pop_front();
  size_ = 0;
  owes_drain_ = false;
}

} // namespace harpia::protocol
