// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/codec.hpp>
#include <harpia/export.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// Requests with answers over a connection; docs/calls.md has the protocol. Opt-in: `route_options::calls`.
namespace harpia {

/// Why a call has no reply.
enum class call_failure : std::uint8_t {
  refused,   ///< the peer answered that it will not, or does not know how to
  timed_out, ///< no answer came in time; one that comes later is ignored
  closed,    ///< the connection ended, or was closing already
  dropped,   ///< the request did not leave: by the route's `on_limit` policy, or because too many calls wait for their answer
};

[[nodiscard]] HARPIA_API std::string_view to_string(call_failure why) noexcept;

struct call_error {
  call_failure why;
  /// The peer's words if it refused; empty otherwise.
  std::string text = {};
};

/// The promise of one call's outcome. Belongs to the connection's thread, like the socket.
///
/// Each call has exactly one outcome, the reply or an error. It is told once, as an event of its own like those of the handlers, and
/// never after `close` was called: what has no outcome when the connection ends gets `closed` right before.
class pending_call {
public:
  /// What the caller and the connection share.
  struct state {
    std::function<void(message_view)> on_reply;
    std::function<void(const call_error&)> on_error;
  };

  /// A call whose outcome is known already if `failure` is one.
  pending_call(std::shared_ptr<state> shared, std::optional<call_failure> failure)
      : state_{std::move(shared)}, failure_{failure} {}

  /// Why the request did not leave, if it did not.
  [[nodiscard]] std::optional<call_failure> failure() const noexcept { return failure_; }

  /// Has one of the two functions called, once; `on_error` at once if the request did not leave. The reply borrows its bytes until
  /// `on_reply` returns; an empty one is an acknowledgement. Both may use the socket of the connection that called.
  ///
  /// To be given before the handler that called returns; an outcome that nobody asked for by then is forgotten. The functions count
  /// as handlers: they must not block, and if one throws, the connection fails.
  void then(std::function<void(message_view reply)> on_reply, std::function<void(const call_error&)> on_error = {}) {
    if (failure_) {
      if (on_error)
        on_error({*failure_});
      return;
    }
    state_->on_reply = std::move(on_reply);
    state_->on_error = std::move(on_error);
  }

private:
  std::shared_ptr<state> state_;
  std::optional<call_failure> failure_;
};

namespace detail {
struct access;
class reply_state;
} // namespace detail

/// What answers one call of the peer: a value that may be kept, copied and used on any thread, once.
///
/// If the last copy goes without an answer, the peer is told "not answered". Weak: it keeps no connection alive. On the connection's
/// thread the answer takes its place among what the connection sends; from other threads it arrives as with `handle::send`.
class HARPIA_API reply {
public:
  /// Answers with a message of the view's kind; an empty one acknowledges.
  /// @return as `handle::send`; after `dropped` the call is still unanswered. `closed` also if it was answered before.
  send_status operator()(message_view answer) const;
  send_status operator()(std::string_view text) const { return (*this)(message_view{text}); }
  send_status operator()(std::span<const std::byte> bytes) const { return (*this)(message_view{bytes}); }
  /// Answers with a value. @throws what `encode` throws
  template <codec Codec>
  send_status operator()(const Codec& codec, const typename Codec::message_type& value) const {
    return (*this)(detail::as_message(codec, codec.encode(value)));
  }

  /// Answers that there will be no reply, and why. `why` must be UTF-8. @return as above
  send_status refuse(std::string_view why) const;

private:
  friend struct detail::access;
  explicit reply(std::shared_ptr<detail::reply_state> state) : state_{std::move(state)} {}

  std::shared_ptr<detail::reply_state> state_;
};

} // namespace harpia
