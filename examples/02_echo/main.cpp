// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Sends every message back as it came, text as text and binary as binary.
#include "command_line.hpp"

#include <harpia/harpia.hpp>

int main(int argc, char** argv) {
  harpia::route_options route;
  std::string unix_path;
  harpia::tls_options tls;
  auto listen = examples::parse_command_line(
      argc, argv,
      {
          {"compress", {false, [&](auto) { route.compression = harpia::compression::enabled; }}},
          {"context-takeover",
           {false,
            [&](auto) {
              route.deflate.server_context_takeover = harpia::context_takeover::enabled;
              route.deflate.client_context_takeover = harpia::context_takeover::enabled;
            }}},
          {"max-payload",
           {true, [&](auto text) { route.max_payload = examples::parse_number<std::size_t>("max-payload", text); }}},
          {"tls",
           {true, [&](auto cert) { tls = {.cert = std::string{cert}, .key = examples::second_value("tls", argc, argv)}; }}},
          {"unix", {true, [&](auto path) { unix_path = path; }}},
      });
  listen.unix = unix_path;
  listen.tls = tls;

  harpia::app app;
  // A client that is behind with reading is not read either, so nothing is dropped for it.
  app.ws("/echo",
         {
             .message =
                 [](auto& ws, harpia::message_view message) {
                   if (ws.send(message) == harpia::send_status::buffered)
                     ws.pause();
                 },
             .drain = [](auto& ws) { ws.resume(); },
         },
         route);
  // The path is the group: "/broadcast", or "/broadcast/" and any name.
  const harpia::handlers<harpia::no_data> to_all{
      .open = [](auto& ws) { ws.subscribe(ws.request().path()); },
      .message =
          [](auto& ws, harpia::message_view message) {
            ws.publish(ws.request().path(), message, {.audience = harpia::audience::everyone});
          },
  };
  app.ws("/broadcast", to_all, route);
  app.ws("/broadcast/:name", to_all, route);
  return examples::serve(app, listen);
}
