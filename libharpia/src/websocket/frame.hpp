// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "deflate/deflater.hpp"
#include "memory/byte_buffer.hpp"
#include "websocket/frame_writer.hpp"
#include <harpia/message_view.hpp>
#include <harpia/route_options.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>

namespace harpia::inline v0::websocket {

class frame;
using shared_frame = std::shared_ptr<const frame>;

/// A data frame that is encoded once and sent to many peers. Its observable state is immutable, so any thread may read it.
class frame {
public:
  /// @param allowed whether it may be compressed
  explicit frame(message_view message, compression allowed = compression::enabled);
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;

  /// Header and payload, as sent to the peer.
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_.text(); }
  /// The message, for connections that must encode it themselves.
  [[nodiscard]] message_view message() const noexcept;
  [[nodiscard]] std::size_t payload_size() const noexcept { return bytes_.text().size() - header_size_; }

  [[nodiscard]] compression allowed() const noexcept { return allowed_; }
  static constexpr std::size_t max_variants = 8;

  /// A server's frame with this message compressed, without context takeover (RFC 7692, 7.1.1). The first caller with these settings
  /// compresses it, with one of `tools`. Concurrent callers wait for that. Thread-safe.
  /// @return null if it would not be smaller, or if `max_variants` other settings are cached already (peers choose the settings)
  [[nodiscard]] shared_frame deflated(const deflate::deflate_settings& settings, deflate::deflaters& tools) const;

private:
  struct variant {
    explicit variant(const deflate::deflate_settings& with) : settings{with} {}

    const deflate::deflate_settings settings;
    std::once_flag once; // per variant, so that callers with other settings do not wait
    shared_frame made;   // null: would not be smaller
  };

  [[nodiscard]] variant* find_variant(const deflate::deflate_settings& settings) const;
  frame(message_kind kind, memory::byte_buffer encoded);

  memory::byte_buffer bytes_;
  std::size_t header_size_;
  message_kind kind_;
  compression allowed_;
  mutable std::mutex mutex_;
  mutable std::list<variant> variants_; // the list is guarded by mutex_, each entry by its `once`; bounded by max_variants
};

[[nodiscard]] shared_frame make_frame(message_view message, compression allowed = compression::enabled);

} // namespace harpia::inline v0::websocket
