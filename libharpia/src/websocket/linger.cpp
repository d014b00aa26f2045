// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/linger.hpp"

#include <array>
#include <memory>
#include <sys/uio.h>
#include <system_error>
#include <utility>

namespace harpia::websocket {

namespace {

constexpr std::size_t last_words = 1024; // bytes that fit into a segment with the end of the stream

class lingering final : public net::background_task, net::io_handler, net::timer {
public:
  lingering(net::event_loop& loop, net::channel transport, outbound_queue owed, std::chrono::milliseconds deadline)
      : loop_{&loop}, channel_{std::move(transport)}, owed_{std::move(owed)} {
    loop_->timers().schedule(*this, loop_->now() + deadline);
  }
  ~lingering() override { channel_.unwatch(*loop_, *this); }

  /// Writes what it can at once: the loop may be about to end.
  void begin() {
    const bool goes_on = write() == progress::pending && (owed_.empty() || watch(net::interest::both) == progress::pending);
    if (!goes_on)
      loop_->destroy(*this);
  }

  [[nodiscard]] bool delays_stop() const noexcept override { return !owed_.empty(); }

private:
  enum class progress : bool { finished, pending };

  void on_io(net::interest ready) override {
    if ((net::wants(ready, net::interest::writable) && write() == progress::finished)
        || (net::wants(ready, net::interest::readable) && discard() == progress::finished))
      loop_->destroy(*this);
  }

  void on_timer() override { loop_->destroy(*this); }

  // Over if the kernel refuses.
  progress watch(net::interest wanted) {
    try {
      channel_.watch(*loop_, *this, wanted);
      return progress::pending;
    } catch (const std::system_error&) {
      return progress::finished;
    }
  }

  progress write() {
    while (!owed_.empty()) {
      std::array<iovec, net::max_gather> pieces;
      const auto part = owed_.gather(pieces);
      const auto [what, size, failure] = owed_.size() <= last_words ? channel_.write_last(part) : channel_.write(part);
      if (what == net::io_result::outcome::would_block)
        break;
      if (what != net::io_result::outcome::done)
        return progress::finished;
      owed_.consume(size);
    }
    owed_.account();
    if (!owed_.empty())
      return progress::pending;
    channel_.shutdown_write();
    return peer_ended_ ? progress::finished : watch(net::interest::readable);
  }

  progress discard() {
    switch (channel_.read(loop_->read_buffer()).what) {
      case net::io_result::outcome::end:
        if (owed_.empty())
          return progress::finished;
        peer_ended_ = true;
        return watch(net::interest::writable);
      case net::io_result::outcome::failed: return progress::finished;
      default: return progress::pending;
    }
  }

  net::event_loop* loop_;
  net::channel channel_;
  outbound_queue owed_;
  bool peer_ended_ = false;
};

} // namespace

void linger(net::event_loop& loop, net::channel transport, outbound_queue owed, std::chrono::milliseconds deadline) {
  loop.own(std::make_unique<lingering>(loop, std::move(transport), std::move(owed), deadline)).begin();
}

} // namespace harpia::websocket
