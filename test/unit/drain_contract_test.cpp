// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// The drain contract as a property: random sends, shared frames, keyed and promised messages, messages from other threads, control
// frames and partial writes on one queue, and after every step everything that was promised.
#include "websocket/outbound_queue.hpp"
#include "websocket/send_quota.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <sys/uio.h>
#include <utility>
#include <vector>

namespace websocket = harpia::websocket;
using harpia::delivery_outcome;
using harpia::on_limit;
using harpia::send_status;

BOOST_AUTO_TEST_SUITE(drain_contract)

namespace {

// Above what the wire takes at most, and far below.
constexpr std::array<harpia::send_limits, 2> marks{{
    {.high_watermark = 96 << 10, .low_watermark = 24 << 10, .max_buffered = 256 << 10},
    {.high_watermark = 4 << 10, .low_watermark = 1 << 10, .max_buffered = 12 << 10},
}};

constexpr std::size_t control_frame = 2 + 4;

// What the test knows of a message, found again by the number at the beginning of its payload.
struct sent_message {
  std::string key;
  bool accepted = false;
  std::size_t place = 0; // in the order of the queue, from 1
  bool received = false;
  websocket::delivery_ptr notify;
  int outcomes = 0;
  delivery_outcome outcome{};
};

class world {
public:
  world(const harpia::send_limits& limits, std::uint32_t seed) : policy_{limits.on_limit}, random_{seed}, queue_{pool_, limits} {
    quota_ = queue_.open_to_remote_senders();
  }

  void step() {
    const auto choice = pick(0, 99);
    if (choice < 40)
      send();
    else if (choice < 55)
      send_from_elsewhere();
    else if (choice < 65)
      arrive();
    else if (choice < 70)
      control();
    else
      write();
    check();
  }

  void finish() {
    while (!mail_.empty())
      arrive();
    while (queue_.size() > 0)
      take(queue_.size());
    check();
    BOOST_TEST(!owed_, "a drain was lost");
    check_messages();
  }

private:
  std::size_t pick(std::size_t least, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{least, most}(random_);
  }

  // Mostly small, sometimes larger than what is copied, than the high watermark, than everything.
  std::string payload() {
    constexpr std::array<std::size_t, 5> most{40, 600, 9000, 120 << 10, 300 << 10};
    const auto kind = pick(0, 99);
    const auto size = pick(8, most[kind < 60 ? 0 : kind < 85 ? 1 : kind < 97 ? 2 : kind < 99 ? 3 : 4]);
    auto text = std::to_string(messages_.size());
    text.resize(std::max(text.size(), size), ' ');
    return text;
  }

  websocket::message_options options_for(sent_message& message) {
    if (pick(0, 3) == 0)
      message.key = std::string(1, static_cast<char>('a' + static_cast<char>(pick(0, 5))));
    if (pick(0, 4) == 0)
      message.notify = std::make_shared<websocket::delivery_state>();
    return {.key = message.key, .notify = message.notify};
  }

  void send() {
    const auto text = payload();
    auto& message = messages_.emplace_back();
    const auto options = options_for(message);
    const auto frame = websocket::make_frame(harpia::message_view{text});
    const auto before = queue_.total();
    auto status = pick(0, 1) == 0 ? queue_.push(harpia::message_view{text}, options) : queue_.push(frame, options);
    message.accepted = status == send_status::sent;
    if (!message.accepted) {
      BOOST_REQUIRE(status == send_status::dropped);
      ++refused_;
      BOOST_TEST(before > 0, "an empty queue refused a message");
      BOOST_TEST(before + frame->bytes().size() > limits().max_buffered, "a message was refused that there was room for");
      return;
    }
    message.place = placed_++;
    status = queue_.report();
    BOOST_TEST((status == send_status::buffered) == (queue_.total() > limits().high_watermark));
    owed_ = owed_ || status == send_status::buffered;
    queue_.publish_size();
  }

