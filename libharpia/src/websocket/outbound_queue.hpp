// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "websocket/buffer_pool.hpp"
#include "websocket/deflated_frame.hpp"
#include "websocket/frame.hpp"
#include "websocket/send_quota.hpp"
#include "websocket/write_chain.hpp"
#include <harpia/delivery.hpp>
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
#include <unordered_map>
#include <utility>
#include <vector>

struct iovec;

namespace harpia::websocket {

using delivery_ptr = std::shared_ptr<delivery::state>;

enum class granted : bool { no, yes };

/// What a sender wants for one message.
struct message_options {
  /// Under `on_limit::conflate`: what the message is about, so that a newer one can take its place. Empty: nothing.
  std::string_view key = {};
  /// Who wants to know what became of it; null: nobody.
  delivery_ptr notify = nullptr;
  /// Whether `send_quota::request` has said yes to it already.
  harpia::websocket::granted granted = harpia::websocket::granted::no;
  /// Whether it may be compressed.
  harpia::compression compression = harpia::compression::enabled;
};

/// What was dropped since it was last asked for.
struct drop_count {
  std::size_t messages = 0;
  std::size_t bytes = 0; // with frame headers
};

/// The bytes that were accepted for one peer and not yet taken by the kernel, in order, with the drain contract: once `report` said
/// `buffered`, `take_drain` says yes, once, as soon as no more than the low watermark waits.
///
/// In two parts. The *write chain* is what will be handed to the kernel next. Once it holds `chain_size` bytes, or those of the high
/// watermark if that is less, messages wait in the *backlog*, each by itself, where the policies can drop and replace them. Control frames
/// go to the end of the write chain, before the backlog, and are never dropped.
///
/// Once the pool's budget is spent, a queue of which the kernel has not taken all is as if its limit was reached.
///
/// Bounded by `send_limits::max_buffered` plus one message plus control frames; under `on_limit::conflate` one message on the write chain
/// and one in the backlog. Knows no socket and no thread.
class outbound_queue {
public:
  /// From here on, at the latest, messages wait in the backlog.
  static constexpr std::size_t chain_size = std::size_t{64} << 10;

  /// @param pool outlives the queue
  outbound_queue(buffer_pool& pool, const send_limits& limits) noexcept : pool_{&pool}, limits_{limits} {}
  ~outbound_queue() { clear(); }
  outbound_queue(outbound_queue&& other) noexcept;
  outbound_queue& operator=(outbound_queue&& other) noexcept;

  /// Encodes a message and takes it, or drops it or others as the policy says. @return `sent` or `dropped`
  send_status push(message_view message, message_options options = {});
  /// Takes an encoded frame in the same way.
  send_status push(const shared_frame& encoded, message_options options = {});
  /// Takes the encoded bytes of a whole message, one frame or several, in the same way.
  send_status push_encoded(std::string encoded, message_options options = {});
  /// From now on messages of `push` that may be compressed are, when they come to the write chain: those that are dropped before must not
  /// be referred to. The policies count them as they were given. `tool` stays with the queue.
  void deflate_with(std::unique_ptr<frame_deflater> tool) noexcept { deflater_ = std::move(tool); }
  [[nodiscard]] bool deflates() const noexcept { return deflater_ != nullptr; }
  /// Takes a control frame of at most `max_control_payload` bytes.
  void push_control(opcode code, std::string_view payload);
  /// Takes control frames, or a handshake, that are encoded already.
  void push_raw(std::string_view bytes);
  /// Takes a close frame that is encoded already: it goes behind every message.
  void push_close(std::string_view bytes);

  /// What to answer for a message that was accepted. After `buffered` a drain is owed.
  /// @return `sent` or `buffered`
  send_status report() noexcept;
  /// Whether an owed drain is due now; the debt is paid then.
  [[nodiscard]] bool take_drain() noexcept;
  /// Whether the app's budget is why it takes no more.
  [[nodiscard]] bool is_budget_spent() const noexcept { return accounted_ > 0 && pool_->budget() && pool_->budget()->is_spent(); }
  /// What was dropped since the last call.
  [[nodiscard]] drop_count take_dropped() noexcept;
  /// The messages with `notify` whose outcome is known since the last call, in the order of its becoming known.
  [[nodiscard]] std::vector<std::pair<delivery_ptr, delivery_outcome>> take_outcomes() noexcept {
    return news_ ? std::exchange(news_->outcomes, {}) : decltype(news_->outcomes){};
  }

  /// Fills `out` with what to write next, oldest first.
  /// @return the part of `out` that was filled; its addresses are valid until the queue is changed
  [[nodiscard]] std::span<iovec> gather(std::span<iovec> out);
  /// Forgets the oldest `count` bytes, which the kernel took. `count` must not exceed what `gather` gave.
  void consume(std::size_t count) noexcept;

