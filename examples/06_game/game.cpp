// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "game.hpp"

#include "lobby.hpp"
#include "match.hpp"
#include "messages.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>

#include <caf/all.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace game {

namespace {

using namespace std::chrono_literals;
using player = harpia::socket<place>; // which is without a match until there is an opponent

void sit_down(player& ws, const place& where) {
  ws.data = where;
  ws.send(harpia::json<seated>, {.match = where.id, .mark = std::string(1, static_cast<char>(where.who)), .seat = where.seat});
  ws.subscribe(audience_of(where.id)); // which makes the match tell everyone how things stand
}

void play(player& ws, int cell) {
  if (!ws.data.match) {
    ws.send(harpia::json<problem>, {.text = "there is no opponent yet"});
    return;
  }
  const auto refuse = [&ws](std::string why) { ws.send(harpia::json<problem>, {.text = std::move(why)}); };
  ws.self()
      .request(ws.data.match, 5s, attempt{ws.data.who, cell})
      .then(
          [refuse](const std::string& why) {
            if (!why.empty())
              refuse(why);
          },
          [refuse](const caf::error&) { refuse("the match is over"); });
}

const harpia::route_options limits{
    .max_payload = 4 << 10,
    .on_limit = harpia::on_limit::close, // rather than miss a move, a slow page connects anew
    .idle_timeout = 20s,                 // finds those out who are gone without a word
};

} // namespace

void add_routes(harpia::app& app, const caf::actor& lobby) {
  // clang-format off
  app.ws<place>("/play", harpia::json<move>, {
    .open = [lobby](auto& ws) {
      const auto seat = ws.request().query("seat").value_or("");
      if (seat.empty())
        ws.send(harpia::json<waiting>, {});
      ws.self().request(lobby, caf::infinite, arrival{ws.handle(), seat}).then(
        [&ws](const place& where) { sit_down(ws, where); },
        [&ws](const caf::error&) { ws.close(harpia::close_code::policy_violation, "the match is over"); });
    },
    .message = [](auto& ws, const move& wanted) { play(ws, wanted.cell); },
  }, limits);

  app.ws("/watch/:match", {
    .open = [lobby](auto& ws) {
      ws.self().request(lobby, 5s, find_atom::value, std::string{ws.request().param("match")}).then(
        [&ws](const std::string& audience) { ws.subscribe(audience); },
        [&ws](const caf::error&) { ws.close(harpia::close_code::policy_violation, "there is no such match"); });
    },
  }, limits);
  // clang-format on
}

} // namespace game
