// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/captured_errors.hpp"

#include "net/unique_fd.hpp"
#include <harpia/log.hpp>

#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace test = harpia::test;
namespace net = harpia::net;
using harpia::log_level;
using harpia::to_json;
using harpia::to_line;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::system_clock::time_point moment{1'796'080'923'456ms};

/// A pipe in the place of standard error.
struct piped_errors {
  piped_errors() {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    reader.reset(ends[0]);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
  }
  ~piped_errors() { ::dup2(saved.get(), STDERR_FILENO); }
  piped_errors(const piped_errors&) = delete;
  piped_errors& operator=(const piped_errors&) = delete;

  [[nodiscard]] std::string read_some() const {
    std::string text(std::size_t{1} << 20, '\0');
    const auto size = ::read(reader.get(), text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

  net::unique_fd saved{::dup(STDERR_FILENO)};
  net::unique_fd reader;
};

} // namespace

BOOST_AUTO_TEST_SUITE(log_record)

BOOST_AUTO_TEST_CASE(a_line_has_time_and_level_then_the_sentence_then_the_rest) {
  const harpia::log_record record{
      .time = moment,
      .level = log_level::warning,
      .event = "refused",
      .route = "/chat/:room",
      .connection = 17,
      .remote_address = "192.0.2.1",
      .code = 403,
      .what = "this origin may not connect"};
  BOOST_TEST(to_line(record)
             == "2026-11-30T23:22:03.456Z warning harpia: this origin may not connect "
                "[refused connection=17 route=/chat/:room address=192.0.2.1 code=403]");
  BOOST_TEST(to_line({.time = moment, .event = "stopping", .what = "bye"})
             == "2026-11-30T23:22:03.456Z info harpia: bye [stopping]");
}

BOOST_AUTO_TEST_CASE(nothing_in_it_passes_for_another_line) {
  const auto line = to_line({.event = "x", .route = "/a\nb", .what = "one\r\ntwo\x7f"});
  BOOST_TEST(line.find(R"(one\x0d\x0atwo\x7f)") != std::string::npos);
  BOOST_TEST(line.find(R"(route=/a\x0ab)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(json_has_the_fields_that_are_set) {
  const harpia::log_record record{
      .time = moment,
      .level = log_level::error,
      .event = "handler_failed",
      .route = "/",
      .connection = 17,
      .remote_address = "::1",
      .code = 1011,
      .what = "it said \"no\" \\ and\n\xc3\xa9"};
  BOOST_TEST(to_json(record)
             == R"({"time":"2026-11-30T23:22:03.456Z","level":"error","event":"handler_failed","route":"/","connection":17,)"
                R"("remote_address":"::1","code":1011,"what":"it said \"no\" \\ and\u000a)"
                "\xc3\xa9\"}");
  BOOST_TEST(to_json({.time = moment, .event = "stopping"})
             == R"({"time":"2026-11-30T23:22:03.456Z","level":"info","event":"stopping"})");
}

BOOST_AUTO_TEST_CASE(json_is_utf_8_whatever_it_tells) {
  BOOST_TEST(to_json({.time = moment, .event = "x", .what = "caf\xe9"}).ends_with(R"("what":"caf\\xe9"})"));
}

BOOST_AUTO_TEST_CASE(a_reader_of_standard_error_that_does_not_read_holds_nobody_up) {
  std::string text;
  {
    const piped_errors errors;
    for (int i = 0; i < 5000; ++i) // far more than a pipe holds
      harpia::log_to_standard_error({.time = moment, .event = "x", .what = "a line of some length, so that a pipe is full soon"});
    text = errors.read_some();
    BOOST_TEST(text.ends_with("[x]\n")); // whole lines
    harpia::log_to_standard_error({.time = moment, .event = "x", .what = "later"});
    text = errors.read_some();
  }
  BOOST_TEST(text.find(" lines of harpia's log were lost: standard error did not take them\n") != std::string::npos, text);
  BOOST_TEST(text.ends_with("later [x]\n"), text);
}

BOOST_AUTO_TEST_CASE(a_reader_that_has_gone_ends_nobody) {
  piped_errors errors;
  errors.reader.reset();
  harpia::log_to_standard_error({.event = "x", .what = "nobody reads this"}); // SIGPIPE would end the test
  sigset_t pending;
  sigpending(&pending);
  BOOST_TEST(sigismember(&pending, SIGPIPE) == 0);
}

BOOST_AUTO_TEST_CASE(a_file_gets_every_line) {
  const test::captured_errors errors;
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    const auto what = std::to_string(i);
    const harpia::log_record record{.time = moment, .event = "x", .what = what};
    harpia::log_to_standard_error(record);
    all += to_line(record) + '\n';
  }
  BOOST_TEST((errors.text().ends_with(all)));
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_is_cut) {
  const test::captured_errors errors;
  const std::string what(100'000, 'x');
  harpia::log_to_standard_error({.time = moment, .event = "x", .what = what});
  const auto text = errors.text();
  BOOST_TEST(text.size() <= 4096u);
  BOOST_TEST(text.ends_with("…\n"));
}

BOOST_AUTO_TEST_SUITE_END()