  void send_from_elsewhere() {
    const auto text = payload();
    auto frame = websocket::make_frame(harpia::message_view{text});
    const auto before = queue_.total();
    const auto status = quota_->request(frame->bytes().size());
    auto& message = messages_.emplace_back();
    message.accepted = status != send_status::dropped;
    if (!message.accepted) {
      ++refused_;
      BOOST_TEST(before > 0);
      BOOST_TEST(before + frame->bytes().size() > limits().max_buffered);
      (void)quota_->claim_notice();
      return;
    }
    BOOST_TEST((status == send_status::buffered) == (before + frame->bytes().size() > limits().high_watermark));
    owed_ = owed_ || status == send_status::buffered;
    mail_.push_back({messages_.size() - 1, std::move(frame)});
  }

  void arrive() {
    if (mail_.empty())
      return;
    const auto& [number, frame] = mail_.front();
    messages_[number].place = placed_++;
    quota_->settle(frame->bytes().size());
    BOOST_TEST((queue_.push(frame, {.granted = websocket::granted::yes}) == send_status::sent));
    owed_ = queue_.report() == send_status::buffered || owed_;
    mail_.pop_front();
    queue_.publish_size();
  }

  void control() {
    queue_.push_control(websocket::opcode::ping, "ping");
    control_bytes_ += control_frame;
    queue_.publish_size();
  }

  void write() { take(pick(1, pick(0, 3) == 0 ? 400 << 10 : 3000)); }

  // The kernel takes up to `most` bytes.
  void take(std::size_t most) {
    std::array<iovec, 64> pieces;
    std::size_t taken = 0;
    for (const auto& piece : queue_.gather(pieces)) {
      const auto size = std::min(piece.iov_len, most - taken);
      stream_.append(static_cast<const char*>(piece.iov_base), size);
      taken += size;
    }
    queue_.consume(taken);
    queue_.publish_size();
    parse();
  }

