// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/deflate_agreement.hpp"
#include "deflate/deflater.hpp"
#include "deflate/inflater.hpp"
#include "websocket/outbound_queue.hpp"
#include <harpia/deflate_options.hpp>
#include <harpia/message_view.hpp>

#include <cstddef>
#include <optional>

namespace harpia::inline v0::websocket {

/// A session's permessage-deflate (RFC 7692, 7): the offered options and the negotiated parameters. Not thread-safe.
class deflate_extension {
public:
  explicit deflate_extension(const deflate_options& wanted) : options_{wanted} {}

  [[nodiscard]] const deflate_options& options() const noexcept { return options_; }

  /// @param shared outlives it
  /// @param max_payload maximum size of an incoming decompressed message in bytes
  void agree(const deflate::deflate_agreement& agreed, side self, deflate::inflaters& shared, std::size_t max_payload);
  [[nodiscard]] bool is_agreed() const noexcept { return incoming_.has_value(); }

  // Preconditions of all functions below: `is_agreed()`.

  /// Whether to compress a message of `size` bytes.
  [[nodiscard]] bool is_worth_deflating(std::size_t size) const noexcept;
  /// Whether the queue compresses messages, because of context takeover. Gives `out` a deflater for it if needed.
  [[nodiscard]] bool is_for(outbound_queue& out) const;
  /// A compressed frame of a message, without context takeover; nothing if it would not be smaller.
  [[nodiscard]] std::optional<memory::byte_buffer>
  deflated(message_view message, const frame_writer& writer, deflate::deflaters& tools) const;
  /// The settings that this side compresses with.
  [[nodiscard]] const deflate::deflate_settings& own() const noexcept { return own_; }

  [[nodiscard]] deflate::message_inflater& incoming() noexcept { return *incoming_; }

private:
  deflate_options options_;
  deflate::deflate_settings own_ = {};
  context_takeover own_takeover_ = context_takeover::disabled;
  std::optional<deflate::message_inflater> incoming_; // empty until the extension is negotiated
};

} // namespace harpia::inline v0::websocket
