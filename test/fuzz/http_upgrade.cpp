// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/request_reader.hpp"
#include "support/timeless_session.hpp"
#include "websocket/session_context.hpp"
#include "websocket/upgrade.hpp"

#include "input.hpp"
#include "support/bytes.hpp"
#include "support/event_functions.hpp"
#include "support/written.hpp"

#include <array>
#include <string>

// A request that comes in pieces is the one that comes whole, with its body, no reader keeps more than its limit, and what passes for an
// opening handshake is answered as one.

using harpia::fuzz::require;
namespace http = harpia::http;
namespace test = harpia::test;
namespace websocket = harpia::websocket;
using state = http::request_reader::state;

namespace {

struct outcome {
  state reached = state::incomplete;
  int refusal = 0; // status
  std::string asked = {};
  std::string body = {};
  std::string rest = {};

  friend bool operator==(const outcome&, const outcome&) = default;
};

std::string description(const harpia::request& asked) {
  std::string text{asked.method()};
  text.append(" ").append(asked.target()).append("\n");
  for (const auto* name : {"Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Cookie", "a"})
    for (const auto value : asked.header_all(name))
      text.append(name).append(": ").append(value).append("\n");
  return text;
}

void check_handshake(const harpia::request& asked) {
  const auto refusal = websocket::check_upgrade(asked);
  require(!refusal || refusal->status == 400 || refusal->status == 405 || refusal->status == 426, "a refusal's status");
  const auto offered = websocket::offered_subprotocols(asked);
  for (const auto name : offered) // and nobody can offer a comma
    require(websocket::choose_subprotocol(asked, {"never, ever", std::string{name}}) == name, "what is offered can be chosen");
  if (refusal)
    return;

  struct nothing final : harpia::test::event_functions {
  } deaf;
  websocket::session_context shared;
  test::timeless_session session{shared, deaf, {.compression = harpia::compression::enabled}};
  session.accept(asked, {});
  const auto answer = session.written();
  require(answer.starts_with("HTTP/1.1 101 "), "a handshake is answered");
  require(answer.find("\r\n\r\n") == answer.size() - 4, "an answer has an end, and nothing behind it");
}

outcome read(std::string_view stream, std::size_t max_header, const harpia::fuzz::pieces& how) {
  constexpr std::size_t max_body = 100;
  http::request_reader reader{max_header};
  outcome result;
  std::size_t taken = 0;
  bool in_body = false;
  const auto unread = harpia::fuzz::cut(stream, how, [&](std::string_view piece) {
    result.reached = in_body ? reader.read_body(test::as_bytes(piece)) : reader.read(test::as_bytes(piece));
    taken += piece.size();
    if (in_body)
      return result.reached == state::incomplete;
    require(result.reached != state::incomplete || taken <= max_header, "no more than the limit is kept of an unfinished head");
    if (result.reached != state::complete)
      return result.reached == state::incomplete;
    require(taken - reader.rest().size() <= max_header, "a head keeps to the limit");
    const auto asked = reader.take_request("192.0.2.1");
    require(asked.remote_address() == "192.0.2.1", "a request has its address");
    require(asked.target().starts_with('/') || asked.target() == "*", "a target is a path or nothing");
    require(asked.header_all("Host").size() == 1 || reader.is_http_1_0(), "a request of HTTP/1.1 has one host");
    result.asked = description(asked);
    if (reader.is_persistent())
      result.asked += "persistent";
    if (!reader.has_body())
      check_handshake(asked);
    else
      require(websocket::check_upgrade(asked).has_value(), "an upgrade has no body");
    in_body = reader.has_body();
    if (in_body)
      result.reached = reader.begin_body(max_body);
    return result.reached == state::incomplete;
  });
  if (result.reached == state::failed)
    result.refusal = reader.refusal().status;
  if (result.reached != state::complete)
    return result;
  result.body = reader.take_body();
  require(result.body.size() <= max_body, "a body keeps to its limit");
  const auto rest = reader.rest();
  result.rest.assign(reinterpret_cast<const char*>(rest.data()), rest.size());
  result.rest += unread;
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::size_t, 4> limits{2048, 512, 128, 16};
  constexpr std::array<std::size_t, 4> pieces{1, 5, 40, 300};
  harpia::fuzz::input in{data, size};
  const unsigned choice = in.byte();
  const unsigned seed = in.byte();
  const auto stream = in.rest();
  if (stream.empty())
    return 0;
  const auto limit = limits[choice % 4];
  const auto whole = read(stream, limit, {0});
  const auto in_pieces = read(stream, limit, {pieces[choice / 4 % 4], seed});
  // Beast does not look at a head again until its end is there or the limit is reached: in pieces, what is malformed may be found out
  // later, and what has no end at the limit, one byte earlier.
  const bool hopeless = whole.reached == state::incomplete && stream.size() == limit;
  if (whole.reached == state::failed || (hopeless && in_pieces.refusal == 431))
    require(in_pieces.reached != state::complete, "what is refused whole is not taken in pieces");
  else
    require(in_pieces == whole, "pieces make no difference");
  return 0;
}
