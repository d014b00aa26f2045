// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/calls.hpp>
#include <harpia/close_code.hpp>
#include <harpia/error.hpp>
#include <harpia/export.hpp>
#include <harpia/message_view.hpp>

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace harpia::inline v0 {

namespace detail {

/// The bytes of an event. The first object borrows them; every copy owns its own, so that an event may be stored, stashed or
/// passed on.
class event_payload {
public:
  event_payload() = default;
  explicit event_payload(std::string_view borrowed) noexcept : view_{borrowed} {}
  event_payload(const event_payload& other) : own_{other.view_}, view_{own_} {}
  event_payload& operator=(const event_payload& other) {
    own_ = std::string{other.view_}; // `other` may refer to `own_`
    view_ = own_;
    return *this;
  }
  ~event_payload() = default;

  [[nodiscard]] std::string_view view() const noexcept { return view_; }

private:
  std::string own_;
  std::string_view view_;
};

} // namespace detail

/// Events that a behaviour receives from its connection's socket, see `connection`. They are ordinary CAF messages, so other
/// actors may send them too, for example in tests.
namespace event {

/// The connection is open. Always the first event.
struct HARPIA_API opened {};

/// A complete text message.
///
/// *Lifetimes* Valid while its handler runs. A copy owns its bytes.
class HARPIA_API text {
public:
  text() = default;
  explicit text(std::string_view borrowed) noexcept : payload_{borrowed} {}

  [[nodiscard]] std::string_view view() const noexcept { return payload_.view(); }
  [[nodiscard]] std::string str() const { return std::string{view()}; }
  operator std::string_view() const noexcept { return view(); }

private:
  detail::event_payload payload_;
};

/// A complete binary message.
///
/// *Lifetimes* Valid while its handler runs. A copy owns its bytes.
class HARPIA_API binary {
public:
  binary() = default;
  explicit binary(std::span<const std::byte> borrowed) noexcept
      : payload_{{reinterpret_cast<const char*>(borrowed.data()), borrowed.size()}} {}

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return std::as_bytes(std::span{payload_.view().data(), payload_.view().size()});
  }
  operator std::span<const std::byte>() const noexcept { return bytes(); }
  operator message_view() const noexcept { return message_view{bytes()}; }

private:
  detail::event_payload payload_;
};

/// A call of the peer, see `handlers::call`. Without a handler the call is refused with "not answered".
struct HARPIA_API called {
  std::string payload;
  message_kind kind;
  reply answer;

  [[nodiscard]] message_view view() const noexcept { return {kind, std::as_bytes(std::span{payload})}; }
};

/// The connection has ended, see `handlers::close`. Always the last event. The actor terminates after its handler.
struct HARPIA_API closed {
  close_code code = close_code::abnormal;
  std::string reason;
};

/// The send buffer has fallen to the low watermark, see `handlers::drain`.
struct HARPIA_API drained {};

/// The connection has failed. `closed` follows.
struct HARPIA_API failed {
  error what;
};

/// The `on_limit` policy has dropped messages, see `handlers::dropped`.
struct HARPIA_API dropped {
  std::size_t count = 0;
  std::size_t bytes = 0;
};

/// A ping was received. The pong is sent automatically.
struct HARPIA_API pinged {
  std::string payload;
};

/// A pong was received.
struct HARPIA_API ponged {
  std::string payload;
};

} // namespace event
} // namespace harpia::inline v0

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::text)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::binary)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::called)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::dropped)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::pinged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(harpia::event::ponged)
