// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "pages/body_stream.hpp"

#include <algorithm>
#include <utility>

namespace harpia::detail {

send_status body_stream::write(std::string_view bytes) {
  const std::scoped_lock lock{mutex_};
  if (ended_ || is_cut_ || !loop_)
    return send_status::closed;
  const auto before = waiting_.size() + taken_;
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
  on_drain_ = std::move(function);
}

void body_stream::on_close(std::function<void()> function) {
  const std::scoped_lock lock{mutex_};
  on_close_ = std::move(function);
}

bool body_stream::is_open() const {
  const std::scoped_lock lock{mutex_};
  return !ended_ && !is_cut_ && loop_;
}

std::size_t body_stream::buffered() const {
  const std::scoped_lock lock{mutex_};
  return waiting_.size() + taken_;
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
  if (!on_news_)
    loop_ = nullptr;
}

std::string body_stream::take(std::size_t most) {
  const std::scoped_lock lock{mutex_};
  auto taken = waiting_.size() <= most ? std::exchange(waiting_, {}) : waiting_.substr(0, most);
  if (!waiting_.empty())
    waiting_.erase(0, most);
  taken_ += taken.size();
  return taken;
}

bool body_stream::is_finished() const {
  const std::scoped_lock lock{mutex_};
  return ended_ && waiting_.empty();
}

std::function<void()> body_stream::sent() {
  const std::scoped_lock lock{mutex_};
  taken_ = 0;
  if (waiting_.size() > limits_.low_watermark || ended_ || !std::exchange(owes_drain_, false))
    return {};
  return on_drain_;
}

std::function<void()> body_stream::cut() {
  const std::scoped_lock lock{mutex_};
  on_drain_ = nullptr;
  if (ended_ || std::exchange(is_cut_, true))
    return {};
  return std::exchange(on_close_, nullptr);
}

} // namespace harpia::detail
