// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/codec.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/export.hpp>
#include <harpia/message_view.hpp>
#include <harpia/send_status.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Calls: requests with replies over a connection. docs/calls.md describes the protocol. Opt-in by `route_options::calls`.
namespace harpia::inline v0 {

/// Why a call has no reply.
enum class call_failure : std::uint8_t {
  refused,   ///< the peer refused the call, or has no handler for it
  timed_out, ///< no reply came in time; a later one is ignored
  closed,    ///< the connection has ended, or was already closing
  dropped,   ///< the request was not sent: by the route's `on_limit` policy, or because `max_pending_calls` are waiting already
};

[[nodiscard]] HARPIA_API std::string_view to_string(call_failure why) noexcept;

namespace detail {
struct access;
class reply_state;
} // namespace detail

/// The failure of a call.
struct call_error {
  call_failure why;
  /// The peer's explanation if it refused; empty otherwise.
  std::string text = {};
};

/// The future outcome of one call: the reply or an error.
///
/// Each call has exactly one outcome. It is delivered once, as an event of its own like those of the handlers, and never after
/// `close` was called. A call that is pending when its connection ends gets `call_failure::closed` right before `close`.
///
/// *Thread safety* None. Belongs to the connection's thread, like the socket.
class pending_call {
public:
  /// The state that the caller and the connection share.
  struct state {
    callback<void(message_view), detail::rules::on_reply> on_reply;
    callback<void(const call_error&), detail::rules::on_call_error> on_error;
  };

  /// Why the request was not sent; nothing if it was.
  [[nodiscard]] std::optional<call_failure> failure() const noexcept { return failure_; }

  /// Sets the functions that receive the outcome. One of the two is called, once; `on_error` at once if the request was not sent.
  /// Both may use the socket of the connection that called.
  ///
  /// Must be called before the handler that made the call returns: an outcome without a function that receives it is discarded.
  /// @param on_reply receives the reply; an empty one is an acknowledgement
  /// @param on_error receives the failure; may be empty
  ///
  /// *Errors* The functions count as handlers: they must not block, and if one throws, the connection fails.
  ///
  /// *Lifetimes* The view of the reply is valid until `on_reply` returns.
  void then(callback<void(message_view reply), detail::rules::on_reply> on_reply,
            callback<void(const call_error& why), detail::rules::on_call_error> on_error = {}) {
    if (failure_) {
      if (on_error)
        on_error({*failure_});
      return;
    }
    if (!state_)
      return; // moved from
    state_->on_reply = std::move(on_reply);
    state_->on_error = std::move(on_error);
  }

private:
  friend struct detail::access;

  /// @param failure the outcome, if the call has failed already
  pending_call(std::shared_ptr<state> shared, std::optional<call_failure> failure)
      : state_{std::move(shared)}, failure_{failure} {}

  std::shared_ptr<state> state_;
  std::optional<call_failure> failure_;
};

/// The responder for one call of the peer: a value that may be stored and copied, and that answers once.
///
/// On the connection's thread, the answer keeps its place in the order of the connection's messages. On other threads it is sent
/// as by `handle::send`. If the last copy is destroyed without an answer, the peer's call is refused with "not answered".
///
/// *Thread safety* Copies may be used on any thread.
///
/// *Lifetimes* Does not keep the connection alive.
class HARPIA_API reply {
public:
  /// Answers with a message of the view's kind. An empty one is an acknowledgement.
  /// @return as `handle::send`. After `dropped` the call still has no answer. `closed` also if the call was answered before
  send_status operator()(message_view answer) const;
  /// Answers with an encoded value.
  ///
  /// *Errors* Throws what `encode` throws.
  template <codec Codec>
  send_status operator()(const Codec& codec, const typename Codec::message_type& value) const {
    return (*this)(detail::as_message(codec, codec.encode(value)));
  }

  /// Refuses the call.
  /// @param why the explanation, in UTF-8
  /// @return as for an answer
  send_status refuse(std::string_view why) const;

private:
  friend struct detail::access;
  explicit reply(std::shared_ptr<detail::reply_state> state) : state_{std::move(state)} {}

  std::shared_ptr<detail::reply_state> state_;
};

} // namespace harpia::inline v0
