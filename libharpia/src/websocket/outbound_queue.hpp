// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/buffer_pool.hpp"
#include "websocket/delivery_state.hpp"
#include "websocket/frame.hpp"
#include "websocket/frame_deflater.hpp"
#include "websocket/send_quota.hpp"
#include "websocket/write_chain.hpp"
#include <harpia/route_options.hpp>
#include <harpia/send_status.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace harpia::inline v0::websocket {

enum class granted : bool { no, yes };

/// Options for sending one message.
struct message_options {
  /// Under `on_limit::conflate`: the subject of the message. A newer message with the same key replaces it. Empty: no key.
  std::string_view key = {};
  /// Receives the outcome, if the message is accepted; null: no notification.
  delivery_ptr notify = nullptr;
  /// Whether `send_quota::request` has granted it already.
  harpia::websocket::granted granted = harpia::websocket::granted::no;
  /// Whether it may be compressed.
  harpia::compression compression = harpia::compression::enabled;
};

/// The messages dropped since the last `take_dropped`.
struct drop_count {
  std::size_t messages = 0;
  std::size_t bytes = 0; // with frame headers
};

/// The bytes that were accepted for one peer and not yet taken by the kernel, in order. Drain contract: once `report` returned
/// `buffered`, `take_drain` returns true, once, as soon as no more than the low watermark waits.
///
/// It has two parts. The *write chain* is what the kernel gets next. Once it holds `chain_size` bytes, or the high watermark if that is
/// less, messages wait in the *backlog*, as separate entries that the policies can drop and replace. Control frames go to the end of
/// the write chain, before the backlog, and are never dropped.
///
/// Once the pool's budget is spent, a queue with bytes that the kernel did not take behaves as if its limit were reached.
///
/// Bounded by `send_limits::max_buffered` plus one message plus control frames; under `on_limit::conflate` by one message on the write
/// chain and one in the backlog. Has no socket and no thread.
class outbound_queue {
public:
  /// Size of the write chain in bytes from which messages wait in the backlog. A lower high watermark is used instead.
  static constexpr std::size_t chain_size = std::size_t{64} << 10;

  /// @param pool outlives the queue
  outbound_queue(buffer_pool& pool, const send_limits& limits) noexcept : pool_{&pool}, limits_{limits} { find_usual_limit(); }
  ~outbound_queue() { clear(); }
  outbound_queue(const outbound_queue&) = delete;
  outbound_queue& operator=(const outbound_queue&) = delete;

  /// From now on, frames are encoded by `writer`. Before, they are those of a server.
  void write_with(const frame_writer& writer) noexcept { writer_ = writer; }
  [[nodiscard]] const frame_writer& writer() const noexcept { return writer_; }

  /// Encodes a message and queues it. The policy may drop it or other messages. @return `sent` or `dropped`
  send_status push(message_view message, const message_options& options = {});
  /// Queues the frame of a server in the same way.
  send_status push(const shared_frame& encoded, const message_options& options = {});
  /// Queues the encoded bytes of a whole message, one frame or several, in the same way.
  send_status push_encoded(memory::byte_buffer encoded, const message_options& options = {});
  /// Does what `push` without options and `report` do for a small message that nothing stands in the way of, as is so for nearly all.
  /// @return whether it was queued, and is `sent`; false: nothing was done
  [[nodiscard]] bool push_usual(message_view message) {
    const auto size = writer_.size_of(message.size());
    if (size > usual_limit_)
      return false;
    auto& chain = on_chain();
    if (chain.size() > usual_limit_ - size || !chain.has_room(size))
      return false;
    writer_.write(chain.room(), opcode_of(message.kind()), message.text());
    chain.extend(size);
    return true;
  }
  [[nodiscard]] bool push_usual(const shared_frame& encoded) {
    const auto size = encoded->bytes().size();
    if (size > usual_limit_ || writer_.masks())
      return false;
    auto& chain = on_chain();
    return chain.size() <= usual_limit_ - size && chain.append_usual(encoded);
  }
  /// Whether an unmasked message may be written past the queue, because nothing waits or stands in its way.
  [[nodiscard]] bool may_be_passed() const noexcept { return is_quiet() && !writer_.masks(); }
  /// Queues the rest of a message that was written in part past the queue.
  void push_rest(std::string_view bytes) { on_chain().append(bytes, *pool_); }

