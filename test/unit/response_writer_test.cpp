// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "pages/response_writer.hpp"

#include "net/event_loop.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <system_error>
#include <utility>

namespace net = harpia::net;
namespace test = harpia::test;
using harpia::detail::body_framing;
using harpia::detail::body_stream;
using harpia::detail::file_part;
using writer_of_responses = harpia::detail::response_writer;
using result = writer_of_responses::result;

namespace {

using namespace std::chrono_literals;

/// What a client has taken, and how much more its system takes.
struct client_state {
  std::string bytes;
  std::size_t room = std::size_t{1} << 40;
  std::size_t unacknowledged = 0;
  bool has_gone = false;
};

/// A client, and the system between it and the writer.
class client_stream final : public net::byte_stream {
public:
  explicit client_stream(client_state& state) : state_{&state} {}

  net::io_result read(std::span<std::byte>) noexcept override { return {net::io_result::outcome::would_block}; }
  net::io_result write(std::span<const iovec> source) noexcept override {
    if (state_->has_gone)
      return {net::io_result::outcome::failed, 0, std::make_error_code(std::errc::connection_reset)};
    const auto size = std::min(source[0].iov_len, state_->room);
    if (size == 0)
      return {net::io_result::outcome::would_block};
    state_->bytes.append(static_cast<const char*>(source[0].iov_base), size);
    state_->room -= size;
    return {net::io_result::outcome::done, size};
  }
  [[nodiscard]] net::socket_state socket_state() const noexcept override { return {.unsent = state_->unacknowledged}; }
  void shutdown_write() noexcept override {}
  void watch(net::event_loop&, net::io_handler&, net::interest) override {}
  void unwatch(net::event_loop&, net::io_handler&) noexcept override {}

private:
  client_state* state_;
};

struct fixture {
  result write() { return writer.write(channel, now); }
  bool is_stalled() { return writer.is_stalled(channel, 30s, now); }

  file_part part_of_file(std::string_view content, std::uint64_t from, std::uint64_t size) {
    std::ofstream{folder.file("page"), std::ios::binary} << content;
    return {net::unique_fd{::open(folder.file("page").c_str(), O_RDONLY | O_CLOEXEC)}, from, size};
  }
  std::shared_ptr<body_stream> begin_stream(body_framing framing = body_framing::chunks, const harpia::send_limits& limits = {}) {
    auto body = std::make_shared<body_stream>(&loop, limits);
    writer.begin("head.", body, framing, [] {});
    return body;
  }

