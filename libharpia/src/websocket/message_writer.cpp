// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/message_writer.hpp"

#include "websocket/deflate_extension.hpp"
#include "websocket/session_context.hpp"

#include <utility>

namespace harpia::websocket {

send_status message_writer::send(message_view message, message_options options) {
  if (is_worth_deflating(message.size(), options))
    return send_deflated(message, std::move(options));
  return send_plain(message, std::move(options));
}

send_status message_writer::send(const shared_frame& encoded, message_options options) {
  const auto message = encoded->message();
  const bool deflates = encoded->allowed() == compression::enabled && is_worth_deflating(message.size(), options);
  if (deflates && agreed_->is_for(*out_))
    return out_->push(encoded, std::move(options));
  if (out_->writer().masks()) // the frame is a server's
    return deflates ? send_deflated(message, std::move(options)) : send_plain(message, std::move(options));
  options.compression = compression::disabled;
  if (const auto shared = deflates ? encoded->deflated(agreed_->own(), shared_->deflaters()) : nullptr)
    return out_->push(shared, std::move(options));
  return out_->push(encoded, std::move(options));
}

bool message_writer::is_worth_deflating(std::size_t size, const message_options& options) const noexcept {
  return agreed_ && options.compression == compression::enabled && agreed_->is_worth_deflating(size);
}

send_status message_writer::send_plain(message_view message, message_options options) {
  options.compression = compression::disabled;
  return out_->push(message, std::move(options));
}

send_status message_writer::send_deflated(message_view message, message_options options) {
  if (agreed_->is_for(*out_))
    return out_->push(message, std::move(options));
  auto frame = agreed_->deflated(message, out_->writer(), shared_->deflaters());
  return frame ? out_->push_encoded(std::move(*frame), std::move(options)) : send_plain(message, std::move(options));
}

} // namespace harpia::websocket
