// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

#include <utility>

namespace harpia::inline v0::detail {

/// An event of the socket for the behaviour.
class socket_event {
public:
  [[nodiscard]] virtual caf::mailbox_element& element() noexcept = 0;
  /// A message that owns a copy of the event.
  [[nodiscard]] virtual caf::message copy() const = 0;

protected:
  ~socket_event() = default;
};

/// Refers to the event without a copy, and so does the element. CAF must not keep the element beyond the call.
template <class Event>
class socket_event_of final : public socket_event {
public:
  explicit socket_event_of(Event& event) : event_{&event}, element_{nullptr, caf::make_message_id(), {}, event} {}
  [[nodiscard]] caf::mailbox_element& element() noexcept override { return element_; }
  [[nodiscard]] caf::message copy() const override { return caf::make_message(*event_); }

private:
  Event* event_;
  caf::mailbox_element_view<Event> element_;
};

/// A message of the peer that a codec has decoded.
class decoded_event final : public socket_event {
public:
  explicit decoded_event(caf::message decoded)
      : element_{caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(decoded))} {}
  [[nodiscard]] caf::mailbox_element& element() noexcept override { return *element_; }
  [[nodiscard]] caf::message copy() const override { return element_->copy_content_to_message(); }

private:
  caf::mailbox_element_ptr element_;
};

} // namespace harpia::inline v0::detail
