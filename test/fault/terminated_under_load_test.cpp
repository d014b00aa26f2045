// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A server in a process of its own gets SIGTERM while it sends as fast as its clients read.
#include "fault_support.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <future>
#include <optional>
#include <semaphore>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <tuple>
#include <vector>

namespace test = harpia::test;
using harpia::message_view;
using harpia::send_status;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t clients_of_a_kind = 8;
constexpr std::size_t clients = 3 * clients_of_a_kind;

/// SIGTERM comes once every client has so many messages.
constexpr std::uint64_t is_under_way = 20;

/// What `send` has said yes to, for each client.
using tally = std::array<std::atomic<std::uint64_t>, clients>;

struct sender {
  std::size_t id = 0;
  std::uint64_t next = 0;
  std::uint64_t asked = 0; // messages
};

bool is_accepted(send_status status) {
  return status == send_status::sent || status == send_status::buffered;
}

/// The number and, behind it, what makes messages of all sizes up to 20 KB.
std::string numbered(std::uint64_t number) {
  return std::to_string(number) + ' ' + std::string(number * 7919 % 20'000, 'x');
}

/// What a client of '/flood' asks for at a time. It has asked for `asked_ahead` times as much, which is more than the kernel takes, and
/// asks again behind each burst: if the server sent for as long as somebody reads, one that keeps up would have its loop for ever.
constexpr std::uint64_t burst = 32;
constexpr std::uint64_t asked_ahead = 32;

/// Sends a burst of what was asked for, until it is told to wait for a drain.
void flood(harpia::socket<sender>& ws, tally& accepted) {
  for (std::uint64_t i = 0; i < burst && ws.data.asked > 0; ++i) {
    const auto status = ws.send(numbered(ws.data.next));
    if (is_accepted(status)) {
      --ws.data.asked;
      ++ws.data.next;
      ++accepted[ws.data.id];
    }
    if (status != send_status::sent)
      return;
  }
}

/// Threads that send to connections over their handles, and wait for drains.
class outsiders {
public:
  explicit outsiders(tally& accepted) : accepted_{&accepted} {}
  void send_to(harpia::handle to, std::size_t id) {
    const std::scoped_lock lock{mutex_};
    threads_.emplace_back([this, to = std::move(to), id] {
      for (std::uint64_t next = 0;;) {
        const auto status = to.send(numbered(next));
        if (status == send_status::closed)
          return;
        if (is_accepted(status)) {
          ++next;
          ++(*accepted_)[id];
        }
        if (status == send_status::buffered)
          has_room_[id].acquire();
        else if (status == send_status::dropped) // which takes more drains than were waited for
          std::this_thread::yield();
      }
    });
  }
  /// The connection has drained or closed.
  void go_on(std::size_t id) { has_room_[id].release(); }
  void join() {
    const std::scoped_lock lock{mutex_};
    threads_.clear();
  }

private:
  struct room : std::counting_semaphore<> {
    room() : counting_semaphore{0} {}
  };

  tally* accepted_;
  std::array<room, clients> has_room_;
  std::mutex mutex_;
  std::vector<std::jthread> threads_; // guarded by mutex_
};

void write_line(int pipe, std::string line) {
  line += '\n';
  [[maybe_unused]] const auto written = ::write(pipe, line.data(), line.size());
}

/// The server's process: says its port, serves until SIGTERM, and says what it has accepted for each client.
int serve(int pipe) {
  tally accepted{};
  outsiders others{accepted};
  harpia::app app;
  const auto identify = [](auto& ws) { ws.data.id = std::stoul(std::string{ws.request().query("id").value_or("0")}); };
  app.ws<sender>("/flood", {.open = identify,
                            .message =
                                [&](auto& ws, message_view) {
                                  ws.data.asked += burst;
                                  flood(ws, accepted);
                                },
                            .drain = [&](auto& ws) { flood(ws, accepted); }});
  app.ws<sender>("/echo", {.open = identify, .message = [&](auto& ws, message_view message) {
                             accepted[ws.data.id] += is_accepted(ws.send(message));
                           }});
  app.ws<sender>("/outside", {.open =
                                  [&](auto& ws) {
                                    identify(ws);
                                    others.send_to(ws.handle(), ws.data.id);
                                  },
                              .close = [&](auto& ws, auto, auto) { others.go_on(ws.data.id); },
                              .drain = [&](auto& ws) { others.go_on(ws.data.id); }});
  app.stop_on_signals();
  const auto status =
      app.listen({.port = 0, .hostname = "127.0.0.1", .threads = 2}, [&] { write_line(pipe, std::to_string(app.port())); });
  others.join();
  for (const auto& each : accepted)
    write_line(pipe, std::to_string(each));
  return status;
}

class server_process {
public:
  server_process() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe(ends.data()) == 0);
    pid_ = ::fork(); // there is no other thread yet
    BOOST_REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      ::_exit(serve(ends[1]));
    }
    ::close(ends[1]);
    from_.reset(::fdopen(ends[0], "r"));
  }
  ~server_process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  [[nodiscard]] std::uint64_t read_number() const {
    unsigned long long number = 0;
    BOOST_REQUIRE(std::fscanf(from_.get(), "%llu", &number) == 1);
    return number;
  }
  void terminate() const { ::kill(pid_, SIGTERM); }
  [[nodiscard]] int wait() {
    int status = -1;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

private:
  struct close_file {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  pid_t pid_ = -1;
  std::unique_ptr<std::FILE, close_file> from_;
};

/// What a client got until the server's close frame, and what was wrong with it.
struct account {
  std::uint64_t messages = 0;
  std::string wrong = {};
};

void take_numbered(const test::frame& frame, account& so_far) {
  if (frame.payload != numbered(so_far.messages) && so_far.wrong.empty())
    so_far.wrong = "message " + std::to_string(so_far.messages) + " is " + frame.payload.substr(0, 20);
  ++so_far.messages;
}

void take_close(test::raw_client& client, const test::frame& frame, account& so_far) {
  if (const auto code = test::decode_close(frame).first; code != 1001)
    so_far.wrong = "closed with " + std::to_string(code);
  client.send_close(1001);
  if (!client.at_eof())
    so_far.wrong = "something behind the close frame";
}

test::raw_client open(std::uint16_t port, const std::string& path, std::size_t id) {
  auto client = test::raw_client::tcp(port);
  if (client.upgrade(path + "?id=" + std::to_string(id)).status != 101)
    throw std::runtime_error{"refused"};
  return client;
}

/// Reads what comes, and asks for more, which means something to '/flood'.
account read_all(std::uint16_t port, const std::string& path, std::size_t id, std::atomic<std::size_t>& under_way) {
  account so_far;
  try {
    auto client = open(port, path, id);
    for (std::uint64_t i = 0; i < asked_ahead; ++i)
      client.send_text("more");
    for (auto frame = client.read_frame();; frame = client.read_frame()) {
      if (frame.opcode == test::opcode::close) {
        take_close(client, frame, so_far);
        return so_far;
      }
      take_numbered(frame, so_far);
      under_way += so_far.messages == is_under_way;
      if (so_far.messages % burst == 0)
        client.send_text("more");
    }
  } catch (const std::exception& failure) {
    so_far.wrong = failure.what();
  }
  return so_far;
}

/// Asks for echoes, some of them always on their way.
account ask_on(std::uint16_t port, std::size_t id, std::atomic<std::size_t>& under_way) {
  account so_far;
  try {
    auto client = open(port, "/echo", id);
    std::uint64_t asked = 0;
    for (; asked < 5; ++asked)
      client.send_text(numbered(asked));
    for (auto frame = client.read_frame();; frame = client.read_frame()) {
      if (frame.opcode == test::opcode::close) {
        take_close(client, frame, so_far);
        return so_far;
      }
      take_numbered(frame, so_far);
      client.send_text(numbered(asked++));
      under_way += so_far.messages == is_under_way;
    }
  } catch (const std::exception& failure) {
    so_far.wrong = failure.what();
  }
  return so_far;
}

} // namespace

