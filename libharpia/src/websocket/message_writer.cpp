// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/message_writer.hpp"

#include "websocket/deflate_extension.hpp"
#include "websocket/session_context.hpp"

#include <utility>

namespace harpia::inline v0::websocket {

// Queues a message that the queue must not compress either.
template <class Message>
send_status message_writer::push_plain(const Message& message, const message_options& options) {
  if (!out_->deflates())
    return out_->push(message, options);
  auto uncompressed = options;
  uncompressed.compression = compression::disabled;
  return out_->push(message, uncompressed);
}

send_status message_writer::send(message_view message, const message_options& options) {
  return is_worth_deflating(message.size(), options) ? send_deflated(message, options) : push_plain(message, options);
}

send_status message_writer::send(const shared_frame& encoded, const message_options& options) {
  const auto message = encoded->message();
  const bool deflates = encoded->allowed() == compression::enabled && is_worth_deflating(message.size(), options);
  if (deflates && agreed_->is_for(*out_))
    return out_->push(encoded, options);
  if (out_->writer().masks()) // the frame is a server's
    return deflates ? send_deflated(message, options) : push_plain(message, options);
  if (const auto shared = deflates ? encoded->deflated(agreed_->own(), shared_->deflaters()) : nullptr)
    return out_->push(shared, options);
  return push_plain(encoded, options);
}

bool message_writer::is_worth_deflating(std::size_t size, const message_options& options) const noexcept {
  return agreed_ && options.compression == compression::enabled && agreed_->is_worth_deflating(size);
}

send_status message_writer::send_deflated(message_view message, const message_options& options) {
  if (agreed_->is_for(*out_))
    return out_->push(message, options);
  auto frame = agreed_->deflated(message, out_->writer(), shared_->deflaters());
  return frame ? out_->push_encoded(std::move(*frame), options) : push_plain(message, options);
}

} // namespace harpia::inline v0::websocket
