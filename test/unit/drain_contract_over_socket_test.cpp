// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// The drain contract as a property of a stream over a real socket whose buffer is tiny: random sends, granted sends, partial reads of
// the peer, messages from the peer, pauses and closes; and after every turn of the loop everything that was promised.
#include "websocket/session_context.hpp"
#include "websocket/stream.hpp"

#include "support/event_functions.hpp"
#include "support/event_log.hpp"
#include "support/on_loop.hpp"
#include "support/opening.hpp"
#include "support/raw_client.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <deque>
#include <fcntl.h>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

namespace net = harpia::net;
namespace test = harpia::test;
namespace websocket = harpia::websocket;
using harpia::close_code;
using harpia::delivery_outcome;
using harpia::on_limit;
using harpia::ready_state;
using harpia::send_status;

namespace {

// Below and above what the wire takes at most.
constexpr std::array<harpia::send_limits, 2> marks{{
    {.high_watermark = 4 << 10, .low_watermark = 1 << 10, .max_buffered = 24 << 10},
    {.high_watermark = 80 << 10, .low_watermark = 20 << 10, .max_buffered = 200 << 10},
}};

constexpr std::size_t largest = (40 << 10) + 4; // a frame; 300 control frames are less
constexpr std::size_t control_bytes = 4 << 10;

struct sent_message {
  std::string key = {};
  bool accepted = false;
  std::size_t place = 0; // in the order of acceptance by the stream, from 1
  bool received = false;
  websocket::delivery_ptr notify = {};
  int outcomes = 0;
  delivery_outcome outcome{};
};

/// A stream on a loop of its own, the peer in the test's hands, and a model of what the stream has been given. The stream and the model are
/// touched on the loop only, or while it has nothing to do.
class world final : harpia::test::event_functions {
  template <class Function>
  auto on_loop(Function work) {
    return test::result_on(loop_, std::move(work));
  }

public:
  world(const harpia::send_limits& limits, std::uint32_t seed) : limits_{limits}, random_{seed} {
    std::array<int, 2> both{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) == 0);
    net::unique_fd ours{both[0]};
    peer_.emplace(test::raw_client::over(net::unique_fd{both[1]}));
    BOOST_REQUIRE(::fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0);
    const int tiny = 4096;
    ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDBUF, &tiny, sizeof tiny);
    stream_ = std::make_unique<websocket::stream>(
        loop_, shared_, net::channel{std::move(ours), {}}, static_cast<websocket::event_listener&>(*this),
        harpia::route_options{.high_watermark = limits.high_watermark,
                              .low_watermark = limits.low_watermark,
                              .max_buffered = limits.max_buffered,
                              .on_limit = limits.on_limit});
    quota_ = stream_->open_to_remote_senders();
    stream_->accept(test::opening_request(), {});
    runner_ = std::thread{[this] { loop_.run(); }};
    BOOST_REQUIRE(peer_->read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  }

  ~world() {
    loop_.stop();
    runner_.join();
  }

  [[nodiscard]] bool is_open() {
    return on_loop([this] { return stream_ && stream_->state() == ready_state::open; });
  }

  void step() {
    const auto choice = pick(0, 99);
    if (choice < 40)
      on_loop([this] { send_some(); });
    else if (choice < 50)
      on_loop([this] { admit(); });
    else if (choice < 58)
      on_loop([this] { arrive(); });
    else if (choice < 62)
      on_loop([this] { pause_or_resume(); });
    else if (choice < 70)
      write_to_link();
    else
      read_from_link(pick(1, pick(0, 9) == 0 ? 100 << 10 : 8000));
    check();
  }

  /// Closes, reads everything, and compares what came with what was accepted.
  void finish() {
    on_loop([this] {
      while (!mail_.empty())
        arrive();
      stream_->close(close_code::normal, {});
    });
    while (!closed_frame_)
      read_from_link(64 << 10);
    peer_->send_close(1000);
    log_.wait_for("closed");
    on_loop([] {});
    BOOST_TEST(violations() == std::vector<std::string>{}, boost::test_tools::per_element());
    check_messages();
  }

private:
  /// What was accepted and not taken by the kernel, wherever it waits.
  [[nodiscard]] std::size_t total() const { return stream_->buffered() + quota_->in_flight(); }

  std::size_t pick(std::size_t least, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{least, most}(random_);
  }

  void expect(bool kept, std::string_view promise) {
    if (!kept)
      log_.add("broken: " + std::string{promise});
  }
  std::vector<std::string> violations() const {
    auto all = log_.lines();
    std::erase_if(all, [](const auto& line) { return !line.starts_with("broken"); });
    return all;
  }

