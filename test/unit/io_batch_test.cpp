// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "net/io_batch.hpp"

#include "support/bytes.hpp"

#include "net/unique_fd.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace net = harpia::net;
namespace test = harpia::test;
using outcome = net::io_result::outcome;
using batch_of_io = net::io_batch;

namespace {

using namespace std::string_literals;

/// Two ends of a connection.
struct pair {
  pair() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
    near.reset(ends[0]);
    far.reset(ends[1]);
  }

  void send(std::string_view bytes) const {
    BOOST_REQUIRE(::send(far.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] std::string received() const {
    std::string bytes(100'000, '\0');
    const auto size = ::recv(far.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }

  net::unique_fd near;
  net::unique_fd far;
};

void add_write(batch_of_io& batch, const pair& to, const std::vector<std::string>& pieces) {
  const auto room = batch.pieces();
  for (std::size_t i = 0; i < pieces.size(); ++i)
    room[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
  batch.write(to.near.get(), pieces.size());
}

std::string_view text_of(std::span<const std::byte> bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

/// The system need not have it; then there is nothing to promise.
struct batching {
  std::unique_ptr<batch_of_io> batch = batch_of_io::make();

  [[nodiscard]] bool missing() const {
    if (!batch)
      BOOST_TEST_MESSAGE("no io_uring here");
    return !batch;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(io_batch, batching)

BOOST_AUTO_TEST_CASE(a_full_batch_of_writes_reaches_every_socket_in_order) {
  if (missing())
    return;
  const std::vector<pair> pairs(batch_of_io::capacity);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::vector<std::string>> pieces;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      pieces.push_back(i % 2 == 0 ? std::vector{"one "s + std::to_string(i)} : std::vector{"two "s, std::to_string(i)});
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      BOOST_TEST(!batch->full());
      add_write(*batch, pairs[i], pieces[i]);
    }
    BOOST_TEST(batch->full());
    const auto results = batch->run();
    BOOST_TEST(batch->empty());
    BOOST_REQUIRE(results.size() == pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto expected = (i % 2 == 0 ? "one " : "two ") + std::to_string(i);
      BOOST_TEST((results[i].what == outcome::done));
      BOOST_TEST(results[i].size == expected.size());
      BOOST_TEST(pairs[i].received() == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(each_read_says_what_it_came_to) {
  if (missing())
    return;
  pair with_bytes;
  pair silent;
  pair ended;
  pair more_than_asked;
  with_bytes.send("hello");
  ended.far.reset();
  more_than_asked.send("0123456789");
  std::array<std::array<std::byte, 8>, 4> targets{};
  batch->read(with_bytes.near.get(), targets[0]);
  batch->read(silent.near.get(), targets[1]);
  batch->read(ended.near.get(), targets[2]);
  batch->read(more_than_asked.near.get(), targets[3]);
  const auto results = batch->run();
  BOOST_REQUIRE(results.size() == 4u);
  BOOST_TEST((results[0].what == outcome::done));
  BOOST_TEST(text_of(targets[0], results[0].size) == "hello");
  BOOST_TEST((results[1].what == outcome::would_block));
  BOOST_TEST((results[2].what == outcome::end));
  BOOST_TEST((results[3].what == outcome::done));
  BOOST_TEST(text_of(targets[3], results[3].size) == "01234567");
}

BOOST_AUTO_TEST_CASE(a_socket_without_room_blocks_nobody) {
  if (missing())
    return;
  const pair stuck;
  const pair good;
  const std::vector<std::string> much{std::string(1 << 22, 'x')};
  const std::vector<std::string> little{"hello"};
  add_write(*batch, stuck, much);
  const auto part = batch->run();
  BOOST_TEST((part[0].what == outcome::done));
  BOOST_TEST(part[0].size < much.front().size());
  add_write(*batch, stuck, much);
  add_write(*batch, good, little);
  const auto results = batch->run();
  BOOST_REQUIRE(results.size() == 2u);
  BOOST_TEST((results[0].what == outcome::would_block));
  BOOST_TEST((results[1].what == outcome::done));
  BOOST_TEST(good.received() == "hello");
}

BOOST_AUTO_TEST_CASE(a_broken_socket_fails_by_itself) {
  if (missing())
    return;
  pair broken;
  const pair good;
  broken.far.reset();
  const std::vector<std::string> hello{"hello"};
  add_write(*batch, broken, hello);
  add_write(*batch, good, hello);
  const auto results = batch->run();
  BOOST_REQUIRE(results.size() == 2u);
  BOOST_TEST((results[0].what == outcome::failed));
  BOOST_TEST(results[0].error->value() == EPIPE);
  BOOST_TEST((results[1].what == outcome::done));
  BOOST_TEST(good.received() == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
