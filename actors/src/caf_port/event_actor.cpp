// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "caf_port/event_actor.hpp"

#include <harpia/events.hpp>

#include <caf/all.hpp>

namespace harpia::inline v0::detail {

namespace {

/// To itself: offer the skipped messages again.
using unstash_atom = caf::atom_constant<caf::atom("unstash")>;

template <class... Events>
bool is_one_of(const caf::type_erased_tuple& content) noexcept {
  return (content.match_elements<Events>() || ...);
}

// Whether an event is a message of the peer: what a codec has decoded may be of any type.
bool is_message(const caf::type_erased_tuple& content) noexcept {
  return is_one_of<event::text, event::binary>(content)
         || !is_one_of<event::opened, event::called, event::drained, event::dropped, event::failed, event::closed, event::pinged,
                       event::ponged>(content);
}

std::string_view kind_of(const caf::type_erased_tuple& content) noexcept {
  if (content.match_elements<event::text>())
    return "text";
  return content.match_elements<event::binary>() ? "binary" : "decoded";
}

} // namespace

caf::behavior event_actor::prepare() {
  set_error_handler([this](caf::error& what) {
    on_failure({errc::request_failed, make_error_code(errc::request_failed).message() + ": " + system().render(what)});
  });
  set_default_handler([this](caf::scheduled_actor*, caf::message_view& message) { return refuse(message.content()); });
  static const caf::behavior none{[](unstash_atom) {}};
  return none; // a placeholder that users' behaviours replace; the actor's own messages never reach it
}

void event_actor::start_behaviour(caf::behavior first) {
  if (first)
    do_become(std::move(first), true);
}

void event_actor::forget_behaviour() {
  awaited_responses_.clear();
  multiplexed_responses_.clear();
  stash_.reset();
  bhvr_stack_.clear();
  set_down_handler(down_handler{}); // CAF's own
  do_become(make_behavior(), true);
}

// Of the socket's events only a message is refused, so that none is lost silently. A behaviour may ignore the other events.
caf::result<caf::message> event_actor::refuse(const caf::type_erased_tuple& content) {
  if (!in_event_) {
    on_refused();
    return caf::sec::unexpected_message;
  }
  ignored_event_ = true;
  if (is_message(content))
    on_unaccepted(kind_of(content));
  return caf::message{};
}

caf::resumable::resume_result event_actor::resume(caf::execution_unit* unit, std::size_t max_messages) {
  const auto result = pinned_actor::resume(unit, max_messages);
  if (stash_)
    run_in_place([&] {
      if (const auto failure = contain("behaviour", [this] { unstash(); }))
        on_failure(*failure);
    });
  on_messages_handled();
  return result;
}

// The actor's own messages bypass the behaviour, also while it skips messages or awaits a reply.
caf::invoke_message_result event_actor::handle(caf::mailbox_element& message) {
  auto result = caf::invoke_message_result::consumed;
  if (message.content().match_elements<unstash_atom>() || handle_own(actor_message{message.content()}))
    return result;
  const auto behave = [&] { result = pinned_actor::handle(message); };
  const auto failure = contain(message.mid.is_response() ? "response" : "behaviour", std::cref(behave));
  if (result == caf::invoke_message_result::skipped && awaited_responses_.empty())
    skipped_messages_ = true;
  if (!failure)
    return result;
  if (message.mid.is_request())
    caf::response_promise{ctrl(), message}.deliver(caf::make_error(caf::sec::runtime_error, failure->what()));
  on_failure(*failure);
  return caf::invoke_message_result::consumed;
}

void event_actor::handle_in_order(socket_event& event) {
  auto& element = event.element();
  const bool is_data = is_message(element.content());
  if (!awaited_responses_.empty() || (is_data && stash_))
    return stash(event.copy());
  if (consume_event(element) != caf::invoke_message_result::skipped)
    unstash();
  else if (is_data)
    stash(event.copy());
}

bool event_actor::handle_now(socket_event& event) {
  if (awaited_responses_.empty()) // the last chance for stashed events; `event` is delivered whatever they cause
    if (const auto failure = contain("behaviour", [this] { unstash(); }))
      log_failure(*failure);
  const bool skipped = consume_urgent(event.element()) == caf::invoke_message_result::skipped;
  const bool is_taken = !skipped && !ignored_event_;
  if (!skipped)
    unstash();
  return is_taken;
}

// CAF would queue an urgent event behind the awaited replies, so they are hidden from it. They are awaited again if the handler throws, too.
caf::invoke_message_result event_actor::consume_urgent(caf::mailbox_element& event) {
  struct hide {
    explicit hide(event_actor& of) : self{&of}, awaited{std::exchange(of.awaited_responses_, {})} {}
    ~hide() { self->awaited_responses_.splice_after(self->awaited_responses_.before_begin(), awaited); }
    hide(const hide&) = delete;
    hide& operator=(const hide&) = delete;
    event_actor* self;
    decltype(event_actor::awaited_responses_) awaited;
  } const hidden{*this};
  return consume_event(event);
}

caf::invoke_message_result event_actor::consume_event(caf::mailbox_element& event) {
  in_event_ = true;
  ignored_event_ = false;
  struct reset {
    event_actor* self;
    ~reset() {
      self->in_event_ = false;
      self->current_mailbox_element(nullptr);
    }
  } const at_end{this};
  const bool has_timeout = getf(has_timeout_flag);
  const auto result = caf::event_based_actor::consume(event);
  if (result == caf::invoke_message_result::skipped)
    return result;
  if (!ignored_event_)
    set_receive_timeout(); // as CAF does after a message
  else if (has_timeout)
    setf(has_timeout_flag); // the timeout that runs goes on
  if (std::exchange(skipped_messages_, false)) {
    get_normal_queue().flush_cache();
    get_urgent_queue().flush_cache();
    caf::anon_send(this, unstash_atom::value); // makes CAF look at the flushed cache
  }
  return result;
}

void event_actor::stash(caf::message event) {
  if (!stash_)
    stash_ = std::make_unique<std::vector<caf::message>>();
  for (auto& waiting : *stash_) {
    if (event.match_elements<event::drained>() && waiting.match_elements<event::drained>())
      return;
    if (event.match_elements<event::dropped>() && waiting.match_elements<event::dropped>()) {
      auto& sum = waiting.get_mutable_as<event::dropped>(0);
      sum.count += event.get_as<event::dropped>(0).count;
      sum.bytes += event.get_as<event::dropped>(0).bytes;
      return;
    }
  }
  stash_->push_back(std::move(event));
}

void event_actor::unstash() {
  if (!stash_)
    return;
  const auto waiting = std::exchange(stash_, nullptr);
  auto& events = *waiting;
  auto next = events.begin();
  for (; next != events.end() && awaited_responses_.empty() && has_behaviour(); ++next) {
    const auto element = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, *next);
    if (consume_event(*element) == caf::invoke_message_result::skipped && is_message(*next))
      break;
  }
  events.erase(events.begin(), next);
  if (stash_) // stashed meanwhile
    events.insert(events.end(), stash_->begin(), stash_->end());
  stash_ = events.empty() ? nullptr : std::make_unique<std::vector<caf::message>>(std::move(events));
}

} // namespace harpia::inline v0::detail
