// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/transport/acceptor.hpp>
#include <harpia/transport/channel.hpp>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <linux/tcp.h> // whose tcp_info counts segments, as that of netinet/tcp.h does not
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>

namespace transport = harpia::transport;
using outcome = transport::io_result::outcome;

namespace {

/// A channel over TCP, and the socket at its other end, which blocks.
struct connected {
  connected() {
    transport::acceptor acceptor{{.port = 0, .hostname = "127.0.0.1"}};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(acceptor.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(::connect(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    pollfd waiting{.fd = acceptor.fd(), .events = POLLIN, .revents = 0};
    BOOST_REQUIRE(::poll(&waiting, 1, 10'000) == 1);
    end = transport::channel{acceptor.accept().socket};
  }

  std::string read_to_end() {
    std::string all;
    std::array<char, 1024> part;
    for (ssize_t size = 1; size > 0;) {
      size = ::recv(peer.get(), part.data(), part.size(), 0);
      BOOST_REQUIRE(size >= 0);
      all.append(part.data(), static_cast<std::size_t>(size));
    }
    return all;
  }

  /// Segments that the peer has received.
  std::uint32_t segments() {
    tcp_info all{};
    socklen_t size = sizeof all;
    BOOST_REQUIRE(::getsockopt(peer.get(), IPPROTO_TCP, TCP_INFO, &all, &size) == 0);
    return all.tcpi_segs_in;
  }

  transport::unique_fd peer{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  transport::channel end{nullptr};
};

std::array<iovec, 2> pieces(std::string& one, std::string& other) {
  return {iovec{one.data(), one.size()}, iovec{other.data(), other.size()}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(channel)

BOOST_AUTO_TEST_CASE(what_is_written_arrives) {
  connected tcp;
  std::string first = "one ";
  std::string second = "two";
  const auto result = tcp.end.write(pieces(first, second));
  BOOST_TEST((result.what == outcome::done));
  BOOST_TEST(result.size == 7u);
  tcp.end.shutdown_write();
  BOOST_TEST(tcp.read_to_end() == "one two");
}

BOOST_AUTO_TEST_CASE(what_is_written_last_leaves_with_the_end) {
  connected tcp;
  const auto before = tcp.segments();
  std::string first = "good";
  std::string second = "bye";
  const auto result = tcp.end.write_last(pieces(first, second));
  BOOST_TEST((result.what == outcome::done));
  BOOST_TEST(result.size == 7u);
  tcp.end.shutdown_write();
  BOOST_TEST(tcp.read_to_end() == "goodbye");
  BOOST_TEST(tcp.segments() == before + 1);
}

BOOST_AUTO_TEST_CASE(a_last_write_that_is_taken_in_parts_arrives_whole) {
  connected tcp;
  std::string first(8 << 20, 'x');
  std::string second = "end";
  auto rest = pieces(first, second);
  std::string heard;
  while (rest[0].iov_len + rest[1].iov_len > 0) {
    const auto [what, size, failure] = tcp.end.write_last(rest);
    BOOST_REQUIRE((what == outcome::done || what == outcome::would_block));
    auto taken = size;
    for (auto& piece : rest) {
      const auto part = std::min(taken, piece.iov_len);
      piece = {static_cast<char*>(piece.iov_base) + part, piece.iov_len - part};
      taken -= part;
    }
    std::string part(1 << 20, '\0');
    if (what == outcome::would_block) { // then it may take no other push than the peer's reading
      const auto read = ::recv(tcp.peer.get(), part.data(), part.size(), 0);
      BOOST_REQUIRE(read > 0);
      heard.append(part, 0, static_cast<std::size_t>(read));
    }
  }
  tcp.end.shutdown_write();
  BOOST_TEST((heard + tcp.read_to_end() == first + second));
}

BOOST_AUTO_TEST_SUITE_END()
