// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "pages/response_writer.hpp"

#include "http/response.hpp"
#include "net/send_file.hpp"

#include <algorithm>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

// Bytes of a streamed body or a file that are taken at once.
constexpr std::size_t piece_size = std::size_t{64} << 10;
// Bytes of a body after which other connections have their turn.
constexpr std::size_t turn_size = std::size_t{1} << 20;
// Bytes that a client must take to be given more time.
constexpr std::size_t progress = 1024;

} // namespace

response_writer::~response_writer() {
  if (stream_)
    stream_->leave();
}

void response_writer::begin(std::string head, std::optional<file_part> body) {
  out_ = std::move(head);
  file_ = std::move(body);
}

void response_writer::begin(std::string head, std::shared_ptr<body_stream> body, body_framing framing,
                            std::function<void()> on_news) {
  out_ = std::move(head);
  stream_ = std::move(body);
  framing_ = framing;
  stream_->listen(std::move(on_news));
}

response_writer::result response_writer::write(net::channel& client, time_point now) {
  const auto begun = std::exchange(turn_, std::nullopt).value_or(written_);
  auto state = result::done;
  do {
    state = write_waiting(client);
    if (state == result::done && written_ - begun >= turn_size && (file_ || stream_))
      state = result::blocked;
    else if (state == result::done && file_)
      state = write_file_piece(client);
    else if (state == result::done && stream_)
      state = next_piece_of_stream();
  } while (state == result::done && (!out_.empty() || file_));

  if (state == result::drained)
    turn_ = begun;
  if (state == result::blocked && !std::exchange(is_blocked_, true)) {
    acknowledged_ = acknowledged(client);
    progress_at_ = now;
  }
  is_blocked_ = state == result::blocked;
  return state;
}

response_writer::result response_writer::write_waiting(net::channel& client) {
  while (from_ < out_.size()) {
    const iovec rest{out_.data() + from_, out_.size() - from_};
    const auto [what, size, failure] = client.write({&rest, 1});
    if (what != net::io_result::outcome::done)
      return what == net::io_result::outcome::would_block ? result::blocked : result::failed;
    from_ += size;
    written_ += size;
  }
  out_.clear();
  from_ = 0;
  return result::done;
}

// Sends the file without a copy if the socket is all that there is between it and the client; otherwise reads a piece of it.
response_writer::result response_writer::write_file_piece(net::channel& client) {
  if (file_->size == 0) {
    file_.reset();
    return result::done;
  }
  std::size_t size = 0;
  if (const auto socket = client.socket(); socket >= 0) {
    const auto sent = net::send_file(
        socket, file_->file.get(), file_->from, static_cast<std::size_t>(std::min<std::uint64_t>(file_->size, turn_size)));
    if (sent.what != net::io_result::outcome::done)
      return sent.what == net::io_result::outcome::would_block ? result::blocked : result::failed;
    size = sent.size;
    written_ += size;
  } else {
    out_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file_->size, piece_size)));
    const auto count = ::pread(file_->file.get(), out_.data(), out_.size(), static_cast<off_t>(file_->from));
    if (count <= 0)
      return result::failed;
    size = static_cast<std::size_t>(count);
    out_.resize(size);
  }
  file_->from += size;
  file_->size -= size;
  return result::done;
}

// The system has all that was taken of the stream before.
response_writer::result response_writer::next_piece_of_stream() {
  drain_ = stream_->sent();
  if (drain_)
    return result::drained;
  if (const auto piece = stream_->take(piece_size); !piece.empty()) {
    if (framing_ == body_framing::chunks)
      http::append_chunk(out_, piece);
    else
      out_ = piece;
    return result::done;
  }
  if (!stream_->is_finished())
    return result::waiting;
  stream_->leave();
  stream_ = nullptr;
  if (framing_ == body_framing::chunks)
    out_ = http::last_chunk;
  return result::done;
}

std::uint64_t response_writer::acknowledged(const net::channel& client) const noexcept {
  return written_ - std::min<std::uint64_t>(written_, client.socket_state().unsent);
}

bool response_writer::is_stalled(const net::channel& client, std::chrono::milliseconds limit, time_point now) noexcept {
  if (!is_blocked_)
    return false;
  if (const auto taken = acknowledged(client); taken >= acknowledged_ + progress) {
    acknowledged_ = taken;
    progress_at_ = now;
  }
  return now - progress_at_ >= limit;
}

std::function<void()> response_writer::cut() {
  const auto stream = std::exchange(stream_, nullptr);
  return stream ? stream->cut() : nullptr;
}

} // namespace harpia::inline v0::detail
