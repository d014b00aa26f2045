// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/outbound_queue.hpp"
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>

namespace harpia::inline v0::websocket {

class deflate_extension;
class session_context;

/// Encodes the messages that one side sends, compressed if that was negotiated (RFC 7692, 6.1), and queues them. It is made for each message,
/// since it holds nothing of its own. Not thread-safe.
class message_writer {
public:
  /// @param agreed null unless compression was negotiated
  message_writer(session_context& shared, outbound_queue& out, const deflate_extension* agreed) noexcept
      : shared_{&shared}, out_{&out}, agreed_{agreed} {}

  /// Queues a message. @return the result of `outbound_queue::push`
  send_status send(message_view message, const message_options& options);
  send_status send(const shared_frame& encoded, const message_options& options);

private:
  [[nodiscard]] bool is_worth_deflating(std::size_t size, const message_options& options) const noexcept;
  template <class Message>
  send_status push_plain(const Message& message, const message_options& options);
  send_status send_deflated(message_view message, const message_options& options);

  session_context* shared_;
  outbound_queue* out_;
  const deflate_extension* agreed_;
};

} // namespace harpia::inline v0::websocket
