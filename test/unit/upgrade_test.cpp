// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/upgrade.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace websocket = harpia::websocket;

namespace {

using fields = std::vector<harpia::request::field>;

const fields valid = {{"Host", "localhost"},
                      {"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"Sec-WebSocket-Version", "13"}};

fields without(std::string_view name) {
  auto rest = valid;
  std::erase_if(rest, [&](const auto& field) { return field.first == name; });
  return rest;
}

fields with(std::string_view name, std::string_view value) {
  auto changed = without(name);
  changed.emplace_back(name, value);
  return changed;
}

fields plus(fields some, std::string_view name, std::string_view value) {
  some.emplace_back(name, value);
  return some;
}

/// The status of the refusal; 101 without one.
int status(const fields& all, std::string_view method = "GET") {
  const auto refusal = websocket::check_upgrade({method, "/", all});
  return refusal ? refusal->status : 101;
}

std::string field_of(const harpia::http_response& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, [](const auto& field) { return std::string_view{field.first}; });
  return found == response.headers.end() ? "(none)" : found->second;
}

std::string chosen(std::string_view offer, const std::vector<std::string>& spoken) {
  return std::string{websocket::choose_subprotocol({"GET", "/", {{"Sec-WebSocket-Protocol", offer}}}, spoken)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(upgrade)

BOOST_AUTO_TEST_CASE(the_handshake_of_the_rfc_is_accepted) {
  BOOST_TEST(status(valid) == 101);
}

// Asking for it

BOOST_AUTO_TEST_CASE(a_request_asks_for_websocket_by_its_upgrade_field_alone) {
  const auto asks = [](const fields& all) { return websocket::asks_for_websocket({"GET", "/", all}); };
  BOOST_TEST(asks({{"Upgrade", "websocket"}}));
  BOOST_TEST(asks({{"upgrade", "WebSocket"}}));
  BOOST_TEST(asks({{"Upgrade", "h2c, websocket"}}));
  BOOST_TEST(asks({{"Upgrade", "h2c"}, {"Upgrade", "websocket"}}));
  BOOST_TEST(!asks({}));
  BOOST_TEST(!asks({{"Upgrade", ""}}));
  BOOST_TEST(!asks({{"Upgrade", "h2c"}}));
  BOOST_TEST(!asks({{"Upgrade", "websockets"}}));
  BOOST_TEST(!asks({{"Connection", "websocket"}}));
}

// Method

BOOST_AUTO_TEST_CASE(any_method_but_get_is_405_and_told_what_is_allowed) {
  for (const auto* method : {"POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "get"})
    BOOST_TEST(status(valid, method) == 405, method);
  const auto refusal = websocket::method_not_allowed({"POST", "/", {}});
  BOOST_TEST(refusal.status == 405);
  BOOST_TEST(field_of(refusal, "Allow") == "GET, HEAD");
  BOOST_TEST(refusal.body.find("POST") != std::string::npos);
}

// Body

BOOST_AUTO_TEST_CASE(an_upgrade_that_announces_a_body_is_400) {
  for (const auto* length : {"1", "14", "010", "18446744073709551616", "x"})
    BOOST_TEST(status(plus(valid, "Content-Length", length)) == 400, length);
  for (const auto* coding : {"chunked", "identity", "gzip, chunked", ""})
    BOOST_TEST(status(plus(valid, "transfer-encoding", coding)) == 400, coding);
  BOOST_TEST(status(plus(valid, "Content-Length", "0")) == 101);
}

// Upgrade and Connection

BOOST_AUTO_TEST_CASE(without_an_upgrade_field_it_is_426_and_told_what_to_upgrade_to) {
  BOOST_TEST(status(without("Upgrade")) == 426);
  BOOST_TEST(status(with("Upgrade", "h2c")) == 426);
  const auto refusal = websocket::upgrade_required();
  BOOST_TEST(refusal.status == 426);
  BOOST_TEST(field_of(refusal, "Upgrade") == "websocket");
  BOOST_TEST(field_of(refusal, "Connection") == "Upgrade, close");
}

BOOST_AUTO_TEST_CASE(the_connection_field_must_name_upgrade) {
  BOOST_TEST(status(without("Connection")) == 400);
  BOOST_TEST(status(with("Connection", "keep-alive")) == 400);
  BOOST_TEST(status(with("Connection", "Upgraded")) == 400);
}

BOOST_AUTO_TEST_CASE(tokens_may_be_in_lists_in_any_case_and_in_several_fields) {
  for (const auto* connection : {"upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade,keep-alive", " , Upgrade ,"})
    BOOST_TEST(status(with("Connection", connection)) == 101, connection);
  BOOST_TEST(status(plus(with("Connection", "keep-alive"), "Connection", "Upgrade")) == 101);
  BOOST_TEST(status(with("Upgrade", "WEBSOCKET")) == 101);
  BOOST_TEST(status(plus(with("Upgrade", "h2c"), "Upgrade", "websocket")) == 101);
}

BOOST_AUTO_TEST_CASE(field_names_may_be_in_any_case) {
  fields lower;
  std::vector<std::string> names(valid.size());
  for (std::size_t i = 0; i < valid.size(); ++i) {
    names[i] = valid[i].first;
    std::ranges::transform(names[i], names[i].begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    lower.emplace_back(names[i], valid[i].second);
  }
  BOOST_TEST(status(lower) == 101);
}

// Host

BOOST_AUTO_TEST_CASE(a_host_field_is_needed_but_may_be_empty) {
  BOOST_TEST(status(without("Host")) == 400);
  BOOST_TEST(status(with("Host", "")) == 101);
}

// Version

BOOST_AUTO_TEST_CASE(any_version_but_13_is_426_and_told_which_is_spoken) {
  for (const auto* version : {"8", "12", "14", "013", "13.0", "+13", "", "13, 8", "8, 13"}) {
    const auto refusal = websocket::check_upgrade({"GET", "/", with("Sec-WebSocket-Version", version)});
    BOOST_REQUIRE(refusal.has_value());
    BOOST_TEST(refusal->status == 426, version);
    BOOST_TEST(field_of(*refusal, "Sec-WebSocket-Version") == "13");
    BOOST_TEST(field_of(*refusal, "Upgrade") == "websocket");
  }
  BOOST_TEST(status(without("Sec-WebSocket-Version")) == 426);
  BOOST_TEST(status(plus(valid, "Sec-WebSocket-Version", "13")) == 426);
}

// Key

BOOST_AUTO_TEST_CASE(the_key_is_16_bytes_in_base64) {
  const auto key = [](std::string_view value) { return status(with("Sec-WebSocket-Key", value)); };
  BOOST_TEST(key("AAAAAAAAAAAAAAAAAAAAAA==") == 101);
  BOOST_TEST(key("zZ09+/+/+/+/+/+/+/+/+A==") == 101);
  BOOST_TEST(key("") == 400);
  BOOST_TEST(key("AAAAAAAAAAAAAAAAAAAAA==") == 400);   // 15 bytes and a bit
  BOOST_TEST(key("AAAAAAAAAAAAAAAAAAAAAAA==") == 400); // too long
  BOOST_TEST(key("AAAAAAAAAAAAAAAAAAAAAAA=") == 400);  // 17 bytes
  BOOST_TEST(key("AAAAAAAAAAAAAAAAAAAAAAAA") == 400);  // 18 bytes
  BOOST_TEST(key("AAAAAAAAAAAAAAAAAAAAA===") == 400);
  BOOST_TEST(key("AAAAAAAAAAA AAAAAAAAAA==") == 400);
  BOOST_TEST(key("AAAAAAAAAAAAAAAAAAAA-_==") == 400); // of the other alphabet
  BOOST_TEST(key("AAAAAAAAAAAAAAAAAAAA\xc3\xa9==") == 400);
}

BOOST_AUTO_TEST_CASE(the_key_is_there_exactly_once) {
  BOOST_TEST(status(without("Sec-WebSocket-Key")) == 400);
  BOOST_TEST(status(plus(valid, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")) == 400);
}

BOOST_AUTO_TEST_CASE(refusals_say_in_their_body_what_was_wrong) {
  const auto body = [](const fields& all) { return websocket::check_upgrade({"GET", "/", all}).value().body; };
  BOOST_TEST(body(without("Connection")).find("Connection") != std::string::npos);
  BOOST_TEST(body(without("Host")).find("Host") != std::string::npos);
  BOOST_TEST(body(without("Sec-WebSocket-Key")).find("Sec-WebSocket-Key") != std::string::npos);
  BOOST_TEST(body(with("Sec-WebSocket-Version", "8")).find("13") != std::string::npos);
}

// Subprotocols

BOOST_AUTO_TEST_CASE(offered_subprotocols_keep_the_clients_order) {
  const harpia::request asked{
      "GET", "/", {{"Sec-WebSocket-Protocol", "chat, superchat"}, {"sec-websocket-protocol", ",\t v2.chat ,,"}, {"A", "b"}}};
  const auto offered = websocket::offered_subprotocols(asked);
  const std::vector<std::string_view> expected{"chat", "superchat", "v2.chat"};
  BOOST_TEST(offered == expected, boost::test_tools::per_element());
  BOOST_TEST(websocket::offered_subprotocols({"GET", "/", {}}).empty());
  BOOST_TEST(websocket::offered_subprotocols({"GET", "/", {{"Sec-WebSocket-Protocol", " ,\t, "}}}).empty());
}

BOOST_AUTO_TEST_CASE(the_first_spoken_subprotocol_that_is_offered_is_chosen) {
  BOOST_TEST(chosen("a, b", {"b", "a"}) == "b");
  BOOST_TEST(chosen("a, b", {"c", "a"}) == "a");
  BOOST_TEST(chosen("a, b", {"c"}) == "");
  BOOST_TEST(chosen("a, b", {}) == "");
  BOOST_TEST(chosen("", {"a"}) == "");
}

BOOST_AUTO_TEST_CASE(subprotocols_are_compared_with_case_and_as_a_whole) {
  BOOST_TEST(chosen("Chat", {"chat"}) == "");
  BOOST_TEST(chosen("chat2", {"chat"}) == "");
  BOOST_TEST(chosen("cha", {"chat"}) == "");
}

BOOST_AUTO_TEST_CASE(the_answer_to_an_opening_handshake_is_a_101_with_the_fields_it_is_given) {
  const websocket::accept_digest digest;
  const harpia::request asked{"GET", "/", valid};
  BOOST_TEST(websocket::accept_upgrade(asked, {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X", ""}}, digest)
             == "HTTP/1.1 101 Switching Protocols\r\n"
                "Upgrade: websocket\r\n"
                "Connection: upgrade\r\n"
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                "Set-Cookie: a=1\r\n"
                "Set-Cookie: b=2\r\n"
                "X: \r\n"
                "Server: harpia\r\n"
                "\r\n");
  const auto named = websocket::accept_upgrade(asked, {{"server", "mine"}}, digest);
  BOOST_TEST(named.find("server: mine\r\n") != std::string::npos);
  BOOST_TEST(named.find("harpia") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_field_is_left_out_of_the_answer) {
  const auto answer = websocket::accept_upgrade(
      {"GET", "/", valid}, {{"X", "a\r\nSet-Cookie: stolen"}, {"Y\r\nZ", "b"}, {"", "c"}, {"W", std::string{"\0", 1}}},
      websocket::accept_digest{});
  BOOST_TEST(answer == websocket::accept_upgrade({"GET", "/", valid}, {}, websocket::accept_digest{}));
}

BOOST_AUTO_TEST_SUITE_END()
