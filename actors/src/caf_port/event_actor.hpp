// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/pinned_actor.hpp"
#include "caf_port/socket_event.hpp"

#include <harpia/error.hpp>

#include <caf/behavior.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace harpia::inline v0::detail {

/// A message of the mailbox, inspected before the behaviour gets it.
class actor_message {
public:
  explicit actor_message(const caf::type_erased_tuple& content) noexcept : content_{&content} {}

  /// The message, if it consists of one T; null otherwise.
  template <class T>
  [[nodiscard]] const T* get() const {
    return content_->match_elements<T>() ? &content_->get_as<T>(0) : nullptr;
  }

private:
  const caf::type_erased_tuple* content_;
};

/// An actor on a loop whose behaviour gets events of a socket beside the messages of its mailbox.
///
/// Events and messages that the behaviour skips are stashed. Events are also stashed while the behaviour awaits a reply. While
/// `holds_back` is true its owner must deliver no more. Stashed events are offered again, in order, after another one was handled.
/// On the loop's thread.
class event_actor : public pinned_actor {
protected:
  using pinned_actor::pinned_actor;

  /// Sets the default and error handlers. Call it once, from `make_behavior`, and return its result, a placeholder for no behaviour.
  [[nodiscard]] caf::behavior prepare();

  /// Makes `first` the behaviour, unless it is empty.
  void start_behaviour(caf::behavior first);
  /// Drops the behaviour, its awaited replies and the stash.
  void forget_behaviour();
  /// Whether there is a behaviour. There is none after the actor ended before its socket.
  [[nodiscard]] bool has_behaviour() const noexcept { return !bhvr_stack_.empty(); }

  /// Gives the behaviour an event, or stashes it while a reply is awaited.
  template <class Event>
  void deliver_in_order(Event event) {
    socket_event_of element{event};
    handle_in_order(element);
  }
  /// Gives the behaviour a message that a codec has decoded, or stashes it.
  void deliver_in_order(caf::message decoded) {
    decoded_event element{std::move(decoded)};
    handle_in_order(element);
  }
  /// Gives the behaviour an event at once, also while a reply is awaited. @return whether it has a handler for it
  template <class Event>
  bool deliver_now(Event event) {
    socket_event_of element{event};
    return handle_now(element);
  }

  /// Whether events must wait: for an awaited reply, or for a behaviour that takes the stashed ones.
  [[nodiscard]] bool holds_back() const noexcept { return stash_ || !awaited_responses_.empty(); }

private:
  /// Handles one of the actor's own messages. @return false if `message` is for the behaviour
  virtual bool handle_own(const actor_message& message) = 0;
  /// Runs the behaviour for a message or for stashed events. @return the error, if it threw
  virtual std::optional<error> contain(const char* handler, const std::function<void()>& work) = 0;
  /// The behaviour threw, or a request failed.
  virtual void on_failure(const error& what) = 0;
  /// The behaviour threw for stashed events, before an event that ends it.
  virtual void log_failure(const error& what) = 0;
  /// The behaviour neither takes nor skips a message of this kind: "text", "binary" or "decoded".
  virtual void on_unaccepted(std::string_view kind) = 0;
  /// A message of another actor is refused.
  virtual void on_refused() = 0;
  /// Messages of the mailbox were handled.
  virtual void on_messages_handled() = 0;

  resume_result resume(caf::execution_unit* unit, std::size_t max_messages) final;
  caf::invoke_message_result handle(caf::mailbox_element& message) final;
  [[nodiscard]] caf::result<caf::message> refuse(const caf::type_erased_tuple& content);
  [[nodiscard]] caf::invoke_message_result consume_event(caf::mailbox_element& event);
  [[nodiscard]] caf::invoke_message_result consume_urgent(caf::mailbox_element& event);
  void handle_in_order(socket_event& event);
  bool handle_now(socket_event& event);
  void stash(caf::message event);
  void unstash();

  // Stashed events; null if there are none. Few, because the socket is not read meanwhile and `drained` and `dropped` are merged.
  std::unique_ptr<std::vector<caf::message>> stash_;
  bool in_event_ = false;         // the behaviour is handling an event of the socket
  bool ignored_event_ = false;    // the behaviour has no handler for the current event
  bool skipped_messages_ = false; // skipped messages of actors are in CAF's cache
};

} // namespace harpia::inline v0::detail
