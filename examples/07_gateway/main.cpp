// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A gateway: every client of this server gets a connection of its own to another server, and both ends are actors that pass messages,
// close codes and back-pressure on. "/tea?name=Ann" becomes "/tea?name=Ann" there.
#include "command_line.hpp"
#include "gateway.hpp"

#include <string>

int main(int argc, char** argv) {
  std::string url = "ws://127.0.0.1:3000";
  const auto listen = examples::parse_command_line(argc, argv, {{"to", {true, [&](auto value) { url = value; }}}});
  harpia::app app;
  gateway::add_routes(app, url);
  return examples::serve(app, listen);
}
