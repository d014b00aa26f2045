// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/listen_options.hpp>

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>

using harpia::validate;

namespace {

std::string refusal_of(const harpia::listen_options& options) {
  try {
    validate(options);
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "accepted";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(listen_options)

BOOST_AUTO_TEST_CASE(the_defaults_are_valid) {
  BOOST_TEST(refusal_of({}) == "accepted");
}

BOOST_AUTO_TEST_CASE(every_tcp_option_goes_with_every_other) {
  BOOST_TEST(refusal_of({.port = 0, .hostname = "::", .reuse_port = harpia::reuse_port::yes, .threads = 4, .development = true})
             == "accepted");
}

BOOST_AUTO_TEST_CASE(a_unix_socket_goes_with_threads_and_development) {
  BOOST_TEST(refusal_of({.unix = "/run/harpia.sock", .threads = 4, .development = true}) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_unix_socket_excludes_a_port_even_port_0) {
  BOOST_TEST(refusal_of({.port = 3000, .unix = "/run/x"}) == "Cannot specify both 'port' and 'unix'");
  BOOST_TEST(refusal_of({.port = 0, .unix = "/run/x"}) == "Cannot specify both 'port' and 'unix'");
}

BOOST_AUTO_TEST_CASE(a_unix_socket_excludes_a_hostname) {
  BOOST_TEST(refusal_of({.hostname = "localhost", .unix = "/run/x"}) == "Cannot specify both 'hostname' and 'unix'");
}

BOOST_AUTO_TEST_CASE(a_unix_socket_excludes_reuse_port) {
  BOOST_TEST(refusal_of({.unix = "/run/x", .reuse_port = harpia::reuse_port::yes})
             == "Cannot specify both 'reuse_port' and 'unix'");
}

BOOST_AUTO_TEST_CASE(a_service_socket_excludes_every_address) {
  BOOST_TEST(refusal_of({.service_socket = 0, .threads = 4}) == "accepted");
  BOOST_TEST(refusal_of({.port = 0, .service_socket = 0}) == "Cannot specify both 'port' and 'service_socket'");
  BOOST_TEST(refusal_of({.hostname = "::", .service_socket = 0}) == "Cannot specify both 'hostname' and 'service_socket'");
  BOOST_TEST(refusal_of({.unix = "/run/x", .service_socket = 0}) == "Cannot specify both 'unix' and 'service_socket'");
  BOOST_TEST(refusal_of({.service_socket = 0, .reuse_port = harpia::reuse_port::yes})
             == "Cannot specify both 'reuse_port' and 'service_socket'");
}

BOOST_AUTO_TEST_CASE(a_unix_path_has_at_most_107_bytes) {
  const auto longest = "/" + std::string(106, 'x');
  BOOST_TEST(refusal_of({.unix = longest}) == "accepted");
  const auto refusal = refusal_of({.unix = longest + "y"});
  BOOST_TEST(contains(refusal, "'unix'"));
  BOOST_TEST(contains(refusal, longest + "y"));
  BOOST_TEST(contains(refusal, "108"));
}

BOOST_AUTO_TEST_CASE(a_unix_path_with_a_nul_byte_is_refused_wherever_it_is) {
  using namespace std::string_literals;
  for (const auto& path : {"\0abstract"s, "/run/a\0b"s, "/run/a\0"s})
    BOOST_TEST(contains(refusal_of({.unix = path}), "'unix' must not hold a NUL byte"), refusal_of({.unix = path}));
}

BOOST_AUTO_TEST_CASE(a_hostname_with_a_nul_byte_is_refused) {
  BOOST_TEST(contains(refusal_of({.hostname = std::string{"localhost\0.example", 18}}), "'hostname' must not hold a NUL byte"));
}

BOOST_AUTO_TEST_CASE(proxies_are_addresses_prefixes_or_unix) {
  BOOST_TEST(refusal_of({.trusted_proxies = {"192.0.2.1", "10.0.0.0/8", "fd00::/8", "unix"}}) == "accepted");
  BOOST_TEST(refusal_of({.trusted_proxies = {"192.0.2.1", "localhost"}})
             == "In 'trusted_proxies', 'localhost' is neither an address nor a prefix of addresses");
}

BOOST_AUTO_TEST_CASE(there_are_at_most_1024_threads) {
  BOOST_TEST(refusal_of({.threads = 1024}) == "accepted");
  const auto refusal = refusal_of({.threads = 1025});
  BOOST_TEST(contains(refusal, "'threads'"));
  BOOST_TEST(contains(refusal, "1025"));
}

BOOST_AUTO_TEST_SUITE_END()