  test::temporary_folder folder;
  net::event_loop loop;
  client_state client;
  net::channel channel{std::make_unique<client_stream>(client)};
  writer_of_responses::time_point now{1000h};
  writer_of_responses writer;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(response_writer, fixture)

BOOST_AUTO_TEST_CASE(writes_a_response_in_as_many_pieces_as_the_client_takes) {
  client.room = 3;
  writer.begin("a whole response");
  BOOST_TEST((write() == result::blocked));
  BOOST_TEST(client.bytes == "a w");
  client.room = 100;
  BOOST_TEST((write() == result::done));
  BOOST_TEST(client.bytes == "a whole response");
  writer.begin(", and one more");
  BOOST_TEST((write() == result::done));
  BOOST_TEST(client.bytes == "a whole response, and one more");
}

BOOST_AUTO_TEST_CASE(notices_a_client_that_has_gone) {
  client.has_gone = true;
  writer.begin("a whole response");
  BOOST_TEST((write() == result::failed));
  BOOST_TEST(!writer.cut());
}

// Files

BOOST_AUTO_TEST_CASE(writes_the_part_of_a_file_that_was_asked_for) {
  writer.begin("head.", part_of_file("0123456789", 2, 5));
  BOOST_TEST((write() == result::done));
  BOOST_TEST(client.bytes == "head.23456");
  BOOST_TEST((write() == result::done));
}

BOOST_AUTO_TEST_CASE(writes_no_more_than_a_mebibyte_of_a_file_at_a_time) {
  const std::string content(5 << 20, 'x');
  writer.begin("head.", part_of_file(content, 0, content.size()));
  int turns = 1;
  for (; write() == result::blocked; ++turns)
    BOOST_TEST(client.bytes.size() <= static_cast<std::size_t>(turns) * ((1 << 20) + (64 << 10)));
  BOOST_TEST(turns >= 5);
  BOOST_TEST((client.bytes == "head." + content));
}

BOOST_AUTO_TEST_CASE(fails_at_a_file_that_has_become_shorter_than_its_head_says) {
  writer.begin("head.", part_of_file("0123", 0, 5));
  BOOST_TEST((write() == result::failed));
}

// Streams

BOOST_AUTO_TEST_CASE(writes_a_stream_in_chunks_as_they_come_until_its_end) {
  const auto body = begin_stream();
  BOOST_TEST((write() == result::waiting));
  BOOST_TEST(client.bytes == "head.");
  body->write("hello");
  BOOST_TEST((write() == result::waiting));
  body->write("bye");
  body->end();
  BOOST_TEST(writer.is_streaming());
  BOOST_TEST((write() == result::done));
  BOOST_TEST(!writer.is_streaming());
  BOOST_TEST(client.bytes == "head.5\r\nhello\r\n3\r\nbye\r\n0\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(writes_a_stream_as_it_is_where_the_connection_ends_it) {
  const auto body = begin_stream(body_framing::end_of_connection);
  body->write("hello");
  body->end();
  BOOST_TEST((write() == result::done));
  BOOST_TEST(client.bytes == "head.hello");
}

BOOST_AUTO_TEST_CASE(owes_a_drain_once_the_client_has_taken_what_waited) {
  const auto body =
      begin_stream(body_framing::end_of_connection, {.high_watermark = 10, .low_watermark = 5, .max_buffered = 100});
  int drained = 0;
  body->on_drain([&] { ++drained; });
  client.room = 10;
  BOOST_TEST((body->write(std::string(20, 'x')) == harpia::send_status::buffered));
  BOOST_TEST((write() == result::blocked));
  client.room = 100;
  BOOST_REQUIRE((write() == result::drained));
  writer.take_drain()();
  BOOST_TEST((write() == result::waiting));
  BOOST_TEST(drained == 1);
}

BOOST_AUTO_TEST_CASE(gives_others_their_turn_although_a_stream_is_refilled_at_each_drain) {
  const auto body = begin_stream();
  int drained = 0;
  const auto refill = [&] {
    ++drained;
    body->write(std::string(70'000, 'x'));
  };
  body->on_drain(refill);
  refill();
  auto state = write();
  for (; state == result::drained && drained < 100; state = write())
    writer.take_drain()();
  BOOST_TEST((state == result::blocked));
  BOOST_TEST(client.bytes.size() < (1U << 20) + 200'000);
}

BOOST_AUTO_TEST_CASE(tells_the_writer_of_a_stream_that_the_client_has_gone) {
  const auto body = begin_stream();
  bool closed = false;
  body->on_close([&] { closed = true; });
  client.has_gone = true;
  BOOST_TEST((write() == result::failed));
  BOOST_REQUIRE(writer.cut());
  BOOST_TEST(!body->is_open());
  BOOST_TEST(!closed); // it is for the caller to call it
}

// Clients that stall

BOOST_AUTO_TEST_CASE(gives_up_a_client_that_takes_nothing_for_a_time) {
  client.room = 100'000;
  writer.begin(std::string(200'000, 'x'));
  BOOST_TEST((write() == result::blocked));
  client.unacknowledged = 100'000;
  now += 29s;
  BOOST_TEST(!is_stalled());
  now += 1s;
  BOOST_TEST(is_stalled());
}

BOOST_AUTO_TEST_CASE(does_not_give_up_a_slow_client_although_the_system_tells_of_no_room) {
  client.room = 500'000;
  client.unacknowledged = 500'000;
  writer.begin(std::string(1'000'000, 'x'));
  BOOST_TEST((write() == result::blocked));
  for (int i = 0; i < 200; ++i) {
    now += 29s;
    client.unacknowledged -= 1024;
    BOOST_TEST(!is_stalled());
  }
}

BOOST_AUTO_TEST_CASE(gives_up_a_client_that_takes_a_byte_now_and_then) {
  client.room = 100'000;
  client.unacknowledged = 100'000;
  writer.begin(std::string(200'000, 'x'));
  BOOST_TEST((write() == result::blocked));
  for (int i = 0; i < 29; ++i) {
    now += 1s;
    client.unacknowledged -= 10;
    BOOST_TEST(!is_stalled());
  }
  now += 1s;
  BOOST_TEST(is_stalled());
}

BOOST_AUTO_TEST_CASE(gives_a_client_time_anew_when_it_is_behind_again) {
  client.room = 100;
  writer.begin(std::string(1000, 'x'));
  BOOST_TEST((write() == result::blocked));
  now += 29s;
  client.room = 10'000;
  BOOST_TEST((write() == result::done));
  BOOST_TEST(!is_stalled());
  now += 29s;
  client.room = 100;
  writer.begin(std::string(1000, 'x'));
  BOOST_TEST((write() == result::blocked));
  now += 29s;
  BOOST_TEST(!is_stalled());
}

BOOST_AUTO_TEST_CASE(does_not_take_a_stream_without_bytes_for_a_stall) {
  const auto body = begin_stream();
  BOOST_TEST((write() == result::waiting));
  now += 1h;
  BOOST_TEST(!is_stalled());
}

BOOST_AUTO_TEST_SUITE_END()