  /// From now on, compresses messages of `push` that allow it. It does so when they enter the write chain: later messages must not refer
  /// to a dropped one. The policies count uncompressed bytes. The queue owns `tool`.
  void deflate_with(std::unique_ptr<frame_deflater> tool) noexcept {
    deflater_ = std::move(tool);
    find_usual_limit();
  }
  [[nodiscard]] bool deflates() const noexcept { return deflater_ != nullptr; }
  /// Queues a control frame with a payload of at most `max_control_payload` bytes.
  void push_control(opcode code, std::string_view payload);
  /// Queues bytes that are not a frame, such as a handshake.
  void push_raw(std::string_view bytes);
  /// Queues a close frame, after all messages. @param reason at most `max_close_reason` bytes
  void push_close(close_code code, std::string_view reason);

  /// The status of a message that was accepted. After `buffered` a drain is owed.
  /// @return `sent` or `buffered`
  send_status report() noexcept;
  /// Whether a drain is owed, because of `report` or to senders on other threads.
  [[nodiscard]] bool owes_drain() const noexcept { return owes_drain_ || (quota_ && quota_->owes_drain()); }
  /// Whether an owed drain is due now. If so, it is no longer owed.
  [[nodiscard]] bool take_drain() noexcept;
  /// Whether the app's budget is the reason for refusing messages.
  [[nodiscard]] bool is_budget_spent() const noexcept { return accounted_ > 0 && pool_->budget() && pool_->budget()->is_spent(); }
  /// The messages dropped since the last call.
  [[nodiscard]] drop_count take_dropped() noexcept;
  /// The messages with `notify` whose outcome became known since the last call, in that order.
  [[nodiscard]] std::vector<std::pair<delivery_ptr, delivery_outcome>> take_outcomes();

  /// Fills `out` with what to write next, oldest first.
  /// @return the part of `out` that was filled; its addresses are valid until the queue is changed
  [[nodiscard]] std::span<iovec> gather(std::span<iovec> out) {
    if (backlog_)
      refill();
    return chain_ ? chain_->gather(out) : out.first(0);
  }
  /// Removes the oldest `count` bytes, which the kernel took. `count` must not exceed the bytes that `gather` returned.
  void consume(std::size_t count) noexcept {
    if (count == 0)
      return;
    chain_->consume(count, *pool_);
    if (chain_->empty())
      pool_->give(std::move(chain_));
    if (log_)
      log_consumed(count);
  }

  /// Drops the backlog.
  void drop_backlog();
  /// Updates the pool's budget with the bytes that wait here. Call it after all of them were offered to the kernel.
  void account() noexcept {
    if (const auto now = size(); now != accounted_)
      change_account(now);
  }
  /// Removes everything, including an owed drain. Messages with `notify` get `closed`.
  void clear() noexcept;
  /// Gives waiting messages with `notify` the outcome `closed`. They may still be written.
  void abandon() noexcept;

  void set_limits(const send_limits& limits) noexcept;
  [[nodiscard]] const send_limits& limits() const noexcept { return limits_; }

  /// Lets other threads send. From now on their bytes in flight count, and the size of the queue is published to them.
  [[nodiscard]] const std::shared_ptr<send_quota>& open_to_remote_senders();
  /// From now on, requests of other threads return `closed`.
  void close_to_remote_senders() noexcept {
    if (quota_)
      quota_->close();
  }
  /// Whether granted bytes of other threads are in flight. After `close_to_remote_senders` their number only decreases.
  [[nodiscard]] bool awaits_remote_senders() const noexcept { return quota_ && quota_->in_flight() > 0; }
  /// Publishes the size to other threads. Call it after a series of changes.
  void publish_size() noexcept {
    if (quota_)
      quota_->set_queued(size());
  }

  /// False: `take_drain`, `take_dropped` and `take_outcomes` have nothing.
  [[nodiscard]] bool may_have_news() const noexcept { return log_ || quota_ || owes_drain_; }
  /// Whether it is empty, other threads and the budget know so, and there is nothing to report.
  [[nodiscard]] bool is_quiet() const noexcept { return chain_bytes() == 0 && usual_limit_ > 0 && !log_ && !owes_drain_; }

