// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "client_session_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace test = harpia::test;
namespace websocket = harpia::websocket;
using namespace test::client_sessions;
using test::lines;
using namespace std::string_literals;
using namespace std::string_view_literals;
using harpia::close_code;
using harpia::errc;
using harpia::ready_state;
using harpia::send_status;
using test::as_bytes;

namespace {

void check_bad_answer(std::string_view from, std::string_view to) {
  BOOST_TEST_CONTEXT(to) {
    lone_client client;
    auto answer = client.accepting();
    const auto place = answer.find(from);
    BOOST_REQUIRE(place != std::string::npos);
    client.receive(answer.replace(place, from.size(), to));
    check_failed(client, errc::protocol_violation, {"failed: the peer broke the WebSocket protocol", "ended 1006: "});
    BOOST_TEST(client.written() == "");
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(client_session)

// The opening handshake

BOOST_AUTO_TEST_CASE(it_asks_as_rfc_6455_wants_it) {
  const lone_client client{
      plain,
      {.host = "example.com:3000",
       .target = "/chat?name=Ann",
       .fields = {{"Authorization", "Bearer 1"}, {"X-Two", "a"}, {"X-Two", "b"}},
       .subprotocols = {"soap", "wamp"}}};
  BOOST_TEST(client.asked.starts_with("GET /chat?name=Ann HTTP/1.1\r\n"));
  BOOST_TEST(client.asked.ends_with("\r\n\r\n"));
  BOOST_TEST(client.asked_field("Host") == "example.com:3000");
  BOOST_TEST(client.asked_field("Upgrade") == "websocket");
  BOOST_TEST(client.asked_field("Connection") == "upgrade");
  BOOST_TEST(client.asked_field("Sec-WebSocket-Version") == "13");
  BOOST_TEST(client.asked_field("Sec-WebSocket-Key").size() == 24u);
  BOOST_TEST(client.asked_field("Sec-WebSocket-Protocol") == "soap, wamp");
  BOOST_TEST(client.asked_field("Sec-WebSocket-Extensions") == "");
  BOOST_TEST(client.asked_field("Authorization") == "Bearer 1");
  BOOST_TEST(client.asked_field("User-Agent") == "harpia");
  BOOST_TEST(client.asked.find("X-Two: b\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_handshake_has_a_key_of_its_own) {
  BOOST_TEST(lone_client{}.asked_field("Sec-WebSocket-Key") != lone_client{}.asked_field("Sec-WebSocket-Key"));
}

BOOST_AUTO_TEST_CASE(it_is_open_once_the_server_has_accepted) {
  for (const bool at_once : {true, false}) {
    lone_client client;
    const auto answer = client.accepting("X-Extra: 1\r\n") + from_server(test::opcode::text, "early");
    at_once ? client.receive(answer) : client.receive_byte_by_byte(answer);
    BOOST_TEST((client.session->state() == ready_state::open));
    const lines expected{"response 101", "text: early"};
    BOOST_TEST(client.log == expected, boost::test_tools::per_element());
    BOOST_TEST(websocket::field_of(*client.response, "x-extra") == "1");
  }
}

BOOST_AUTO_TEST_CASE(an_answer_with_much_behind_it_is_taken_whole) {
  lone_client client;
  const std::string payload(200'000, 'x');
  client.receive(client.accepting("X-Long: " + std::string(8000, 'y') + "\r\n") + from_server(test::opcode::text, payload));
  BOOST_REQUIRE(client.log.size() == 2u);
  BOOST_TEST((client.log.back() == "text: " + payload));
}

BOOST_AUTO_TEST_CASE(the_chosen_subprotocol_is_told) {
  lone_client client{plain, {.host = "localhost", .subprotocols = {"soap", "wamp"}}};
  client.receive(client.accepting("Sec-WebSocket-Protocol: wamp\r\n"));
  BOOST_TEST(websocket::field_of(*client.response, "Sec-WebSocket-Protocol") == "wamp");
  BOOST_TEST((client.session->state() == ready_state::open));
}

BOOST_AUTO_TEST_CASE(interim_responses_are_passed_over) {
  lone_client client;
  client.receive("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + client.accepting());
  BOOST_TEST((client.session->state() == ready_state::open));
  BOOST_TEST(client.response->status == 101);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_with_its_status_its_fields_and_its_body) {
  for (const auto& [status, text] :
       {std::pair{401, "401 Unauthorized"}, {404, "404 Not Found"}, {503, "503 Service Unavailable"}, {555, "555"}}) {
    lone_client client;
    client.receive("HTTP/1.1 " + std::to_string(status) + " Own Words\r\nRetry-After: 7\r\nContent-Length: 7\r\n\r\nbec");
    BOOST_TEST(client.log.empty());
    client.receive("ause");
    check_failed(client, errc::handshake_refused,
                 {"response " + std::to_string(status), "failed: the server refused the WebSocket", "ended 1006: "});
    BOOST_TEST(client.failure->what() == "the server refused the WebSocket: " + std::string{text});
    BOOST_TEST(websocket::field_of(*client.response, "Retry-After") == "7");
    BOOST_REQUIRE(client.failure->response());
    BOOST_TEST(client.failure->response()->body == "because");
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_although_the_handshake_could_not_be_written_whole) {
  lone_client client;
  client.session->fail_write(std::make_error_code(std::errc::broken_pipe));
  client.receive("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
  check_failed(client, errc::handshake_refused, {"response 429", "failed: the server refused the WebSocket", "ended 1006: "});
  BOOST_REQUIRE(client.failure->response());
  BOOST_TEST(client.failure->response()->status == 429);
}

BOOST_AUTO_TEST_CASE(what_is_accepted_after_a_failed_write_does_not_open) {
  lone_client client;
  client.session->fail_write(std::make_error_code(std::errc::broken_pipe));
  client.receive(client.accepting());
  BOOST_TEST((client.session->state() == ready_state::closed));
  BOOST_TEST((client.failure && client.failure->code() == errc::write_failed));
}

BOOST_AUTO_TEST_CASE(a_refusal_in_chunks_may_come_in_any_pieces) {
  const std::string answer = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n4\r\n you\r\n0\r\n\r\n";
  for (std::size_t size = 1; size < answer.size(); ++size) {
    lone_client client;
    for (std::size_t i = 0; i < answer.size(); i += size)
      client.receive(answer.substr(i, size));
    BOOST_REQUIRE(client.failure.has_value());
    BOOST_REQUIRE(client.failure->response());
    BOOST_TEST(client.failure->response()->body == "not you");
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_that_announces_more_than_the_limit_is_told_with_its_beginning) {
  lone_client client;
  client.receive("HTTP/1.1 403 Forbidden\r\nContent-Length: 99999999999999\r\n\r\n");
  for (std::size_t i = 0; i < websocket::response_reader::max_body; i += 1024) {
    BOOST_TEST(client.log.empty());
    client.receive(std::string(1024, 'x'));
  }
  BOOST_REQUIRE(client.failure.has_value());
  BOOST_REQUIRE(client.failure->response());
  BOOST_TEST(client.failure->response()->body.size() == websocket::response_reader::max_body);
}

BOOST_AUTO_TEST_CASE(an_answer_that_does_not_fit_is_no_connection) {
  check_bad_answer("Upgrade: websocket", "Upgrade: soap");
  check_bad_answer("Upgrade: websocket\r\n", "");
  check_bad_answer("Connection: Upgrade", "Connection: close");
  check_bad_answer("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x");
  check_bad_answer("Sec-WebSocket-Accept: ", "X: ");
  check_bad_answer("\r\n\r\n", "\r\nSec-WebSocket-Accept: twice\r\n\r\n");
  check_bad_answer("\r\n\r\n", "\r\nSec-WebSocket-Protocol: uninvited\r\n\r\n");
  check_bad_answer("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
  check_bad_answer("HTTP/1.1", "HTTP/1.0");
  check_bad_answer("HTTP/1.1", "SSH-2.0");
  check_bad_answer("Connection", "Con nection");
}

BOOST_AUTO_TEST_CASE(a_header_section_without_end_is_given_up) {
  lone_client client;
  client.receive("HTTP/1.1 101 Switching Protocols\r\n");
  for (int i = 0; i < 20 && client.log.empty(); ++i)
    client.receive("X: " + std::string(1000, 'x') + "\r\n");
  check_failed(client, errc::protocol_violation, {"failed: the peer broke the WebSocket protocol", "ended 1006: "});
}

BOOST_AUTO_TEST_CASE(a_server_that_goes_without_an_answer_is_lost) {
  for (const auto& [reason, code] : {std::pair{std::error_code{}, errc::connection_lost},
                                     {std::make_error_code(std::errc::connection_reset), errc::read_failed}}) {
    lone_client client;
    client.receive("HTTP/1.1 101 Swit");
    client.session->receive_end(reason);
    check_failed(client, code, {"failed: " + make_error_code(code).message(), "ended 1006: "});
  }
}

BOOST_AUTO_TEST_CASE(nothing_can_be_sent_before_it_is_open) {
  lone_client client;
  BOOST_TEST((client.session->send("x"sv) == send_status::closed));
  BOOST_TEST((client.session->send_control(websocket::opcode::ping, {}) == send_status::closed));
  client.session->close(close_code::normal, {});
  BOOST_TEST(client.written() == "");
  client.receive(client.accepting());
  BOOST_TEST((client.session->state() == ready_state::open));
}

BOOST_AUTO_TEST_CASE(aborting_while_it_waits_for_the_answer_ends_it) {
  lone_client client;
  client.session->abort();
  const lines expected{"ended 1006: "};
  BOOST_TEST(client.log == expected, boost::test_tools::per_element());
  client.receive(client.accepting());
  BOOST_TEST(client.log.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_done_when_it_opens_comes_before_what_the_server_sent) {
  lone_client client;
  client.in_response = [&] {
    client.session->send("hello"sv);
    client.session->close(close_code::normal, "enough");
  };
  client.receive(client.accepting() + from_server(test::opcode::text, "late"));
  auto bytes = client.written();
  BOOST_TEST(take_masked(bytes).payload == "hello");
  BOOST_TEST(take_masked(bytes).opcode == test::opcode::close);
  const lines expected{"response 101"};
  BOOST_TEST(client.log == expected, boost::test_tools::per_element());
}

// Frames on the wire

BOOST_AUTO_TEST_CASE(every_frame_is_masked) {
  open_client client;
  client.session->send("text"sv);
  auto frame = only_masked(client);
  BOOST_TEST(frame.payload == "text");
  BOOST_TEST(frame.opcode == test::opcode::text);
  client.session->send(harpia::message_view{as_bytes("bytes")});
  BOOST_TEST(only_masked(client).opcode == test::opcode::binary);
  client.session->send(websocket::make_frame("shared"sv));
  BOOST_TEST(only_masked(client).payload == "shared");
  client.session->send_control(websocket::opcode::ping, "p");
  frame = only_masked(client);
  BOOST_TEST(frame.opcode == test::opcode::ping);
  BOOST_TEST(frame.payload == "p");
  client.session->send_control(websocket::opcode::pong, "q");
  BOOST_TEST(only_masked(client).opcode == test::opcode::pong);
  client.receive(from_server(test::opcode::ping, "answer me"));
  frame = only_masked(client);
  BOOST_TEST(frame.opcode == test::opcode::pong);
  BOOST_TEST(frame.payload == "answer me");
  client.session->close(close_code::normal, "bye");
  frame = only_masked(client);
  BOOST_TEST(frame.opcode == test::opcode::close);
  BOOST_TEST(frame.payload == test::encode_close(1000, "bye"));
}

BOOST_AUTO_TEST_CASE(each_frame_has_a_mask_of_its_own) {
  open_client client;
  client.session->send("same"sv);
  const auto first = client.written();
  client.session->send("same"sv);
  BOOST_TEST(client.written() != first);
}

BOOST_AUTO_TEST_CASE(a_message_of_any_size_is_one_frame) {
  for (const std::size_t size : {0u, 125u, 126u, 65535u, 65536u, 300'000u}) {
    open_client client;
    const std::string payload(size, 'x');
    client.session->send(std::string_view{payload});
    const auto frame = only_masked(client);
    BOOST_TEST(frame.fin);
    BOOST_TEST((frame.payload == payload), size);
  }
}

BOOST_AUTO_TEST_CASE(a_masked_frame_from_the_server_breaks_the_protocol) {
  open_client client;
  client.receive(test::encode_frame({.payload = "x"}));
  BOOST_TEST(client.log.front() == "failed: the peer broke the WebSocket protocol");
  BOOST_TEST(client.log.back() == "ended 1002: ");
  BOOST_TEST(test::decode_close(only_masked(client)).first == 1002);
}

// Conversations with a server's session

BOOST_AUTO_TEST_CASE(text_and_binary_go_both_ways_in_order) {
  pair both;
  both.client.session->send("caf\xc3\xa9"sv);
  both.client.session->send(harpia::message_view{as_bytes("\0\xff"sv)});
  both.client.session->send(""sv);
  both.server.session->send("one"sv);
  both.server.session->send(harpia::message_view{as_bytes("two")});
  both.exchange();
  const lines up{"text: caf\xc3\xa9", "binary: \0\xff"s, "text: "};
  const lines down{"text: one", "binary: two"};
  BOOST_TEST(both.server.log == up, boost::test_tools::per_element());
  BOOST_TEST(both.client.log == down, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pings_are_answered_on_both_sides) {
  pair both;
  both.client.session->send_control(websocket::opcode::ping, "up");
  both.server.session->send_control(websocket::opcode::ping, "down");
  both.exchange();
  const lines up{"ping: up", "pong: down"};
  const lines down{"ping: down", "pong: up"};
  BOOST_TEST(both.server.log == up, boost::test_tools::per_element());
  BOOST_TEST(both.client.log == down, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(either_side_may_close) {
  for (const bool client_closes : {true, false}) {
    pair both;
    auto& closing = client_closes ? both.client : both.server;
    closing.session->send("last"sv);
    closing.session->close(close_code{4001}, "as you wish");
    both.exchange();
    BOOST_TEST(both.client.log.back() == "ended 4001: as you wish");
    BOOST_TEST(both.server.log.back() == "ended 4001: as you wish");
    BOOST_TEST((client_closes ? both.server : both.client).log.front() == "text: last");
    BOOST_TEST((both.client.session->state() == ready_state::closed));
    BOOST_TEST((both.client.session->send("more"sv) == send_status::closed));
  }
}

BOOST_AUTO_TEST_CASE(closing_at_the_same_time_ends_both) {
  pair both;
  both.client.session->close(close_code::normal, {});
  both.server.session->close(close_code::going_away, {});
  both.exchange();
  BOOST_TEST(both.client.log.back() == "ended 1000: ");
  BOOST_TEST(both.server.log.back() == "ended 1001: ");
}

BOOST_AUTO_TEST_CASE(a_server_that_vanishes_is_a_failure) {
  open_client client;
  client.session->receive_end({});
  check_failed(client, errc::connection_lost, {"failed: the peer vanished without a close frame", "ended 1006: "});
}

BOOST_AUTO_TEST_CASE(large_and_fragmented_messages_are_put_together) {
  open_client client;
  const std::string large(3 << 20, 'x');
  const auto bytes = from_server(test::opcode::binary, large) + from_server(test::opcode::text, "one ", false)
                     + from_server(test::opcode::ping, "") + from_server(test::opcode::continuation, "two ", false)
                     + from_server(test::opcode::continuation, "three");
  for (std::size_t i = 0; i < bytes.size(); i += 70'001)
    client.receive(std::string_view{bytes}.substr(i, 70'001));
  BOOST_REQUIRE(client.log.size() == 3u);
  BOOST_TEST((client.log[0] == "binary: " + large));
  BOOST_TEST(client.log[1] == "ping: ");
  BOOST_TEST(client.log[2] == "text: one two three");
}

BOOST_AUTO_TEST_CASE(while_it_is_paused_it_delivers_nothing) {
  open_client client;
  client.session->pause();
  client.receive(from_server(test::opcode::text, "a") + from_server(test::opcode::text, "b"));
  BOOST_TEST(client.log.empty());
  client.session->resume();
  const lines expected{"text: a", "text: b"};
  BOOST_TEST(client.log == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