  std::string payload() {
    constexpr std::array<std::size_t, 4> most{40, 600, 6000, 40 << 10};
    const auto kind = pick(0, 99);
    const auto size = pick(8, most[kind < 50 ? 0 : kind < 80 ? 1 : kind < 98 ? 2 : 3]);
    auto text = std::to_string(messages_.size());
    text.resize(std::max(text.size(), size), ' ');
    return text;
  }

  // 1: what a send is answered.

  void send_some() {
    for (auto count = pick(1, 6); count > 0; --count)
      send();
  }

  void send() {
    const auto text = payload();
    auto& message = messages_.emplace_back();
    if (limits_.on_limit == on_limit::conflate && pick(0, 2) > 0)
      message.key = std::string(1, static_cast<char>('a' + static_cast<char>(pick(0, 5))));
    if (pick(0, 4) == 0)
      message.notify = std::make_shared<websocket::delivery_state>();
    const auto frame = websocket::make_frame(harpia::message_view{text});
    const auto before = total();
    const bool was_open = stream_->state() == ready_state::open;
    const auto status =
        pick(0, 1) == 0 ? stream_->send(harpia::message_view{text}, {.key = message.key, .notify = message.notify})
                        : stream_->send(frame, {.key = message.key, .notify = message.notify});
    answered(message, status, frame->bytes().size(), before);
    expect((status == send_status::closed) == !was_open, "closed is answered exactly when the stream is not open");
    if (status == send_status::sent || status == send_status::buffered) {
      message.place = placed_++;
      expect((status == send_status::buffered) == (total() > limits_.high_watermark),
             "buffered is answered exactly above the high watermark");
    }
    if (status == send_status::closed)
      messages_.pop_back();
  }

  void admit() {
    const auto text = payload();
    auto frame = websocket::make_frame(harpia::message_view{text});
    const auto before = total();
    auto& message = messages_.emplace_back();
    const auto status = quota_->request(frame->bytes().size());
    answered(message, status, frame->bytes().size(), before);
    if (status == send_status::dropped) {
      if (quota_->claim_notice())
        stream_->on_remote_sender_refused();
    } else if (status == send_status::closed) {
      messages_.pop_back();
    } else {
      expect((status == send_status::buffered) == (before + frame->bytes().size() > limits_.high_watermark),
             "buffered is answered to others exactly above the high watermark");
      mail_.push_back({messages_.size() - 1, std::move(frame)});
    }
  }

  void answered(sent_message& message, send_status status, std::size_t size, std::size_t before) {
    message.accepted = status == send_status::sent || status == send_status::buffered;
    if (status == send_status::buffered)
      owed_ = true;
    if (status != send_status::dropped)
      return;
    ++refused_;
    refused_bytes_ += size;
    expect(before > 0, "an empty stream refuses nothing");
    expect(before + size > limits_.max_buffered, "nothing is refused that there is room for");
  }

  void arrive() {
    if (mail_.empty())
      return;
    auto [number, frame] = std::move(mail_.front());
    mail_.pop_front();
    quota_->settle(frame->bytes().size());
    auto& message = messages_[number];
    const auto status = stream_->send(frame, {.granted = websocket::granted::yes});
    if (status == send_status::closed) { // it came too late, as was never promised otherwise
      message.accepted = false;
      return;
    }
    expect(status != send_status::dropped, "what was granted is not refused when it arrives");
    message.place = placed_++;
    owed_ = owed_ || status == send_status::buffered;
  }

  // 2: drains.

  void on_drain() override {
    expect(std::exchange(owed_, false), "a drain is owed");
    expect(total() <= limits_.low_watermark, "a drain comes at the low watermark");
    expect(stream_->state() == ready_state::open, "a drain comes only while the stream is open");
  }

  // Between the turns. What the kernel has room for by now may not be written yet, but then nothing was told of it either.
  void check() {
    on_loop([this] {
      if (!stream_)
        return;
      if (stream_->state() == ready_state::open)
        expect(!owed_ || total() > limits_.low_watermark, "an owed drain is not late");
      // 3: memory; one message more from each side. Under `drop_oldest` what is on its way is bounded by itself, and under `conflate`
      // one message more is on the wire.
      const auto twice = limits_.on_limit == on_limit::drop_oldest ? limits_.max_buffered : 0;
      const auto wire = limits_.on_limit == on_limit::conflate ? largest : 0;
      expect(total() <= limits_.max_buffered + twice + wire + 2 * largest + control_bytes, "memory is bounded");
    });
    BOOST_REQUIRE(violations() == std::vector<std::string>{});
  }

  // 4: what comes, in which order.

