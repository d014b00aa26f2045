// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/tls_bridge.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace test = harpia::test;
using harpia::client_certificate;
using harpia::client_options;
using harpia::no_data;

namespace {

using namespace std::chrono_literals;

struct fixture {
  void serve(harpia::tls_options tls) {
    server.ws<no_data>("/", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
    server.start({.port = 0, .hostname = "127.0.0.1", .tls = std::move(tls), .threads = 1});
  }
  void serve(const std::string& cert, const std::string& key) {
    serve({.cert = test::certificate(cert), .key = test::certificate(key)});
  }

  /// Connects to `host`, says hello, and writes down how it goes.
  harpia::client connect(const std::string& host, harpia::client_tls_options tls) {
    return harpia::connect<no_data>(
        *system, "wss://" + host + ":" + std::to_string(server.port()),
        {
            .open = [](auto& ws) { ws.send("hello"); },
            .message = [this](auto&, harpia::message_view message) { log.add("message: " + std::string{message.text()}); },
        },
        client_options{.reconnect = {.when = harpia::reconnect::never},
                       .tls = std::move(tls),
                       .on_failure = [this](const harpia::error& why) { log.add("failure: " + why.what()); }});
  }

  void check_failure(const std::string& host, const harpia::client_tls_options& tls, const std::string& reason) {
    const auto attempt = connect(host, tls);
    log.wait_for("failure: ");
    BOOST_TEST(log.lines().front().find(reason) != std::string::npos, log.lines().front());
  }

  test::event_log log;
  harpia::app server{{.stop_timeout = 300ms}};
  caf::actor_system_config config;
  std::optional<caf::actor_system> system{std::in_place, config};
};

harpia::client_tls_options trusting() {
  return {.ca = test::certificate("ca.pem")};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_client, fixture)

BOOST_AUTO_TEST_CASE(a_wss_url_is_connected_to_by_name_and_by_address) {
  serve("server.pem", "server.key");
  const auto by_name = connect("localhost", trusting());
  log.wait_for("message: hello");
  const auto by_address = connect("127.0.0.1", trusting());
  log.wait_for("message: hello", 2);
}

BOOST_AUTO_TEST_CASE(a_large_message_comes_back_whole) {
  serve("server.pem", "server.key");
  const auto peer = connect("localhost", trusting());
  log.wait_for("message: hello");
  const std::string large(3 << 20, 'x');
  peer.send(large);
  log.wait_for("message: " + large);
}

BOOST_AUTO_TEST_CASE(a_server_that_nobody_vouches_for_is_not_talked_to) {
  serve("stranger.pem", "stranger.key");
  check_failure("localhost", trusting(), "the certificate is not accepted: self-signed certificate");
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_not_accepted) {
  serve("expired.pem", "expired.key");
  check_failure("localhost", trusting(), "the certificate is not accepted: certificate has expired");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_name_is_not_accepted_unless_that_name_is_asked_for) {
  serve("other.pem", "other.key");
  check_failure("localhost", trusting(), "the certificate is not accepted: hostname mismatch");
  auto tls = trusting();
  tls.server_name = "other.test";
  const auto peer = connect("localhost", tls);
  log.wait_for("message: hello");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_address_is_not_accepted) {
  serve("other.pem", "other.key");
  check_failure("127.0.0.1", trusting(), "the certificate is not accepted: IP address mismatch");
}

BOOST_AUTO_TEST_CASE(a_server_that_asks_for_a_certificate_is_shown_it) {
  serve({.cert = test::certificate("server.pem"),
         .key = test::certificate("server.key"),
         .ca = test::certificate("ca.pem"),
         .client_certificate = client_certificate::required});
  auto tls = trusting();
  tls.cert = test::certificate("client.pem");
  tls.key = test::certificate("client.key");
  const auto welcome = connect("localhost", tls);
  log.wait_for("message: hello");
}

BOOST_AUTO_TEST_CASE(a_server_that_asks_in_vain_for_a_certificate_is_heard) {
  serve({.cert = test::certificate("server.pem"),
         .key = test::certificate("server.key"),
         .ca = test::certificate("ca.pem"),
         .client_certificate = client_certificate::required});
  check_failure("localhost", trusting(), "certificate required");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_used_are_named_at_once) {
  server.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  BOOST_CHECK_EXCEPTION(connect("localhost", {.ca = "/nowhere.pem"}), std::invalid_argument, [](const auto& refused) {
    return std::string{refused.what()} == "'/nowhere.pem' cannot be used: No such file or directory";
  });
  BOOST_CHECK_THROW(connect("localhost", {.cert = "only.pem"}), std::invalid_argument);
  BOOST_CHECK_THROW(harpia::connect<no_data>(*system, "ws://localhost", harpia::handlers<no_data>{}, {.tls = trusting()}),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_is_not_talked_to) {
  server.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});
  check_failure("localhost", trusting(), "wrong version number");
}

BOOST_AUTO_TEST_SUITE_END()
