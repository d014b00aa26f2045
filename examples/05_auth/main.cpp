// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Two ways to ask an actor who somebody is: before the upgrade, and as the first phase of a conversation.
#include "auth.hpp"
#include "command_line.hpp"

#include <caf/all.hpp>

int main(int argc, char** argv) {
  const auto listen = examples::parse_command_line(argc, argv);

  caf::actor_system_config config;
  caf::actor_system system{config}; // outlives the app that borrows it
  harpia::app app{system};
  const auto directory = system.spawn(
      auth::directory, std::vector<auth::user>{
                           {"ann", "green apple", "token-of-ann"},
                           {"bob", "bicycle", "token-of-bob"},
                       });
  auth::add_routes(app, directory);
  const int status = examples::serve(app, listen);
  caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
  return status;
}
