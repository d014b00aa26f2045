// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/event_loop.hpp"
#include "net/tls_context.hpp"

#include "support/tls_bridge.hpp"
#include "support/tls_peer.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <system_error>
#include <utility>
#include <vector>

namespace net = harpia::net;
namespace test = harpia::test;
using net::interest;
using outcome = net::io_result::outcome;
using key_update = test::tls_peer::key_update;

namespace {

/// Reads a stream to its end, and writes what it is to say.
class owner final : private net::io_handler {
public:
  owner(net::event_loop& loop, std::unique_ptr<net::byte_stream> stream) : loop_{&loop}, stream_{std::move(stream)} { watch(); }
  ~owner() { stream_->unwatch(*loop_, *this); }
  owner(const owner&) = delete;
  owner& operator=(const owner&) = delete;

  void say(std::string text) {
    to_say_ = std::move(text);
    watch();
  }
  /// Before the loop tells what there is to read.
  void say_now(std::string text) {
    to_say_ = std::move(text);
    write();
  }
  void close() { stream_->shutdown_write(); }

  std::string heard;
  std::optional<harpia::peer_certificate> from; // when that was heard
  bool ended = false;
  std::optional<std::error_code> failure_to_read;
  std::optional<std::error_code> failure_to_write;

private:
  void on_io(interest ready) override {
    if (wants(ready, interest::readable))
      read();
    if (wants(ready, interest::writable))
      write();
    watch();
  }

  void read() {
    const auto target = loop_->read_buffer();
    const auto result = stream_->read(target);
    ended = ended || result.what == outcome::end;
    if (result.what == outcome::failed)
      failure_to_read = result.error;
    if (result.what != outcome::done)
      return;
    heard.append(reinterpret_cast<const char*>(target.data()), result.size);
    from = stream_->peer_certificate();
  }

  void write() {
    const iovec all{to_say_.data(), to_say_.size()};
    const auto result = stream_->write({&all, 1});
    if (result.what == outcome::failed)
      failure_to_write = result.error;
    to_say_.erase(0, result.what == outcome::done ? result.size : result.what == outcome::failed ? to_say_.size() : 0);
  }

  void watch() {
    const bool reads = !ended && !failure_to_read;
    stream_->watch(*loop_, *this,
                   (reads ? interest::readable : interest::none) | (to_say_.empty() ? interest::none : interest::writable));
  }

  net::event_loop* loop_;
  std::unique_ptr<net::byte_stream> stream_;
  std::string to_say_;
};

/// A server's stream and a client, on the thread of the test.
class both_ends final : private net::io_handler {
public:
  explicit both_ends(const test::tls_peer_options& options = {},
                     harpia::client_certificate asked = harpia::client_certificate::ignored)
      : context_{{.cert = test::certificate("server.pem"),
                  .key = test::certificate("server.key"),
                  .ca = asked == harpia::client_certificate::ignored ? "" : test::certificate("ca.pem"),
                  .client_certificate = asked}},
        always_ready_{::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)}, client{options} {
    std::array<int, 2> both{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, both.data()) == 0);
    const int least = 1; // the kernel makes some KiB of it
    for (const int each : both)
      BOOST_REQUIRE(::setsockopt(each, SOL_SOCKET, SO_SNDBUF, &least, sizeof least) == 0);
    socket.reset(both[0]);
    server.emplace(loop_, context_.accept(net::unique_fd{both[1]}));
    loop_.add(always_ready_.get(), *this, interest::readable);
  }
  ~both_ends() { loop_.remove(always_ready_.get()); }
  both_ends(const both_ends&) = delete;
  both_ends& operator=(const both_ends&) = delete;

  /// Makes one step after the other, each as often as it takes until it returns true, once in every turn. To be called once.
  void play(std::initializer_list<std::function<bool()>> steps) {
    steps_ = steps;
    loop_.run();
    BOOST_TEST(done_ == steps_.size());
  }

private:
  net::tls_server context_;
  net::event_loop loop_;
  net::unique_fd always_ready_; // so that the loop never waits

public:
  test::tls_peer client;
  net::unique_fd socket; // the client's
  std::string to_server; // records on their way
  bool is_stuck = false; // they are not taken
  bool is_deaf = false;  // the client's socket is not read
  std::optional<owner> server;

private:
  void on_io(interest) override {
    constexpr int max_turns = 20'000; // far more than any takes
    if (done_ < steps_.size() && steps_[done_]())
      ++done_;
    client.receive({}); // it begins
    move();
    if (done_ == steps_.size() || ++turns_ == max_turns)
      loop_.stop();
  }

  void move() {
    to_server += client.take_records();
    const auto taken = ::send(socket.get(), to_server.data(), to_server.size(), MSG_NOSIGNAL);
    is_stuck = !to_server.empty() && taken < 0 && errno == EAGAIN;
    to_server.erase(0, static_cast<std::size_t>(std::max<ssize_t>(taken, 0)));
    std::array<char, 4096> part;
    const auto size = is_deaf ? 0 : ::recv(socket.get(), part.data(), part.size(), 0);
    if (size > 0)
      client.receive({part.data(), static_cast<std::size_t>(size)});
  }

  std::vector<std::function<bool()>> steps_;
  std::size_t done_ = 0;
  int turns_ = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(tls_stream)

