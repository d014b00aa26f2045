// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A process that has no descriptors left: no call is made to fail, the limit is real.
#include "fault_support.hpp"

#include "support/open_descriptors.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <vector>

namespace test = harpia::test;

namespace {

using namespace std::chrono_literals;

/// While this lives, the process has so few descriptors that `spare` more can be opened and no other.
class descriptor_limit {
public:
  explicit descriptor_limit(int spare) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    // The limit is on numbers, so gaps below it have to be filled. Whoever counts has one open, too.
    while (open_one() + 2 < static_cast<int>(test::open_descriptors())) {
    }
    for (int i = 0; i < spare; ++i)
      open_one();
    const auto highest = fillers_.back().get();
    for (int i = 0; i < spare; ++i)
      fillers_.pop_back();
    auto lower = before_;
    lower.rlim_cur = static_cast<rlim_t>(highest) + 1;
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  descriptor_limit(const descriptor_limit&) = delete;
  descriptor_limit& operator=(const descriptor_limit&) = delete;

private:
  int open_one() {
    fillers_.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return fillers_.back().get();
  }

  rlimit before_{};
  std::vector<harpia::net::unique_fd> fillers_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(descriptors_exhausted)

BOOST_AUTO_TEST_CASE(connections_go_on_being_served_and_accepting_resumes) {
  const test::watchdog limit{60s, "a server without descriptors"};
  test::room served;
  served.start();
  std::vector<test::raw_client> early;
  for (int i = 0; i < 20; ++i)
    early.push_back(served.connect());
  std::vector<test::raw_client> late;
  std::optional<descriptor_limit> famine{std::in_place, 11}; // an odd number: there is none for the second end of somebody
  BOOST_CHECK_EXCEPTION(for (;;) late.push_back(test::raw_client::tcp(served.app.port())), std::system_error,
                        [](const auto& none_left) { return none_left.code() == std::errc::too_many_files_open; });
  for (int i = 0; i < 50; ++i)
    for (auto& each : early)
      BOOST_TEST(test::echoes(each));
  served.app.publish("room", "all:famine");
  for (auto& each : early)
    BOOST_TEST(each.read_text() == "all:famine");
  famine.reset();
  for (auto& each : late) {
    BOOST_TEST(each.upgrade("/room").status == 101);
    BOOST_TEST(test::echoes(each));
  }
  auto fresh = served.connect();
  BOOST_TEST(test::echoes(fresh));
}

BOOST_AUTO_TEST_CASE(a_connection_needs_no_descriptor_but_its_socket) {
  const test::watchdog limit{60s, "a connection in a process without descriptors"};
  test::room served;
  served.start();
  std::optional<descriptor_limit> famine{std::in_place, 2}; // one for each end
  auto client = served.connect();
  BOOST_TEST(test::echoes(client));
  // Whatever is out of the ordinary must need no more either.
  client.send_raw(test::encode_frame({.fin = false, .payload = "in "})
                  + test::encode_frame({.opcode = test::opcode::continuation, .payload = "two"}));
  BOOST_TEST(client.read_text() == "in two");
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
}

BOOST_AUTO_TEST_CASE(an_app_that_finds_no_descriptors_says_so_and_starts_once_there_are_some) {
  const test::watchdog limit{60s, "a start without descriptors"};
  test::room served;
  bool started = false;
  for (int spare = 0; !started; ++spare) {
    BOOST_REQUIRE(spare < 100);
    const descriptor_limit famine{spare};
    try {
      served.start();
      started = true;
    } catch (const std::system_error& refused) {
      BOOST_TEST((refused.code() == std::errc::too_many_files_open));
    }
  }
  auto client = served.connect();
  BOOST_TEST(test::echoes(client));
}

BOOST_AUTO_TEST_SUITE_END()
