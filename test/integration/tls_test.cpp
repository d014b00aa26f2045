// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/event_log.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"
#include "support/tls_bridge.hpp"
#include "support/tls_peer.hpp"

#include <harpia/harpia.hpp>

#include <array>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
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

/// Closes a conversation, and sees that both layers end in order and that the session was resumed if one was offered.
void end(test::raw_client& client, test::tls_bridge& bridge, const test::tls_bridge_options& options) {
  client.send_close(1000);
  BOOST_TEST(client.read_close().first == 1000);
  BOOST_TEST(client.at_eof());
  client.close();
  BOOST_TEST(bridge.ended_in_order());
  BOOST_TEST(bridge.resumed() == (options.session != nullptr));
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
    end(client, bridge, options);
    return bridge.session();
  }

  harpia::app app{{.handshake_timeout = 300ms, .stop_timeout = 300ms}};
};

/// A certificate's file as OpenSSL writes it.
std::string certificate_in(const std::string& name) {
  std::ifstream file{test::certificate(name)};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string fingerprint_in(const std::string& name) {
  const auto text = certificate_in(name);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes{BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
  const std::unique_ptr<X509, decltype(&X509_free)> read{PEM_read_bio_X509(bytes.get(), nullptr, nullptr, nullptr), &X509_free};
  std::array<unsigned char, 32> hash{};
  X509_digest(read.get(), EVP_sha256(), hash.data(), nullptr);
  std::ostringstream hex;
  for (const unsigned byte : hash)
    hex << std::hex << std::setw(2) << std::setfill('0') << byte;
  return hex.str();
}

std::string text_of(const harpia::peer_certificate* shown) {
  return shown ? shown->subject + " " + shown->fingerprint + "\n" + shown->pem : "nobody";
}

/// An app that tells its clients what certificate they have shown.
struct telling {
  explicit telling(client_certificate asked) {
    const auto add = [this](const char* where, const harpia::request& request) {
      if (const auto* shown = request.client_certificate())
        log.add(std::string{where} + ": " + shown->subject);
    };
    app.ws<harpia::no_data>(
        "/",
        {.upgrade = [add](auto& request) { add("upgrade", request.request()); },
         .open = [](auto& ws) { ws.send(text_of(ws.request().client_certificate())); }},
        {.origins = [add](std::string_view, const harpia::request& request) {
          add("origins", request);
          return true;
        }});
    app.get("/page",
            [](const harpia::request& request) { return harpia::http_response{.body = text_of(request.client_certificate())}; });
    auto tls = server_tls();
    tls.client_certificate = asked;
    if (asked != client_certificate::ignored)
      tls.ca = test::certificate("ca.pem");
    app.start({.port = 0, .hostname = "127.0.0.1", .tls = tls, .threads = 1});
  }

  /// @param session set to what may be resumed
  std::string told(const test::tls_bridge_options& options, test::tls_session* session = nullptr) const {
    test::tls_bridge bridge{app.port(), options};
    auto client = test::raw_client::over(bridge.take_plain());
    BOOST_REQUIRE(client.upgrade("/", {{"Origin", "https://friend.example"}}).status == 101);
    auto text = client.read_text();
    end(client, bridge, options);
    if (session)
      *session = bridge.session();
    return text;
  }

  [[nodiscard]] std::string page_told(const test::tls_bridge_options& options) const {
    test::tls_bridge bridge{app.port(), options};
    return test::raw_client::over(bridge.take_plain()).get("/page").body;
  }

  mutable test::event_log log;
  harpia::app app;
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

BOOST_AUTO_TEST_CASE(who_is_refused_is_told_why_by_an_alert_and_not_by_a_reset) {
  auto tls = server_tls();
  tls.ca = test::certificate("ca.pem");
  tls.client_certificate = client_certificate::required;
  const served here{tls};
  const auto client = test::raw_client::tcp(here.app.port());
  test::tls_peer peer;
  std::array<char, 4096> part;
  const auto read = [&] { return ::recv(client.fd(), part.data(), part.size(), 0); };
  peer.receive({});
  while (!peer.is_connected()) { // as far as the client knows: the server has not seen its certificate yet
    const auto records = peer.take_records();
    BOOST_REQUIRE(::send(client.fd(), records.data(), records.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(records.size()));
    const auto size = read();
    BOOST_REQUIRE(size > 0);
    peer.receive({part.data(), static_cast<std::size_t>(size)});
  }
  for (int i = 0; i < 20; ++i) // far more than the server reads at once
    BOOST_REQUIRE(peer.say(std::string(10'000, 'x')));
  const auto records = peer.take_records();
  BOOST_TEST(::send(client.fd(), records.data(), records.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(records.size()));
  BOOST_TEST(::shutdown(client.fd(), SHUT_WR) == 0);
  auto size = read();
  for (; size > 0; size = read())
    peer.receive({part.data(), static_cast<std::size_t>(size)});
  BOOST_TEST(size == 0, "the server has reset the connection");
  BOOST_TEST(peer.has_heard_the_end());
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

BOOST_AUTO_TEST_CASE(handlers_are_told_whose_certificate_a_client_has_shown) {
  const telling here{client_certificate::required};
  const test::tls_bridge_options alice{.cert = "client.pem", .key = "client.key"};
  const auto text = here.told(alice);
  BOOST_TEST(text == "CN=alice " + fingerprint_in("client.pem") + "\n" + certificate_in("client.pem"));
  BOOST_TEST(here.told({.cert = "client.pem", .key = "client.key", .max_version = TLS1_2_VERSION}) == text);
  BOOST_TEST(
      here.log.lines()
          == (std::vector<std::string>{"origins: CN=alice", "upgrade: CN=alice", "origins: CN=alice", "upgrade: CN=alice"}),
      boost::test_tools::per_element());
  BOOST_TEST(here.page_told(alice) == text);
}

BOOST_AUTO_TEST_CASE(who_shows_no_certificate_has_none) {
  const telling here{client_certificate::optional};
  BOOST_TEST(here.told({}) == "nobody");
  BOOST_TEST(here.told({.cert = "client.pem", .key = "client.key"}).starts_with("CN=alice "));
}

BOOST_AUTO_TEST_CASE(a_certificate_that_nobody_asked_for_is_not_told) {
  const telling here{client_certificate::ignored};
  BOOST_TEST(here.told({.cert = "client.pem", .key = "client.key"}) == "nobody");
}

BOOST_AUTO_TEST_CASE(a_resumed_session_has_the_certificate_of_its_first) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const telling here{client_certificate::required};
    test::tls_session first;
    const auto text = here.told({.cert = "client.pem", .key = "client.key", .max_version = version}, &first);
    BOOST_TEST(here.told({.max_version = version, .session = first}) == text);
  }
}

BOOST_AUTO_TEST_CASE(a_subject_is_in_ascii_and_cannot_pose_as_several_parts) {
  const telling here{client_certificate::required};
  BOOST_TEST(here.told({.cert = "written.pem", .key = "written.key"}).starts_with("CN=\\C3\\A4nn\\,O=root\\0ACN=root "));
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
