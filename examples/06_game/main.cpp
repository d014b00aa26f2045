// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Noughts and crosses, and its web page. A lobby brings players together; each match is an actor that supervises their connections.
#include "command_line.hpp"
#include "game.hpp"
#include "lobby.hpp"
#include "page_folder.hpp"

#include <caf/all.hpp>

int main(int argc, char** argv) {
  const auto listen = examples::parse_command_line(argc, argv);

  caf::actor_system_config config;
  caf::actor_system system{config}; // outlives the app that borrows it
  harpia::app app{system};
  const auto lobby = system.spawn<game::lobby>(&app);
  game::add_routes(app, lobby);
  app.serve_files("/", examples::page_folder());
  const int status = examples::serve(app, listen);

  caf::anon_send_exit(lobby, caf::exit_reason::user_shutdown);
  system.await_all_actors_done(); // they use the app; matches end with their groups
  return status;
}
