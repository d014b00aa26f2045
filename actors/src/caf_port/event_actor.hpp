// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "caf_port/pinned_actor.hpp"
#include "caf_port/socket_event.hpp"

#include <harpia/error.hpp>
#include <harpia/message_view.hpp>

#include <caf/behavior.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace harpia::detail {

/// A message of the mailbox, for whoever looks at it before the behaviour does.
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
/// Events and messages that the behaviour skips wait, and so do events while the behaviour awaits a reply: `holds_back` tells its owner to
/// bring no more. They are offered again, in their order, when something else has been handled. On the loop's thread.
class event_actor : public pinned_actor {
protected:
  using pinned_actor::pinned_actor;

  /// Sets what the behaviour does not take and what fails. Call it once, from `make_behavior`, and return what it returns, which stands for
  /// no behaviour.
  [[nodiscard]] caf::behavior prepare();

  /// Makes `first` the behaviour, unless it is empty.
  void start_behaviour(caf::behavior first);
  /// Forgets the behaviour, what it awaits and what waits for it.
  void forget_behaviour();
  /// Whether there is a behaviour: not any more if somebody ended the actor before its socket.
  [[nodiscard]] bool has_behaviour() const noexcept { return !bhvr_stack_.empty(); }

  /// Gives the behaviour an event, which waits if a reply is awaited.
  template <class Event>
  void deliver_in_order(Event event) {
    socket_event_of element{event};
    take_in_order(element);
  }
  /// Gives the behaviour an event at once, also if a reply is awaited.
  template <class Event>
  void deliver_now(Event event) {
    socket_event_of element{event};
    take_now(element);
  }

  /// Whether events are to wait: for a reply, or for a behaviour that takes those that wait already.
  [[nodiscard]] bool holds_back() const noexcept { return stash_ || !awaited_responses_.empty(); }

private:
  /// Takes a message that is not the behaviour's. @return whether it was one
  virtual bool take_own(const actor_message& message) = 0;
  /// Runs the behaviour for a message or what waits. @return what it ended with, if it threw
  virtual std::optional<error> contain(const char* handler, const std::function<void()>& work) = 0;
  /// The behaviour, or a reply, has failed.
  virtual void on_failure(const error& what) = 0;
  /// The behaviour takes no message of this kind now, nor skips it.
  virtual void on_unaccepted(message_kind kind) = 0;
  /// Messages of the mailbox were handled.
  virtual void on_messages_handled() = 0;

  resume_result resume(caf::execution_unit* unit, std::size_t max_messages) final;
  caf::invoke_message_result handle(caf::mailbox_element& message) final;
  [[nodiscard]] caf::result<caf::message> refuse(const caf::type_erased_tuple& content);
  [[nodiscard]] caf::invoke_message_result consume_event(caf::mailbox_element& event);
  void take_in_order(socket_event& event);
  void take_now(socket_event& event);
  void stash(caf::message event);
  void unstash();

  // Events that wait; null if there are none. The socket is not read meanwhile, and notices of one kind add up, so they are few.
  std::unique_ptr<std::vector<caf::message>> stash_;
  bool in_event_ = false;         // the behaviour is handling an event of the socket
  bool skipped_messages_ = false; // messages of actors wait in CAF's cache
};

} // namespace harpia::detail
