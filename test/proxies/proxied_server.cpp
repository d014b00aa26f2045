// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A server to be put behind a proxy, with one of everything that passes through it.
#include "command_line.hpp"

#include <harpia/harpia.hpp>

#include <optional>
#include <string>

int main(int argc, char** argv) {
  bool has_proxy_header = false;
  std::string folder;
  auto listen = examples::parse_command_line(
      argc, argv,
      {
          {"proxy-protocol", {false, [&](auto) { has_proxy_header = true; }}},
          {"files", {true, [&](auto path) { folder = path; }}},
      });
  listen.threads = 1;
  listen.trusted_proxies = {"127.0.0.1"};
  if (has_proxy_header)
    listen.proxy_protocol = harpia::proxy_protocol::required;

  harpia::app app{{.route = {.origins = {harpia::same_origin}}}};
  app.get("/health", [](const harpia::request&) { return harpia::http_response{.body = "ok"}; });
  app.get("/who",
          [](const harpia::request& asked) { return harpia::http_response{.body = std::string{asked.remote_address()}}; });
  app.post("/echo", [](const harpia::request& asked) { return harpia::http_response{.body = std::string{asked.body()}}; },
           {.max_body = 1 << 20});
  // An event at once, and another when somebody asks for /next.
  std::optional<harpia::http_stream> events; // of the app's only thread
  app.get("/events", [&](const harpia::request&, harpia::http_reply reply) {
    events = reply.stream({.content_type = "text/event-stream"});
    events->write(to_text(harpia::server_sent_event{.data = "first"}));
  });
  app.get("/next", [&](const harpia::request&) {
    if (events)
      events->write(to_text(harpia::server_sent_event{.data = "second"}));
    return harpia::http_response{};
  });
  app.ws("/ws", {.open = [](auto& ws) { ws.send(ws.remote_address()); },
                 .message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  app.serve_files("/files", folder);
  return examples::serve(app, listen);
}