  void read_from_link(std::size_t most) {
    std::string bytes(most, '\0');
    // Blocking only at the end, when the loop has something left for sure.
    const auto size = ::recv(peer_->fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size <= 0) {
      on_loop([] {});
      return;
    }
    incoming_.append(bytes, 0, static_cast<std::size_t>(size));
    while (const auto frame = test::take_frame(incoming_)) {
      if (frame->opcode == test::opcode::text)
        receive(frame->payload);
      closed_frame_ = closed_frame_ || frame->opcode == test::opcode::close;
    }
  }

  void receive(const std::string& text) {
    const auto number = std::stoul(text);
    on_loop([&] {
      auto& message = messages_.at(number);
      expect(message.accepted, "nothing comes that was refused");
      expect(!message.received, "nothing comes twice");
      message.received = true;
      auto& last = last_place_[message.key];
      expect(message.place > last, "messages keep their order");
      last = message.place;
    });
  }

  void on_dropped(std::size_t count, std::size_t bytes) override {
    dropped_ += count;
    dropped_bytes_ += bytes;
  }

  void on_outcome(const websocket::delivery_ptr& notify, delivery_outcome outcome) override {
    const auto whose = std::ranges::find(messages_, notify, &sent_message::notify);
    if (whose == messages_.end()) // of a message that was answered `closed`
      return;
    ++whose->outcomes;
    whose->outcome = outcome;
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
        if (message.accepted && message.outcome != delivery_outcome::closed)
          BOOST_TEST((message.outcome == delivery_outcome::taken) == message.received);
      }
    }
    BOOST_TEST(dropped_bytes_ >= refused_bytes_);
    if (limits_.on_limit == on_limit::conflate) {
      BOOST_REQUIRE(dropped_ >= refused_);
      auto evicted = dropped_ - refused_;
      for (const auto& [key, number] : newest)
        if (!messages_[number].received)
          BOOST_REQUIRE_MESSAGE(evicted-- > 0, "the newest message of key " << key << " is missing");
    } else {
      BOOST_TEST(dropped_ == refused_ + missing, "a message was lost without being counted");
      if (limits_.on_limit == on_limit::drop_newest)
        BOOST_TEST(missing == 0u);
    }
  }

  // 5: the inbound side.

  void pause_or_resume() {
    if (stream_->paused())
      stream_->resume();
    else
      stream_->pause();
    wants_pause_ = !wants_pause_;
  }

  // Without blocking, so that a stream that does not read stops the peer.
  void write_to_link() {
    for (auto count = pick(1, 20); count > 0; --count) {
      if (unsent_.empty())
        unsent_ = test::encode_frame({.payload = std::to_string(next_to_link_++) + std::string(pick(0, 3000), ' ')});
      const auto size = ::send(peer_->fd(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (size < 0)
        return;
      unsent_.erase(0, static_cast<std::size_t>(size));
    }
  }

  void on_message(harpia::message_view message) override {
    expect(!wants_pause_ || stream_->state() != ready_state::open, "no message comes while the stream is paused");
    expect(std::stoul(std::string{message.text()}) == next_from_peer_++, "no message of the peer is lost or out of order");
  }

  void on_failed(const harpia::error& what) override { log_.add("failed " + what.what()); }
  void on_closed(close_code code, std::string_view) override {
    log_.add("closed " + std::to_string(static_cast<int>(code)));
    loop_.post([this] { stream_.reset(); });
  }

  const harpia::send_limits limits_;
  std::mt19937 random_;
  test::event_log log_;
  websocket::session_context shared_;
  net::event_loop loop_;
  std::optional<test::raw_client> peer_;
  std::unique_ptr<websocket::stream> stream_; // destroyed one turn after it closed
  std::shared_ptr<websocket::send_quota> quota_;
  std::thread runner_;

  std::deque<sent_message> messages_;
  std::deque<std::pair<std::size_t, websocket::shared_frame>> mail_; // granted, and on its way
  std::size_t placed_ = 1;
  std::map<std::string, std::size_t> last_place_; // of the messages that came, by key
  std::string incoming_;                          // what came, less whole frames
  bool closed_frame_ = false;
  bool owed_ = false;
  std::size_t refused_ = 0;
  std::size_t refused_bytes_ = 0;
  std::size_t dropped_ = 0;
  std::size_t dropped_bytes_ = 0;

  bool wants_pause_ = false;
  std::string unsent_; // rest of a frame for the stream
  std::size_t next_to_link_ = 0;
  std::size_t next_from_peer_ = 0;
};

void run(on_limit policy) {
  for (std::uint32_t seed = 1; seed <= 16; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      auto limits = marks[seed % marks.size()];
      limits.on_limit = policy;
      world scenario{limits, seed};
      for (int i = 0; i < 300 && scenario.is_open(); ++i)
        scenario.step();
      scenario.finish();
    }
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(drain_contract_over_socket)

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