BOOST_AUTO_TEST_CASE(a_peer_that_has_closed_is_told_the_end_as_well) {
  both_ends ends;
  ends.play({
      [&] { return ends.client.say("hi"); },
      [&] { return ends.server->heard == "hi"; },
      [&] { return ends.client.close(), true; },
      [&] { return ends.server->ended; },
      [&] { return ends.server->close(), true; },
      [&] { return ends.client.has_heard_the_end(); },
  });
}

BOOST_AUTO_TEST_CASE(what_a_peer_says_after_this_side_has_closed_is_heard_whatever_it_asks_for) {
  both_ends ends;
  ends.play({
      [&] { return ends.client.say("hi"); },
      [&] { return ends.server->heard == "hi"; },
      [&] { return ends.server->close(), true; },
      [&] { return ends.client.update_keys(key_update::asking), ends.client.say(" again"); },
      [&] { return ends.server->heard == "hi again"; },
      [&] { return ends.client.update_keys(key_update::asking), ends.client.say(" and again"); },
      [&] { return ends.server->heard == "hi again and again" && ends.client.has_heard_the_end(); },
  });
  BOOST_TEST(!ends.server->failure_to_read);
}

BOOST_AUTO_TEST_CASE(it_is_told_who_was_heard_although_the_stream_fails_at_what_follows) {
  both_ends ends{{.cert = test::certificate("client.pem"), .key = test::certificate("client.key")},
                 harpia::client_certificate::required};
  ends.play({
      [&] { return ends.client.say("hi"); },
      [&] { return ends.server->heard == "hi"; },
      [&] {
        const bool said = ends.client.say(" again");
        ends.to_server = ends.client.take_records() + std::string{"\x17\x03\x03\0\1x", 6}; // a record that nobody has encrypted
        return said;
      },
      [&] { return ends.server->failure_to_read.has_value(); },
  });
  BOOST_TEST(ends.server->heard == "hi again");
  BOOST_REQUIRE(ends.server->from);
  BOOST_TEST(ends.server->from->subject == "CN=alice");
}

BOOST_AUTO_TEST_CASE(a_peer_that_asks_for_new_keys_and_does_not_read_is_not_read_either_until_it_does) {
  both_ends ends;
  int asked = 0;
  ends.play({
      [&] { return ends.client.say("hi"); },
      [&] { return ends.server->heard == "hi"; },
      [&] { return ends.is_deaf = true; },
      [&, stuck = 0]() mutable {
        constexpr int at_once = 50;
        for (int i = 0; i < at_once; ++i)
          ends.client.update_keys(key_update::asking);
        asked += at_once;
        stuck = ends.is_stuck ? stuck + 1 : 0;
        return stuck == 3;
      },
      [&] { return ends.is_deaf = false, ends.client.say(" again"); },
      [&] { return ends.server->heard == "hi again"; },
  });
  // Each of its questions is answered with some 30 bytes: 32 KiB of them may wait, and what one read holds comes on top.
  BOOST_TEST(asked < 4000);
}

BOOST_AUTO_TEST_CASE(what_a_peer_said_before_it_went_is_heard_although_a_write_to_it_fails) {
  both_ends ends;
  ends.play({
      [&] { return ends.client.say("hi"); },
      [&] { return ends.server->heard == "hi"; },
      [&] {
        const bool said = ends.client.say("last words");
        const auto records = ends.client.take_records();
        BOOST_TEST(::send(ends.socket.get(), records.data(), records.size(), MSG_NOSIGNAL)
                   == static_cast<ssize_t>(records.size()));
        ends.socket.reset();
        ends.server->say_now("into the void");
        return said;
      },
      [&] { return ends.server->ended; },
  });
  BOOST_TEST((ends.server->failure_to_write == std::errc::broken_pipe));
  BOOST_TEST(ends.server->heard == "hilast words");
  BOOST_TEST(!ends.server->failure_to_read);
}

BOOST_AUTO_TEST_CASE(nothing_can_be_written_where_the_peer_has_not_finished_the_tls_handshake) {
  both_ends ends;
  ends.server->say("hello");
  ends.play({
      [&] { return ::shutdown(ends.socket.get(), SHUT_WR) == 0; },
      [&] { return ends.server->ended && ends.server->failure_to_write; },
  });
  BOOST_TEST((ends.server->failure_to_write == std::errc::broken_pipe));
}

BOOST_AUTO_TEST_SUITE_END()