  // Reads whole frames off what the peer has got.
  void parse() {
    for (;;) {
      if (stream_.size() < 2)
        return;
      const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(stream_[at])); };
      std::size_t header = 2;
      auto size = byte(1);
      if (size >= 126) {
        const std::size_t length = size == 126 ? 2 : 8;
        header += length;
        if (stream_.size() < header)
          return;
        size = 0;
        for (std::size_t i = 0; i < length; ++i)
          size = size << 8 | byte(2 + i);
      }
      if (stream_.size() < header + size)
        return;
      if ((byte(0) & 0x0F) != static_cast<std::size_t>(websocket::opcode::ping))
        receive(stream_.substr(header, size));
      else
        control_bytes_ -= control_frame;
      stream_.erase(0, header + size);
    }
  }

  void receive(const std::string& text) {
    const auto number = std::stoul(text);
    BOOST_REQUIRE(number < messages_.size());
    auto& message = messages_[number];
    BOOST_TEST(message.accepted, "a message came that was refused");
    BOOST_TEST(!message.received, "a message came twice");
    message.received = true;
    just_received_.push_back(number);
    // 4: order. Conflated messages overtake others by taking an older one's place, but never one of their own key.
    auto& last = last_place_[policy_ == on_limit::conflate ? message.key : ""];
    BOOST_TEST(message.place > last, "messages changed their order");
    last = message.place;
  }

  void check() {
    // 2: a drain exactly when one is owed and the low watermark is reached.
    const bool due = owed_ && queue_.total() <= limits().low_watermark;
    BOOST_TEST(queue_.take_drain() == due);
    owed_ = owed_ && !due;
    // 3: memory is bounded by the limit and one message from each side; what makes room only when it arrives is bounded by itself.
    const std::size_t largest = (300 << 10) + 10;
    BOOST_TEST(queue_.size() <= limits().max_buffered + 2 * largest + control_bytes_);
    const auto on_its_way = policy_ == on_limit::drop_oldest ? limits().max_buffered : 0;
    BOOST_TEST(queue_.total() <= limits().max_buffered + on_its_way + 2 * largest + control_bytes_);
    if (policy_ == on_limit::drop_newest || policy_ == on_limit::close)
      BOOST_TEST(queue_.total() <= std::max(limits().max_buffered, largest) + largest + control_bytes_);
    const auto dropped = queue_.take_dropped();
    dropped_ += dropped.messages;
    for (const auto& [notify, outcome] : queue_.take_outcomes()) {
      const auto whose =
          std::find_if(messages_.begin(), messages_.end(), [&told = notify](const auto& each) { return each.notify == told; });
      BOOST_REQUIRE(whose != messages_.end());
      ++whose->outcomes;
      whose->outcome = outcome;
    }
    for (const auto number : std::exchange(just_received_, {}))
      BOOST_TEST((!messages_[number].notify || messages_[number].outcomes == 1), "the outcome of a message came late");
  }

  void check_messages() {
    std::size_t missing = 0;
    std::map<std::string, std::size_t> newest;
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      const auto& message = messages_[i];
      if (message.accepted && !message.received)
        ++missing;
      if (message.accepted && !message.key.empty())
        newest[message.key] = i;
      if (message.notify) {
        BOOST_TEST(message.outcomes == (message.accepted ? 1 : 0));
        if (message.accepted)
          BOOST_TEST((message.outcome == delivery_outcome::taken) == message.received);
      }
    }
    if (policy_ == on_limit::conflate) {
      // What is missing has made room for a newer message with its key, or of another that outgrew the limit, which is counted.
      BOOST_REQUIRE(dropped_ >= refused_);
      auto evicted = dropped_ - refused_;
      for (const auto& [key, number] : newest)
        if (!messages_[number].received)
          BOOST_REQUIRE_MESSAGE(evicted-- > 0, "the newest message of key " << key << " is missing");
    } else {
      BOOST_TEST(dropped_ == refused_ + missing, "a message was lost without being counted");
      if (policy_ != on_limit::drop_oldest)
        BOOST_TEST(missing == 0U);
    }
  }

  [[nodiscard]] const harpia::send_limits& limits() const { return queue_.limits(); }

  on_limit policy_;
  std::mt19937 random_;
  websocket::buffer_pool pool_;
  websocket::outbound_queue queue_;
  std::shared_ptr<websocket::send_quota> quota_;
  std::deque<sent_message> messages_;
  std::deque<std::pair<std::size_t, websocket::shared_frame>> mail_; // on its way from other threads
  std::size_t placed_ = 1;                                           // messages that the queue took
  std::map<std::string, std::size_t> last_place_;                    // of the messages that came, by key
  std::vector<std::size_t> just_received_;                           // since the last check
  std::string stream_;                                               // what the kernel took, less whole frames
  std::size_t control_bytes_ = 0;
  std::size_t refused_ = 0;
  std::size_t dropped_ = 0;
  bool owed_ = false;
};

void run(on_limit policy) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      auto limits = marks[seed % marks.size()];
      limits.on_limit = policy;
      world scenario{limits, seed};
      for (int i = 0; i < 500; ++i)
        scenario.step();
      scenario.finish();
    }
  }
}

} // namespace

// 4 × 25,000 steps.
BOOST_AUTO_TEST_CASE(it_holds_when_the_newest_message_is_dropped) {
  run(on_limit::drop_newest);
}
BOOST_AUTO_TEST_CASE(it_holds_when_the_oldest_messages_are_dropped) {
  run(on_limit::drop_oldest);
}
BOOST_AUTO_TEST_CASE(it_holds_when_messages_are_conflated) {
  run(on_limit::conflate);
}
BOOST_AUTO_TEST_CASE(it_holds_when_the_limit_closes) {
  run(on_limit::close);
}

BOOST_AUTO_TEST_SUITE_END()