  /// Drops the backlog.
  void drop_backlog() noexcept;
  /// Lets the pool's budget know what waits here. To be called once the kernel was offered all of it.
  void account() noexcept {
    if (const auto now = size(); now != accounted_)
      change_account(now);
  }
  /// Forgets everything, an owed drain too. Messages with `notify` get `closed`.
  void clear() noexcept;
  /// Gives messages with `notify` that still wait the outcome `closed`, though they may yet be written.
  void abandon() noexcept;

  void set_limits(const send_limits& limits) noexcept;
  [[nodiscard]] const send_limits& limits() const noexcept { return limits_; }

  /// Lets other threads send: what is on its way from them counts from now on, and they learn what waits here.
  [[nodiscard]] const std::shared_ptr<send_quota>& open_to_remote_senders();
  /// From now on other threads are answered `closed`.
  void close_to_remote_senders() noexcept {
    if (quota_)
      quota_->close();
  }
  /// Whether something is on its way that other threads were granted. Once they are answered `closed`, it becomes less only.
  [[nodiscard]] bool awaits_remote_senders() const noexcept { return quota_ && quota_->in_flight() > 0; }
  /// Tells other threads what waits. To be called after a run of changes.
  void publish_size() noexcept;

  /// Bytes that wait here, and those on their way from other threads.
  [[nodiscard]] std::size_t total() const noexcept { return size() + (quota_ ? quota_->in_flight() : 0); }
  /// Bytes that wait here.
  [[nodiscard]] std::size_t size() const noexcept { return chain_bytes_ + (backlog_ ? backlog_->bytes : 0); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

private:
  struct waiting {
    segment content;
    std::string key;
    delivery_ptr notify;
    bool droppable = true; // all but a close frame
    compression allowed = compression::disabled;
  };
  struct backlog {
    std::deque<waiting> messages; // bounded by bytes
    std::size_t bytes = 0;
    std::unordered_map<std::string_view, waiting*> by_key; // the keys belong to the messages
  };
  // What the sender is to hear of, later.
  struct news {
    // A message with `notify` on the write chain.
    struct pending {
      std::uint64_t end; // of its bytes, counted like `taken`
      delivery_ptr notify;
    };
    std::vector<pending> on_chain;                                   // bounded by the messages on the write chain
    std::uint64_t taken = 0;                                         // bytes since there were news
    std::vector<std::pair<delivery_ptr, delivery_outcome>> outcomes; // until they are taken, once a turn
    drop_count dropped;
  };

  enum class place : std::uint8_t { chain, backlog, nowhere };

  // At least one byte, or an empty write chain would take nothing.
  [[nodiscard]] std::size_t chain_limit() const noexcept {
    return std::clamp<std::size_t>(limits_.high_watermark, 1, chain_size);
  }

  place admit(std::size_t size, const message_options& options);
  [[nodiscard]] waiting* find_older(const message_options& options) const;
  [[nodiscard]] bool fits(std::size_t size) const noexcept {
    return size <= limits_.max_buffered && total() <= limits_.max_buffered - size;
  }
  void change_account(std::size_t now) noexcept;
  send_status refuse(std::size_t size, const message_options& options);
  void to_chain(segment content, delivery_ptr notify);
  [[nodiscard]] segment encoded(segment plain, compression allowed);
  void added(std::size_t size, delivery_ptr notify);
  void to_backlog(segment content, const message_options& options);
  void replace(waiting& old, segment content, const message_options& options);
  void make_room_for_newer(const waiting* older);
  void drop_front();
  void remove_front();
  void refill();
  void count_dropped(std::size_t messages, std::size_t bytes);
  void resolve(delivery_ptr& notify, delivery_outcome outcome);
  [[nodiscard]] std::string& tail(std::size_t size) { return on_chain().tail(size, *pool_); }
  [[nodiscard]] write_chain& on_chain();
  [[nodiscard]] news& tidings();

  buffer_pool* pool_;
  send_limits limits_;
  std::unique_ptr<write_chain> chain_; // while it holds something; bounded by chain_limit() plus one message plus control frames
  std::size_t chain_bytes_ = 0;
  std::size_t accounted_ = 0;                // bytes that the budget knows of
  std::unique_ptr<backlog> backlog_;         // while it holds something
  std::unique_ptr<news> news_;               // once there were any
  std::unique_ptr<frame_deflater> deflater_; // null unless messages refer to others
  std::shared_ptr<send_quota> quota_;        // null until somebody wants to send from elsewhere
  bool owes_drain_ = false;
};

} // namespace harpia::websocket