  /// Bytes that wait here, plus the bytes in flight from other threads.
  [[nodiscard]] std::size_t total() const noexcept { return size() + (quota_ ? quota_->in_flight() : 0); }
  /// Bytes that wait here.
  [[nodiscard]] std::size_t size() const noexcept { return chain_bytes() + (backlog_ ? backlog_->bytes : 0); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

private:
  struct waiting {
    segment content;
    std::string key;
    delivery_ptr notify;
    bool droppable = true; // false for a close frame
    compression allowed = compression::disabled;
  };
  struct backlog {
    std::deque<waiting> messages; // bounded by bytes
    std::size_t bytes = 0;
    std::unordered_map<std::string_view, waiting*> by_key; // the messages own the keys
  };
  // Outcomes and drops to report later.
  struct delivery_log {
    // A message with `notify` on the write chain.
    struct pending {
      std::uint64_t end; // end of its bytes, counted like `taken`
      delivery_ptr notify;
    };
    std::vector<pending> on_chain;                                   // bounded by the messages on the write chain
    std::uint64_t taken = 0;                                         // bytes that the kernel took since this object exists
    std::size_t expected = 0;                                        // outcomes that are not known yet
    std::vector<std::pair<delivery_ptr, delivery_outcome>> outcomes; // taken once a turn; has room for the expected ones
    drop_count dropped;
  };

  enum class place : std::uint8_t { chain, backlog, refused };

  // At least one byte: otherwise an empty write chain would accept nothing.
  [[nodiscard]] std::size_t chain_limit() const noexcept {
    return std::clamp<std::size_t>(limits_.high_watermark, 1, chain_size);
  }

  [[nodiscard]] std::size_t chain_bytes() const noexcept { return chain_ ? chain_->size() : 0; }
  place admit(std::size_t size, const message_options& options);
  [[nodiscard]] waiting* find_older(const message_options& options) const;
  [[nodiscard]] bool fits(std::size_t size) const noexcept {
    return size <= limits_.max_buffered && total() <= limits_.max_buffered - size;
  }
  void find_usual_limit() noexcept;
  void change_account(std::size_t now) noexcept;
  send_status refuse(std::size_t size, const message_options& options);
  void to_chain(segment content, delivery_ptr notify);
  [[nodiscard]] segment encoded(segment plain, compression allowed);
  void added(delivery_ptr notify);
  void to_backlog(segment content, const message_options& options, compression allowed);
  void replace(waiting& old, segment content, const delivery_ptr& notify, compression allowed);
  void make_room_for_newer(const waiting* older);
  void drop_front();
  void remove_front();
  void refill();
  void count_dropped(std::size_t messages, std::size_t bytes);
  void expect(const delivery_ptr& notify);
  [[nodiscard]] backlog& waiting_messages();
  void drop_empty_backlog() noexcept;
  void log_consumed(std::size_t count) noexcept;
  void resolve(delivery_ptr& notify, delivery_outcome outcome) noexcept;
  [[nodiscard]] write_chain& on_chain() {
    if (!chain_)
      chain_ = pool_->take_chain();
    return *chain_;
  }
  void to_chain(opcode code, std::string_view payload);
  [[nodiscard]] delivery_log& deliveries();

  buffer_pool* pool_;
  frame_writer writer_;
  send_limits limits_;
  // Null or empty without bytes; bounded by chain_limit() plus one message plus control frames.
  std::unique_ptr<write_chain> chain_;
  std::size_t accounted_ = 0; // bytes that the budget counts
  // Bytes of the write chain up to which a message is `sent` without another look; 0: each needs one.
  std::size_t usual_limit_ = 0;
  std::unique_ptr<backlog> backlog_;         // null if empty
  std::unique_ptr<delivery_log> log_;        // null until first needed
  std::unique_ptr<frame_deflater> deflater_; // null without context takeover
  std::shared_ptr<send_quota> quota_;        // null until other threads send
  bool owes_drain_ = false;
};

} // namespace harpia::inline v0::websocket