BOOST_AUTO_TEST_SUITE(terminated_under_load)

BOOST_AUTO_TEST_CASE(whatever_send_accepted_arrives_before_the_close_of_sigterm) {
  const auto rounds = test::size_from_environment("HARPIA_FAULT_ROUNDS", 5);
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto server = std::make_unique<server_process>();
    const test::watchdog limit{60s, "a server that got SIGTERM under load"};
    const auto port = static_cast<std::uint16_t>(server->read_number());
    std::atomic<std::size_t> under_way = 0;
    std::vector<std::future<account>> accounts;
    for (std::size_t id = 0; id < clients; ++id)
      accounts.push_back(std::async(std::launch::async, [&, id] {
        switch (id / clients_of_a_kind) {
          case 0: return read_all(port, "/flood", id, under_way);
          case 1: return read_all(port, "/outside", id, under_way);
          default: return ask_on(port, id, under_way);
        }
      }));
    BOOST_TEST(test::eventually([&] { return under_way == clients; }));
    server->terminate();
    for (std::size_t id = 0; id < clients; ++id) {
      const auto got = accounts[id].get();
      BOOST_TEST_CONTEXT("round " << round << ", client " << id) {
        BOOST_TEST(got.wrong == "");
        BOOST_TEST(got.messages == server->read_number());
      }
    }
    BOOST_TEST(server->wait() == 0);
  }
}

BOOST_AUTO_TEST_CASE(what_is_owed_to_a_client_that_closed_arrives_although_the_app_stops) {
  const test::watchdog limit{60s, "a stop while a client reads what it is owed"};
  constexpr std::size_t size = 12 << 20; // more than the kernel takes
  harpia::app app;
  app.ws("/", {.open = [](auto& ws) { ws.send(std::string(size, 'x')); }});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  auto client = test::raw_client::tcp(app.port());
  BOOST_REQUIRE(client.upgrade("/").status == 101);
  client.send_close(1000);
  BOOST_TEST(test::eventually([&] { return app.connections() == 0; }));
  app.stop();
  auto got = std::async(std::launch::async, [&] {
    const auto message = client.read_text().size();
    const auto code = client.read_close().first;
    return std::tuple{message, code, client.at_eof()};
  });
  app.wait();
  BOOST_TEST((got.get() == std::tuple{size, 1000, true}));
}

BOOST_AUTO_TEST_SUITE_END()
