// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"
#include "support/tls_bridge.hpp"

#include <harpia/harpia.hpp>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <openssl/ssl.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace test = harpia::test;
using harpia::client_certificate;
using harpia::send_status;

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

harpia::tls_options server_tls() {
  return {.cert = test::certificate("server.pem"), .key = test::certificate("server.key")};
}

/// An app that echoes on /echo, over TLS.
struct served {
  explicit served(const harpia::tls_options& tls = server_tls()) {
    app.ws("/echo",
           harpia::handlers<harpia::no_data>{.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
    app.start({.port = 0, .hostname = "127.0.0.1", .tls = tls, .threads = 1});
  }

  [[nodiscard]] bool refuses(const test::tls_bridge_options& options) const {
    try {
      // With TLS 1.3 a client learns only by its first read whether its certificate was accepted.
      test::tls_bridge bridge{app.port(), options};
      auto client = test::raw_client::over(bridge.take_plain());
      client.upgrade("/echo");
    } catch (const std::runtime_error&) {
      return true;
    }
    return false;
  }

  [[nodiscard]] std::string subject_for(const std::string& name) const {
    return test::tls_bridge{app.port(), {.server_name = name}}.server_subject();
  }

  /// A conversation, and what is left of it.
  test::tls_session talk(const test::tls_bridge_options& options = {}) const {
    test::tls_bridge bridge{app.port(), options};
    auto client = test::raw_client::over(bridge.take_plain());
    BOOST_REQUIRE(client.upgrade("/echo").status == 101);
    client.send_text("hello");
    BOOST_TEST(client.read_text() == "hello");
    client.send_close(1000);
    BOOST_TEST(client.read_close().first == 1000);
    BOOST_TEST(client.at_eof());
    client.close();
    BOOST_TEST(bridge.ended_in_order());
    BOOST_TEST(bridge.resumed() == (options.session != nullptr));
    return bridge.session();
  }

  harpia::app app{{.handshake_timeout = 300ms, .stop_timeout = 300ms}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(a_conversation_ends_with_the_alert_that_tls_wants) {
  served{}.talk();
}

BOOST_AUTO_TEST_CASE(the_newest_version_is_spoken_and_none_before_1_2) {
  const served here;
  BOOST_TEST(test::tls_bridge(here.app.port()).version() == "TLSv1.3");
  BOOST_TEST(test::tls_bridge(here.app.port(), {.max_version = TLS1_2_VERSION}).version() == "TLSv1.2");
  BOOST_TEST(here.refuses({.max_version = TLS1_1_VERSION}));
  here.talk({.max_version = TLS1_2_VERSION});
}

BOOST_AUTO_TEST_CASE(a_server_may_insist_on_1_3) {
  auto tls = server_tls();
  tls.min_version = harpia::tls_version::tls_1_3;
  const served here{tls};
  BOOST_TEST(here.refuses({.max_version = TLS1_2_VERSION}));
  here.talk();
}

BOOST_AUTO_TEST_CASE(a_name_is_shown_its_own_certificate_and_any_other_the_first) {
  auto tls = server_tls();
  tls.further = {{.cert = test::certificate("other.pem"), .key = test::certificate("other.key")}};
  const served here{tls};
  BOOST_TEST(here.subject_for("other.test") == "harpia other server");
  BOOST_TEST(here.subject_for("deep.wild.test") == "harpia other server");
  BOOST_TEST(here.subject_for("too.deep.wild.test") == "harpia test server");
  BOOST_TEST(here.subject_for("localhost") == "harpia test server");
  BOOST_TEST(here.subject_for("unheard.of") == "harpia test server");
  BOOST_TEST(here.subject_for("") == "harpia test server");
  here.talk({.server_name = "other.test"});
}

BOOST_AUTO_TEST_CASE(http_1_1_is_offered_as_protocol_and_a_client_that_speaks_only_others_is_refused) {
  const served here;
  BOOST_TEST(test::tls_bridge(here.app.port(), {.alpn = "http/1.1"}).alpn() == "http/1.1");
  BOOST_TEST(test::tls_bridge(here.app.port()).alpn() == "");
  BOOST_TEST(here.refuses({.alpn = "h2"}));
}

BOOST_AUTO_TEST_CASE(a_session_is_resumed) {
  const served here;
  const auto first = here.talk();
  here.talk({.session = first});
  const auto older = here.talk({.max_version = TLS1_2_VERSION});
  here.talk({.max_version = TLS1_2_VERSION, .session = older});
}

BOOST_AUTO_TEST_CASE(a_required_client_certificate_must_be_signed_by_the_authority) {
  auto tls = server_tls();
  tls.ca = test::certificate("ca.pem");
  tls.client_certificate = client_certificate::required;
  const served here{tls};
  BOOST_TEST(here.refuses({}));
  BOOST_TEST(here.refuses({.cert = "stranger.pem", .key = "stranger.key"}));
  const auto first = here.talk({.cert = "client.pem", .key = "client.key"});
  here.talk({.cert = "client.pem", .key = "client.key", .session = first});
}

BOOST_AUTO_TEST_CASE(an_optional_client_certificate_may_be_left_out_but_not_be_a_strangers) {
  auto tls = server_tls();
  tls.ca = test::certificate("ca.pem");
  tls.client_certificate = client_certificate::optional;
  const served here{tls};
  here.talk();
  here.talk({.cert = "client.pem", .key = "client.key"});
  BOOST_TEST(here.refuses({.cert = "stranger.pem", .key = "stranger.key"}));
}

BOOST_AUTO_TEST_CASE(renewed_certificates_are_shown_after_a_reload_and_open_connections_stay) {
  const test::temporary_folder folder;
  const auto install = [&](const std::string& name) {
    for (const auto* kind : {".pem", ".key"})
      std::filesystem::copy_file(
          test::certificate(name + kind), folder.file("server"s + kind), std::filesystem::copy_options::overwrite_existing);
  };
  install("server");
  served here{{.cert = folder.file("server.pem"), .key = folder.file("server.key")}};
  test::tls_bridge before{here.app.port()};
  auto client = test::raw_client::over(before.take_plain());
  BOOST_REQUIRE(client.upgrade("/echo").status == 101);

  install("renewed");
  BOOST_TEST(here.subject_for("localhost") == "harpia test server");
  here.app.reload_tls();
  BOOST_TEST(here.subject_for("localhost") == "harpia renewed server");

  std::filesystem::remove(folder.file("server.key"));
  BOOST_CHECK_EXCEPTION(here.app.reload_tls(), std::invalid_argument, [&](const auto& refused) {
    return std::string{refused.what()} == "'" + folder.file("server.key") + "' cannot be used: No such file or directory";
  });
  BOOST_TEST(here.subject_for("localhost") == "harpia renewed server");

  client.send_text("still there?");
  BOOST_TEST(client.read_text() == "still there?");
}

BOOST_AUTO_TEST_CASE(who_speaks_plain_http_is_told_to_use_https) {
  const served here;
  const auto reply = test::raw_client::tcp(here.app.port()).get("/echo");
  BOOST_TEST(reply.status == 400);
  BOOST_TEST(reply.body == "400 this port speaks TLS: use https://");
  here.talk();
}

BOOST_AUTO_TEST_CASE(garbage_and_hang_ups_end_their_connection_only) {
  const served here;
  test::tls_bridge other{here.app.port()};
  auto client = test::raw_client::over(other.take_plain());
  BOOST_REQUIRE(client.upgrade("/echo").status == 101);
  // No record, a record that is cut off, one of an impossible size, an alert, and nothing at all.
  for (const auto& bytes :
       {"\x00garbage"s, "\x16\x03\x01\x02"s, "\x16\x03\x01\xff\xff\x01"s, "\x15\x03\x01\x00\x02\x02\x28"s, ""s}) {
    auto peer = test::raw_client::tcp(here.app.port());
    peer.send_raw(bytes);
    peer.shutdown_write();
    (void)peer.read_to_end(); // an alert perhaps
  }
  client.send_text("still there?");
  BOOST_TEST(client.read_text() == "still there?");
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_shake_hands_is_cut) {
  const served here;
  auto silent = test::raw_client::tcp(here.app.port());
  BOOST_TEST(silent.read_to_end() == ""); // after the handshake's and the answer's time
  here.talk();
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_everything_and_one_drain_for_each_time_it_was_behind) {
  constexpr int messages = 200;
  const std::string payload(50'000, 'x');
  test::event_log log;
  harpia::app app{{.stop_timeout = 300ms}};
  app.ws<int>("/flood",
              {
                  .message =
                      [&](auto& ws, harpia::message_view) {
                        for (int i = 0; i < messages; ++i)
                          if (ws.send(std::to_string(i) + ":" + payload) == send_status::dropped)
                            log.add("dropped");
                        ws.data = ws.buffered_amount() > 0 ? 1 : 0;
                        log.add("sent");
                      },
                  .drain =
                      [&](auto& ws) {
                        if (ws.buffered_amount() > harpia::route_options{}.low_watermark || ws.data != 1)
                          log.add("early or often");
                        ws.data = 2;
                        log.add("drain");
                      },
              });
  app.start({.port = 0, .hostname = "127.0.0.1", .tls = server_tls(), .threads = 1});
  test::tls_bridge bridge{app.port()};
  auto client = test::raw_client::over(bridge.take_plain());
  BOOST_REQUIRE(client.upgrade("/flood").status == 101);
  client.send_text("go");
  log.wait_for("sent");
  for (int i = 0; i < messages; ++i)
    BOOST_REQUIRE(client.read_text() == std::to_string(i) + ":" + payload);
  log.wait_for("drain");
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
  BOOST_TEST(log.lines() == (std::vector<std::string>{"sent", "drain"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_app_may_serve_plain_and_tls_side_by_side) {
  const test::temporary_folder folder;
  served here;
  here.app.start({.unix = folder.file("plain")});
  here.talk();
  auto plain = test::raw_client::unix_socket(folder.file("plain"));
  BOOST_REQUIRE(plain.upgrade("/echo").status == 101);
  plain.send_text("hello");
  BOOST_TEST(plain.read_text() == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
