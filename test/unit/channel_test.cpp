// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/acceptor.hpp"
#include "net/channel.hpp"
#include "net/event_loop.hpp"
#include "net/tls_context.hpp"
#include "websocket/buffer_pool.hpp"
#include "websocket/session_context.hpp"
#include "websocket/stream.hpp"

#include "support/tls_bridge.hpp"
#include "support/tls_peer.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <linux/tcp.h> // whose tcp_info counts segments, as that of netinet/tcp.h does not
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>
#include <utility>

namespace net = harpia::net;
namespace test = harpia::test;
namespace websocket = harpia::websocket;
using namespace std::chrono_literals;
using net::interest;
using outcome = net::io_result::outcome;

namespace {

/// Both ends of a TCP connection; that of the peer blocks.
struct connected {
  connected() {
    net::acceptor acceptor{{.port = 0, .hostname = "127.0.0.1"}};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(acceptor.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(::connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    pollfd waiting{.fd = acceptor.fd(), .events = POLLIN, .revents = 0};
    BOOST_REQUIRE(::poll(&waiting, 1, 10'000) == 1);
    socket = acceptor.accept().socket;
  }

  /// What comes next, as much as there is; empty at the end.
  std::string read() {
    std::array<char, 4096> part;
    const auto size = ::recv(peer.get(), part.data(), part.size(), 0);
    BOOST_REQUIRE(size >= 0);
    return {part.data(), static_cast<std::size_t>(size)};
  }

  std::string read_to_end() {
    std::string all;
    for (auto part = read(); !part.empty(); part = read())
      all += part;
    return all;
  }

  /// Segments that the peer has received.
  std::uint32_t segments() {
    tcp_info all{};
    socklen_t size = sizeof all;
    BOOST_REQUIRE(::getsockopt(peer.get(), IPPROTO_TCP, TCP_INFO, &all, &size) == 0);
    return all.tcpi_segs_in;
  }

  net::unique_fd peer{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  net::unique_fd socket;
};

std::array<iovec, 2> pieces(std::string& one, std::string& other) {
  return {iovec{one.data(), one.size()}, iovec{other.data(), other.size()}};
}

/// A server's end over TLS: says "hello" once it can, and "bye" when it is asked to.
class tls_end final : private net::io_handler {
public:
  tls_end(net::event_loop& loop, std::unique_ptr<net::byte_stream> stream) : loop_{&loop}, stream_{std::move(stream)} {
    stream_->watch(loop, *this, interest::writable);
  }
  ~tls_end() { stream_->unwatch(*loop_, *this); }
  tls_end(const tls_end&) = delete;
  tls_end& operator=(const tls_end&) = delete;

  void say_bye() {
    std::string bye = "bye";
    const iovec all{bye.data(), bye.size()};
    (void)stream_->write_last({&all, 1});
    stream_->shutdown_write();
  }

private:
  void on_io(interest) override {
    std::string hello = "hello";
    const iovec all{hello.data(), hello.size()};
    if (stream_->write({&all, 1}).what == outcome::done)
      stream_->watch(*loop_, *this, interest::none);
  }

  net::event_loop* loop_;
  std::unique_ptr<net::byte_stream> stream_;
};

/// Runs a loop on a thread of its own.
class running {
public:
  explicit running(net::event_loop& loop) : loop_{&loop}, thread_{[&loop] { loop.run(); }} {}
  ~running() {
    loop_->stop();
    thread_.join();
  }
  running(const running&) = delete;
  running& operator=(const running&) = delete;

private:
  net::event_loop* loop_;
  std::thread thread_;
};

/// The fewest segments of some tries: the kernel keeps nothing back for a thread that does not run for 0.2 s.
template <class Function>
std::uint32_t fewest(Function segments_of_a_try) {
  auto least = segments_of_a_try();
  for (int i = 0; i < 5 && least > 1; ++i)
    least = std::min(least, segments_of_a_try());
  return least;
}

} // namespace

BOOST_AUTO_TEST_SUITE(channel)

BOOST_AUTO_TEST_CASE(what_is_written_arrives) {
  connected tcp;
  net::channel end{std::move(tcp.socket)};
  std::string first = "one ";
  std::string second = "two";
  const auto result = end.write(pieces(first, second));
  BOOST_TEST((result.what == outcome::done));
  BOOST_TEST(result.size == 7u);
  end.shutdown_write();
  BOOST_TEST(tcp.read_to_end() == "one two");
}

// That the end travels with what is last is seen in the number of segments.

BOOST_AUTO_TEST_CASE(what_is_written_last_leaves_with_the_end) {
  const auto segments = fewest([] {
    connected tcp;
    const auto before = tcp.segments();
    net::channel end{std::move(tcp.socket)};
    std::string first = "good";
    std::string second = "bye";
    const auto result = end.write_last(pieces(first, second));
    end.shutdown_write();
    BOOST_TEST((result.what == outcome::done));
    BOOST_TEST(result.size == 7u);
    BOOST_TEST(tcp.read_to_end() == "goodbye");
    return tcp.segments() - before;
  });
  BOOST_TEST(segments == 1u);
}

BOOST_AUTO_TEST_CASE(a_socket_that_lingers_sends_its_last_words_with_the_end) {
  const auto segments = fewest([] {
    connected tcp;
    const auto before = tcp.segments();
    harpia::websocket::session_context shared;
    net::event_loop loop;
    harpia::websocket::stream::answer(loop, shared, net::channel{std::move(tcp.socket)}, "goodbye", {});
    BOOST_TEST(tcp.read_to_end() == "goodbye");
    return tcp.segments() - before;
  });
  BOOST_TEST(segments == 1u);
}

BOOST_AUTO_TEST_CASE(over_tls_the_last_words_leave_with_both_ends) {
  const net::tls_server context{{.cert = test::certificate("server.pem"), .key = test::certificate("server.key")}};
  const auto segments = fewest([&] {
    connected tcp;
    net::event_loop loop;
    tls_end end{loop, context.accept(std::move(tcp.socket))};
    const running serving{loop};

    test::tls_peer peer;
    std::string heard = peer.receive({}); // it begins
    while (heard != "hello") {
      const auto records = peer.take_records();
      BOOST_REQUIRE(::send(tcp.peer.get(), records.data(), records.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(records.size()));
      heard += peer.receive(tcp.read());
    }
    const auto before = tcp.segments(); // "hello" has acknowledged all that was sent
    loop.post([&] { end.say_bye(); });
    BOOST_TEST(peer.receive(tcp.read_to_end()) == "bye");
    BOOST_TEST(peer.has_heard_the_end());
    return tcp.segments() - before;
  });
  BOOST_TEST(segments == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
