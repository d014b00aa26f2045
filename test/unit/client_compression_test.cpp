// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client_session_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace test = harpia::test;
using namespace test::client_sessions;
using namespace std::string_view_literals;
using harpia::errc;

BOOST_AUTO_TEST_SUITE(client_compression)

BOOST_AUTO_TEST_CASE(compression_is_offered_if_the_options_say_so) {
  const lone_client client{deflating};
  BOOST_TEST(client.asked_field("Sec-WebSocket-Extensions").starts_with("permessage-deflate"));
  BOOST_TEST(client.asked_field("Sec-WebSocket-Extensions").find("client_no_context_takeover") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(compressed_messages_go_both_ways) {
  pair both{deflating};
  const std::string payload(100'000, 'z');
  for (int i = 0; i < 3; ++i)
    both.client.session->send(std::string_view{payload});
  auto up = both.client.written();
  BOOST_TEST(up.size() < 3000u);
  BOOST_TEST(((up[0] & 0x40) != 0));
  both.server.receive(up);
  both.server.session->send(std::string_view{payload});
  const auto down = both.server.written();
  BOOST_TEST(down.size() < 1000u);
  both.client.receive(down);
  BOOST_REQUIRE(both.server.log.size() == 3u);
  for (const auto& line : both.server.log)
    BOOST_TEST((line == "text: " + payload));
  BOOST_REQUIRE(both.client.log.size() == 1u);
  BOOST_TEST((both.client.log.front() == "text: " + payload));
}

BOOST_AUTO_TEST_CASE(with_context_takeover_both_ways_messages_refer_to_those_before) {
  auto options = deflating;
  options.deflate.server_context_takeover = options.deflate.client_context_takeover = harpia::context_takeover::enabled;
  pair both{options};
  std::mt19937 random{1};
  std::string payload(1000, ' ');
  for (auto& byte : payload)
    byte = static_cast<char>('a' + random() % 26);
  for (int i = 0; i < 4; ++i) {
    const auto message = payload + std::to_string(i);
    both.client.session->send(std::string_view{message});
    both.server.session->send(std::string_view{message});
    const auto up = both.client.written();
    const auto down = both.server.written();
    BOOST_TEST((i == 0) == (up.size() > 100));
    BOOST_TEST((i == 0) == (down.size() > 100));
    both.server.receive(up);
    both.client.receive_byte_by_byte(down);
    BOOST_TEST((both.server.log.back() == "text: " + message));
    BOOST_TEST((both.client.log.back() == "text: " + message));
  }
}

BOOST_AUTO_TEST_CASE(a_window_of_8_bits_is_agreed_to_but_not_used) {
  open_client client{deflating,
                     "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_max_window_bits=8\r\n"};
  client.session->send(std::string_view{std::string(1000, 'x')});
  BOOST_TEST(!only_masked(client).rsv1);
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_compress_gets_plain_messages) {
  open_client client{deflating};
  client.session->send("plain"sv);
  const auto frame = only_masked(client);
  BOOST_TEST(!frame.rsv1);
  BOOST_TEST(frame.payload == "plain");
}

// The queue may drop a message, so none may refer to another.
BOOST_AUTO_TEST_CASE(no_message_needs_another_to_be_inflated_whatever_the_server_answers) {
  open_client client{deflating, "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"};
  const std::string payload = "a text that is repeated, a text that is repeated, a text that is repeated";
  client.session->send(std::string_view{payload});
  const auto first = only_masked(client);
  client.session->send(std::string_view{payload});
  BOOST_TEST(first.rsv1);
  BOOST_TEST(only_masked(client).payload == first.payload);
}

BOOST_AUTO_TEST_CASE(an_extension_that_was_not_offered_is_no_connection) {
  for (const auto* extension :
       {"x-webkit-deflate-frame", "permessage-deflate; unknown", "permessage-deflate; server_max_window_bits=99",
        "permessage-deflate; server_no_context_takeover=1", "permessage-deflate, permessage-deflate",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "permessage-deflate"}) {
    BOOST_TEST_CONTEXT(extension) {
      lone_client client{deflating};
      client.receive(client.accepting("Sec-WebSocket-Extensions: " + std::string{extension} + "\r\n"));
      check_failed(client, errc::protocol_violation, {"failed: the peer broke the WebSocket protocol", "ended 1006: "});
    }
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_inflated_closes_with_a_masked_frame) {
  open_client client{deflating, "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"};
  client.receive(test::encode_frame({.rsv1 = true, .payload = "\xff\xff\xff\xff"}, std::nullopt));
  BOOST_TEST(client.log.front() == "failed: the peer broke the WebSocket protocol");
  BOOST_TEST(client.log.back() == "ended 1007: ");
  BOOST_TEST(test::decode_close(only_masked(client)).first == 1007);
}

BOOST_AUTO_TEST_SUITE_END()
