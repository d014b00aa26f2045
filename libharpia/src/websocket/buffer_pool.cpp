// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/buffer_pool.hpp"

#include <algorithm>

namespace harpia::inline v0::websocket {

// A chain is kept with a small buffer only.
void buffer_pool::give_unusual(std::unique_ptr<write_chain> empty) noexcept {
  give(std::exchange(empty->kept(), {}));
  if (chains_kept_ < max_kept)
    give(std::move(empty));
}

// The smallest of the large buffers that are enough. One that is much larger stays for those who need it.
memory::byte_buffer buffer_pool::take_large(std::size_t size) {
  constexpr std::size_t most_unused = 4;
  auto best = large_.end();
  for (auto each = large_.begin(); each != large_.end(); ++each)
    if (const auto room = each->buffer.capacity(); room >= size && (best == large_.end() || room <= best->buffer.capacity()))
      best = each;
  memory::byte_buffer taken;
  if (best == large_.end() || best->buffer.capacity() / most_unused > size) {
    taken.reserve(size);
    return taken;
  }
  taken = std::move(best->buffer);
  large_.erase(best);
  large_bytes_ -= taken.capacity();
  return taken;
}

void buffer_pool::give_large(memory::byte_buffer&& buffer) noexcept {
  auto given = std::move(buffer);
  if (!loop_ || large_bytes_ + given.capacity() > max_kept_large)
    return;
  given.clear();
  large_bytes_ += given.capacity();
  large_.push_back({std::move(given), used::since_last_trim});
  if (!scheduled())
    loop_->timers().schedule(*this, loop_->now() + trim_interval);
}

// Frees what was not used since the last trim.
void buffer_pool::on_timer() {
  std::erase_if(large_, [](const large_buffer& each) { return each.when == used::before_last_trim; });
  large_bytes_ = 0;
  for (auto& each : large_) {
    each.when = used::before_last_trim;
    large_bytes_ += each.buffer.capacity();
  }
  if (!large_.empty())
    loop_->timers().schedule(*this, loop_->now() + trim_interval);
}

} // namespace harpia::inline v0::websocket
