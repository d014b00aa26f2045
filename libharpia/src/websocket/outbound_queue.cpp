// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/outbound_queue.hpp"

#include "websocket/frame_head.hpp"

#include <algorithm>
#include <cassert>
#include <sys/uio.h>
#include <utility>

namespace harpia::inline v0::websocket {

// While nothing stands in the way of a message, such as a backlog or other threads, a limit on the write chain decides alone.
void outbound_queue::find_usual_limit() noexcept {
  const bool stands_in_the_way = backlog_ || deflater_ || quota_ || accounted_ > 0;
  usual_limit_ = stands_in_the_way ? 0 : std::min({limits_.high_watermark, limits_.max_buffered, chain_size});
}

send_status outbound_queue::push(message_view message, const message_options& options) {
  const auto size = writer_.size_of(message.size());
  const bool deflates = deflater_ && options.compression == compression::enabled && message.size() > 0;
  switch (admit(size, options)) {
    case place::chain:
      if (deflates) {
        to_chain({deflater_->encode(message), nullptr}, options.notify);
        return send_status::sent;
      }
      to_chain(opcode_of(message.kind()), message.text());
      added(options.notify);
      return send_status::sent;
    case place::backlog: {
      memory::byte_buffer frame; // not of the pool, whose buffers may be larger: the limit counts these bytes
      frame.reserve(size);
      (deflates ? frame_writer{} : writer_).append(frame, opcode_of(message.kind()), message.text());
      to_backlog({std::move(frame), nullptr}, options, options.compression);
      return send_status::sent;
    }
    default: return refuse(size, options);
  }
}

send_status outbound_queue::push(const shared_frame& encoded, const message_options& options) {
  const auto size = encoded->bytes().size();
  switch (admit(size, options)) {
    case place::chain: to_chain(this->encoded({{}, encoded}, options.compression), options.notify); return send_status::sent;
    case place::backlog: to_backlog({{}, encoded}, options, options.compression); return send_status::sent;
    default: return refuse(size, options);
  }
}

send_status outbound_queue::push_encoded(memory::byte_buffer encoded, const message_options& options) {
  const auto size = encoded.size();
  switch (admit(size, options)) {
    case place::chain: to_chain({std::move(encoded), nullptr}, options.notify); return send_status::sent;
    case place::backlog: // not compressed again
      to_backlog({std::move(encoded), nullptr}, options, compression::disabled);
      return send_status::sent;
    default: return refuse(size, options);
  }
}

void outbound_queue::push_control(opcode code, std::string_view payload) {
  assert(payload.size() <= max_control_payload);
  to_chain(code, payload);
  chain_->add_overhead(writer_.size_of(payload.size()));
}

void outbound_queue::push_raw(std::string_view bytes) {
  if (bytes.empty())
    return;
  on_chain().append(bytes, *pool_);
  chain_->add_overhead(bytes.size());
}

void outbound_queue::push_close(close_code code, std::string_view reason) {
  const auto payload = close_payload(code, reason);
  if (!backlog_)
    return push_control(opcode::close, payload);
  memory::byte_buffer frame;
  writer_.append(frame, opcode::close, payload);
  backlog_->bytes += frame.size();
  backlog_->messages.push_back({{std::move(frame), nullptr}, {}, nullptr, false});
}

// Decides where a message of `size` bytes goes. Makes room for it if the policy allows.
outbound_queue::place outbound_queue::admit(std::size_t size, const message_options& options) {
  expect(options.notify);
  const bool conflates = limits_.on_limit == on_limit::conflate && !options.key.empty();
  if (const auto* older = find_older(options)) {
    // Never refused: the peer would be left with the older message.
    if (size > older->content.bytes().size())
      make_room_for_newer(older);
    return place::backlog;
  }
  const bool is_spent = is_budget_spent();
  if ((!fits(size) || is_spent)
      && this->size() > (chain_ ? chain_->overhead() : 0)) { // one message is accepted whatever its size
    const bool makes_room = limits_.on_limit == on_limit::drop_oldest;
    const auto before = this->size();
    const auto has_room = [&] { return fits(size) && (!is_spent || before - this->size() >= size); }; // frees at least `size`
    while (makes_room && !has_room() && backlog_ && backlog_->messages.front().droppable)
      drop_front();
    // The write chain alone may leave too little of the limit: one more message is accepted, and is the first to be dropped.
    const bool is_first_over = makes_room && !is_spent && !backlog_ && chain_bytes() <= limits_.max_buffered;
    if (!has_room() && !is_first_over && options.granted == granted::no)
      return place::refused;
  }
  return backlog_ || conflates || chain_bytes() >= chain_limit() ? place::backlog : place::chain;
}

// The waiting message with the same key, which the new message replaces.
outbound_queue::waiting* outbound_queue::find_older(const message_options& options) const {
  if (limits_.on_limit != on_limit::conflate || options.key.empty() || !backlog_)
    return nullptr;
  const auto found = backlog_->by_key.find(options.key);
  return found == backlog_->by_key.end() ? nullptr : found->second;
}

send_status outbound_queue::refuse(std::size_t size, const message_options& options) {
  count_dropped(1, size);
  if (options.notify)
    --log_->expected;
  return send_status::dropped;
}

void outbound_queue::to_chain(segment content, delivery_ptr notify) {
  on_chain().append(std::move(content), *pool_);
  added(std::move(notify));
}

void outbound_queue::to_chain(opcode code, std::string_view payload) {
  on_chain().append(writer_.size_of(payload.size()), *pool_, [&](std::byte* at) { writer_.write(at, code, payload); });
}

// The frame to send for a server's uncompressed frame: compressed if context takeover was negotiated.
segment outbound_queue::encoded(segment plain, compression allowed) {
  if (!deflater_ || allowed == compression::disabled)
    return plain;
  const auto bytes = std::as_bytes(std::span{plain.bytes()});
  const auto head = *read_frame_head(bytes);
  if (head.size == bytes.size()) // an empty payload cannot be compressed
    return plain;
  const auto kind = head.is_text() ? message_kind::text : message_kind::binary;
  return {deflater_->encode({kind, bytes.subspan(head.size)}), nullptr};
}

// The last bytes of the write chain are of a message with `notify`.
void outbound_queue::added(delivery_ptr notify) {
  if (notify) {
    auto& later = deliveries();
    later.on_chain.push_back({later.taken + chain_bytes(), std::move(notify)});
  }
}

outbound_queue::delivery_log& outbound_queue::deliveries() {
  if (!log_)
    log_ = std::make_unique<delivery_log>();
  return *log_;
}

// Makes room for the outcome of a message, so that `resolve` needs no memory.
void outbound_queue::expect(const delivery_ptr& notify) {
  if (!notify)
    return;
  auto& later = deliveries();
  const auto needed = later.outcomes.size() + ++later.expected;
  if (needed > later.outcomes.capacity())
    later.outcomes.reserve(2 * needed);
}

std::vector<std::pair<delivery_ptr, delivery_outcome>> outbound_queue::take_outcomes() {
  if (!log_ || log_->outcomes.empty())
    return {};
  decltype(log_->outcomes) next;
  next.reserve(log_->expected);
  return std::exchange(log_->outcomes, std::move(next));
}

void outbound_queue::count_dropped(std::size_t messages, std::size_t bytes) {
  auto& dropped = deliveries().dropped;
  dropped.messages += messages;
  dropped.bytes += bytes;
}

void outbound_queue::to_backlog(segment content, const message_options& options, compression allowed) {
  if (auto* older = find_older(options))
    return replace(*older, std::move(content), options.notify, allowed);
  auto& [messages, bytes, by_key] = waiting_messages();
  const bool conflates = limits_.on_limit == on_limit::conflate && !options.key.empty();
  bytes += content.bytes().size();
  auto& added = messages.emplace_back(waiting{
      .content = std::move(content),
      .key = conflates ? std::string{options.key} : std::string{},
      .notify = options.notify,
      .allowed = allowed});
  if (conflates)
    by_key.emplace(added.key, &added);
}

outbound_queue::backlog& outbound_queue::waiting_messages() {
  if (!backlog_) {
    backlog_ = std::make_unique<backlog>();
    find_usual_limit();
  }
  return *backlog_;
}

void outbound_queue::drop_empty_backlog() noexcept {
  if (!backlog_->messages.empty())
    return;
  backlog_.reset();
  find_usual_limit();
}

void outbound_queue::replace(waiting& old, segment content, const delivery_ptr& notify, compression allowed) {
  backlog_->bytes -= old.content.bytes().size();
  backlog_->bytes += content.bytes().size();
  resolve(old.notify, delivery_outcome::dropped);
  old.content = std::move(content);
  old.notify = notify;
  old.allowed = allowed;
}

// A new message may be larger than `older`, which it replaces, and exceed the limit; but only one message may. Drops the oldest of the
// backlog until the queue without `older` is within the limit. If `older` is dropped too, the new message goes to the end.
void outbound_queue::make_room_for_newer(const waiting* older) {
  auto freed = older->content.bytes().size();
  while (backlog_ && total() - freed > limits_.max_buffered && backlog_->messages.front().droppable) {
    if (&backlog_->messages.front() != older) {
      drop_front();
      continue;
    }
    remove_front();
    freed = 0;
    older = nullptr;
  }
}

void outbound_queue::drop_front() {
  count_dropped(1, backlog_->messages.front().content.bytes().size());
  remove_front();
}

void outbound_queue::remove_front() {
  auto& [messages, bytes, by_key] = *backlog_;
  auto& oldest = messages.front();
  resolve(oldest.notify, delivery_outcome::dropped);
  bytes -= oldest.content.bytes().size();
  if (!oldest.key.empty())
    by_key.erase(oldest.key);
  messages.pop_front();
  drop_empty_backlog();
}

void outbound_queue::drop_backlog() {
  while (backlog_ && backlog_->messages.front().droppable)
    drop_front();
}

// Moves messages to the write chain while it has room.
void outbound_queue::refill() {
  while (backlog_ && chain_bytes() < chain_limit()) {
    auto& [messages, bytes, by_key] = *backlog_;
    auto& oldest = messages.front();
    bytes -= oldest.content.bytes().size();
    if (!oldest.key.empty())
      by_key.erase(oldest.key);
    to_chain(encoded(std::move(oldest.content), oldest.allowed), std::move(oldest.notify));
    messages.pop_front();
    drop_empty_backlog();
  }
}

void outbound_queue::resolve(delivery_ptr& notify, delivery_outcome outcome) noexcept {
  if (!notify)
    return;
  --log_->expected;
  log_->outcomes.emplace_back(std::exchange(notify, nullptr), outcome);
}

void outbound_queue::change_account(std::size_t now) noexcept {
  if (const auto& budget = pool_->budget())
    budget->change(accounted_, now);
  accounted_ = now;
  if (quota_)
    quota_->set_held(now);
  find_usual_limit();
}

send_status outbound_queue::report() noexcept {
  if (total() <= limits_.high_watermark)
    return send_status::sent;
  owes_drain_ = true;
  return send_status::buffered;
}

bool outbound_queue::take_drain() noexcept {
  if (quota_ && quota_->take_owed_drain())
    owes_drain_ = true;
  return total() <= limits_.low_watermark && std::exchange(owes_drain_, false);
}

drop_count outbound_queue::take_dropped() noexcept {
  if (quota_)
    if (const auto messages = quota_->take_dropped(); messages > 0)
      count_dropped(messages, quota_->take_dropped_bytes());
  return log_ ? std::exchange(log_->dropped, {}) : drop_count{};
}

const std::shared_ptr<send_quota>& outbound_queue::open_to_remote_senders() {
  if (!quota_) {
    quota_ = std::make_shared<send_quota>(limits_, pool_->budget());
    quota_->set_held(accounted_);
    find_usual_limit();
  }
  return quota_;
}

void outbound_queue::set_limits(const send_limits& limits) noexcept {
  limits_ = limits;
  if (quota_)
    quota_->set_limits(limits);
  find_usual_limit();
}

void outbound_queue::log_consumed(std::size_t count) noexcept {
  auto& [on_chain, taken, expected, outcomes, dropped] = *log_;
  taken += count;
  const auto waits =
      std::find_if(on_chain.begin(), on_chain.end(), [until = taken](const auto& each) { return each.end > until; });
  for (auto done = on_chain.begin(); done != waits; ++done)
    resolve(done->notify, delivery_outcome::taken);
  on_chain.erase(on_chain.begin(), waits);
}

void outbound_queue::clear() noexcept {
  abandon();
  if (chain_) {
    chain_->clear(*pool_);
    pool_->give(std::move(chain_));
  }
  backlog_.reset();
  account();
  find_usual_limit();
  owes_drain_ = false;
}

void outbound_queue::abandon() noexcept {
  if (log_)
    for (auto& each : std::exchange(log_->on_chain, {}))
      resolve(each.notify, delivery_outcome::closed);
  if (!backlog_)
    return;
  for (auto& each : backlog_->messages)
    resolve(each.notify, delivery_outcome::closed);
}

} // namespace harpia::inline v0::websocket
