// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "tls_server_end.hpp"

#include <algorithm>
#include <span>
#include <sys/uio.h>
#include <utility>

namespace harpia::fuzz {

using net::interest;
using outcome = net::io_result::outcome;

tls_server_end::tls_server_end(net::event_loop& loop, std::unique_ptr<net::byte_stream> stream, std::size_t read_size,
                               known_text& ours, known_text& theirs)
    : loop_{&loop}, stream_{std::move(stream)}, read_size_{read_size}, ours_{&ours}, theirs_{&theirs} {
  watch();
}

tls_server_end::~tls_server_end() {
  if (stream_)
    stream_->unwatch(*loop_, *this);
}

void tls_server_end::say(std::size_t size) {
  if (has_failed() || is_closing_)
    return;
  ours_->say(size);
  to_say_ += size;
  watch();
}

void tls_server_end::close() {
  is_closing_ = true;
  if (has_failed() || has_closed_ || to_say_ > 0)
    return;
  has_closed_ = true;
  stream_->shutdown_write();
  watch();
}

void tls_server_end::stop_reading() {
  is_reading_ = false;
  watch();
}

void tls_server_end::go_on_reading() {
  is_reading_ = true;
  watch();
}

void tls_server_end::on_io(interest ready) {
  if (wants(ready, interest::readable))
    read();
  if (wants(ready, interest::writable) && !has_failed())
    write();
  watch();
}

void tls_server_end::read() {
  const auto target = loop_->read_buffer().first(read_size_);
  const auto result = stream_->read(target);
  if (result.what == outcome::failed) {
    require(result.error.has_value(), "a failure has a cause");
    return fail();
  }
  if (result.what == outcome::end) {
    has_heard_the_end_ = true;
  } else if (result.what == outcome::done) {
    require(!has_heard_the_end_, "nothing comes after the end");
    require(result.size > 0 && result.size <= target.size(), "something was read, and there was room for it");
    if (!std::exchange(has_heard_, true))
      certificate_ = stream_->peer_certificate();
    theirs_->hear({reinterpret_cast<const char*>(target.data()), result.size});
  }
}

// The same bytes again after `would_block`, though in another place, and perhaps more.
void tls_server_end::write() {
  constexpr std::size_t most = 20'000; // more than a record
  if (to_say_ == 0)
    return;
  auto text = known_text::part(place_, std::min(to_say_, most));
  const auto half = text.size() / 2;
  const std::array<iovec, 2> pieces{{{text.data(), half}, {text.data() + half, text.size() - half}}};
  const auto result = stream_->write(std::span{pieces}.last(half > 0 ? 2 : 1));
  if (result.what == outcome::failed)
    return fail();
  if (result.what != outcome::done)
    return;
  require(result.size > 0 && result.size <= text.size(), "no more is written than there is");
  place_ += result.size;
  to_say_ -= result.size;
  if (is_closing_)
    close();
}

void tls_server_end::fail() {
  stream_->unwatch(*loop_, *this);
  stream_.reset(); // from inside of its own call
}

void tls_server_end::watch() {
  if (has_failed())
    return;
  auto wanted = to_say_ == 0 ? interest::none : interest::writable;
  if (is_reading_ && !has_heard_the_end_)
    wanted = wanted | interest::readable;
  stream_->watch(*loop_, *this, wanted);
}

} // namespace harpia::fuzz
