// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/callback.hpp>
#include <harpia/close_code.hpp>
#include <harpia/codec.hpp>
#include <harpia/detail/handler_rules.hpp>
#include <harpia/export.hpp>
#include <harpia/handle.hpp>
#include <harpia/message_view.hpp>
#include <harpia/publish_options.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0 {

namespace detail {
struct access;
class group_home;
} // namespace detail

/// A handle to a broadcast group. Include <harpia/actors.hpp> to use the group as a `caf::actor`.
///
/// *Thread safety* May be copied and used on any thread and by any actor.
///
/// *Lifetimes* Keeps the group alive. May outlive its app; then the group has no members. A handle that was moved from refers to no group: it
/// has no name and no members, and publishes nothing.
class HARPIA_API group {
public:
  [[nodiscard]] const std::string& name() const noexcept;
  /// The number of members at this moment.
  [[nodiscard]] std::size_t size() const noexcept;

  /// Sends a message to every member, on all nodes if the group is shared. The message is encoded once.
  ///
  /// All members receive the messages of a group in the same order. Messages that one thread publishes keep the order of its
  /// calls.
  /// @return `sent` if the group is local
  ///
  /// *Errors* Throws `std::invalid_argument` if a text is not UTF-8.
  publish_status publish(message_view message, publish_options options = {}) const;
  /// Sends an encoded value.
  ///
  /// *Errors* Throws what `encode` throws.
  template <codec Codec>
  publish_status publish(const Codec& codec, const typename Codec::message_type& value, publish_options options = {}) const {
    return publish(detail::as_message(codec, codec.encode(value)), std::move(options));
  }

  /// Closes the members that are connections, as `socket_base::close`, after the messages that were published before. Members that are
  /// other actors stay.
  ///
  /// *Errors* Throws `std::invalid_argument` if `code` must not be sent or `reason` is over 123 bytes or not UTF-8.
  void close(close_code code = close_code::normal, std::string_view reason = {}) const;

  /// Passes handles of the members that are connections to `then`, once, in no particular order. It runs on the thread of one of the event
  /// loops, or before `members` returns if there are no members or the app has ended, and must not block; what it throws is logged.
  void members(callback<void(std::vector<handle> all), detail::rules::members> then) const;

private:
  friend struct detail::access;
  explicit group(std::shared_ptr<detail::group_home> state) : state_{std::move(state)} {}

  std::shared_ptr<detail::group_home> state_;
};

/// A group whose messages are encoded from values of type `T`, once per message.
template <class T>
class group_of {
public:
  /// @param encode returns the text of a message; called on the publishing thread, so it must be thread-safe if several threads
  /// publish
  group_of(group untyped, std::function<std::string(const T&)> encode)
      : untyped_{std::move(untyped)}, encode_{std::move(encode)} {}
  /// With messages of the codec's kind: `group_of ticks{app.group("ticks"), harpia::json<tick>}`.
  template <codec_of<T> Codec>
  group_of(group untyped, Codec codec)
      : untyped_{std::move(untyped)}, encode_{[codec = std::move(codec)](const T& value) { return codec.encode(value); }},
        kind_{Codec::kind} {}

  publish_status publish(const T& value, publish_options options = {}) const {
    const auto payload = encode_(value);
    return untyped_.publish(message_view{kind_, std::as_bytes(std::span{payload})}, std::move(options));
  }

  [[nodiscard]] const std::string& name() const noexcept { return untyped_.name(); }
  [[nodiscard]] std::size_t size() const noexcept { return untyped_.size(); }
  [[nodiscard]] const group& untyped() const noexcept { return untyped_; }

private:
  group untyped_;
  std::function<std::string(const T&)> encode_;
  message_kind kind_ = message_kind::text;
};

template <codec Codec>
group_of(group, Codec) -> group_of<typename Codec::message_type>;

} // namespace harpia::inline v0
