// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "pages/body_stream.hpp"

#include <utility>

namespace harpia::inline v0::detail {

send_status body_stream::write(std::string_view bytes) {
  const std::scoped_lock lock{mutex_};
  if (ended_ || is_cut_ || !loop_)
    return send_status::closed;
  const auto before = waiting() + taken_;
  if (before > 0 && before + bytes.size() > limits_.max_buffered) {
    owes_drain_ = true;
    return send_status::dropped;
  }
  waiting_.append(bytes);
  tell();
  if (before + bytes.size() <= limits_.high_watermark)
    return send_status::sent;
  owes_drain_ = true;
  return send_status::buffered;
}

void body_stream::end() {
  const std::scoped_lock lock{mutex_};
  if (!std::exchange(ended_, true))
    tell();
}

void body_stream::on_drain(std::function<void()> function) {
  const std::scoped_lock lock{mutex_};
  if (loop_)
    on_drain_.swap(function); // what was set before is destroyed without the lock, which it may need
}

void body_stream::on_close(std::function<void()> function) {
  const std::scoped_lock lock{mutex_};
  if (loop_)
    on_close_.swap(function);
}

bool body_stream::is_open() const {
  const std::scoped_lock lock{mutex_};
  return !ended_ && !is_cut_ && loop_;
}

std::size_t body_stream::buffered() const {
  const std::scoped_lock lock{mutex_};
  return waiting() + taken_;
}

void body_stream::tell() {
  if (!loop_ || !on_news_ || std::exchange(told_, true))
    return;
  loop_->post([self = shared_from_this()] {
    listener news;
    {
      const std::scoped_lock lock{self->mutex_};
      self->told_ = false;
      news = self->on_news_;
    }
    if (news)
      news();
  });
}

void body_stream::listen(listener on_news) {
  const std::scoped_lock lock{mutex_};
  on_news_ = std::move(on_news);
}

void body_stream::leave() {
  // The functions may own the stream that they belong to, and are destroyed without the lock.
  std::function<void()> drain;
  std::function<void()> close;
  listener news;
  const std::scoped_lock lock{mutex_};
  loop_ = nullptr;
  drain.swap(on_drain_);
  close.swap(on_close_);
  news.swap(on_news_);
}

std::string body_stream::take(std::size_t most) {
  const std::scoped_lock lock{mutex_};
  auto piece = waiting_.substr(from_, most);
  from_ += piece.size();
  taken_ += piece.size();
  if (from_ > waiting_.size() / 2) { // so that each byte is moved once at most, on average
    waiting_.erase(0, from_);
    from_ = 0;
  }
  return piece;
}

bool body_stream::is_finished() const {
  const std::scoped_lock lock{mutex_};
  return ended_ && waiting() == 0;
}

std::function<void()> body_stream::sent() {
  const std::scoped_lock lock{mutex_};
  taken_ = 0;
  if (waiting() > limits_.low_watermark || ended_ || !std::exchange(owes_drain_, false))
    return {};
  return on_drain_;
}

std::function<void()> body_stream::cut() {
  std::function<void()> close;
  {
    const std::scoped_lock lock{mutex_};
    if (!std::exchange(is_cut_, true) && !ended_)
      close.swap(on_close_);
  }
  leave();
  return close;
}

} // namespace harpia::inline v0::detail
