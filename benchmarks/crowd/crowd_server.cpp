// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// One of the servers that share a port in the crowd benchmark. Whoever connects to /crowd joins one group and says nothing more.
//
// Usage: crowd_server NUMBER PORT, where PORT 0 picks one. It does what its standard input says, and ends with that:
//
//   in                 out
//                      listening PORT
//   connections        connections COUNT
//   publish ROUND      published ROUND MEMBERS TIME    TIME as in crowd_message.hpp, from before the message was encoded
#include "crowd_message.hpp"

#include <harpia/harpia.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: crowd_server NUMBER PORT\n";
    return 2;
  }
  const std::string number = argv[1];
  try {
    // On a machine that is busy with both ends, a client may be slow to send its request.
    harpia::app app{{.handshake_timeout = std::chrono::minutes{1}}};
    app.ws("/crowd",
           {
               .upgrade = [&](auto& request) { request.set_header(crowd::server_field, number); },
               .open = [](auto& ws) { ws.subscribe("crowd"); },
           },
           // A crowd at rest: pings would be measured with the memory.
           {.idle_timeout = std::chrono::seconds{0}});
    app.start({.port = static_cast<std::uint16_t>(std::strtoul(argv[2], nullptr, 10)),
               .hostname = "127.0.0.1",
               .reuse_port = harpia::reuse_port::yes,
               .threads = 1});
    std::cout << "listening " << app.port() << std::endl;

    const auto everybody = app.group("crowd");
    std::string command;
    while (std::cin >> command) {
      if (command == "connections") {
        std::cout << "connections " << app.connections() << std::endl;
      } else if (std::uint32_t round = 0; command == "publish" && std::cin >> round) {
        const auto members = everybody.size();
        const auto began = crowd::now();
        everybody.publish(std::string_view{crowd::encode(round)});
        std::cout << "published " << round << ' ' << members << ' ' << began << std::endl;
      } else {
        std::cerr << "crowd_server: what is '" << command << "'?\n";
        return 2;
      }
    }
    app.stop();
    app.wait();
  } catch (const std::exception& failure) {
    std::cerr << "crowd_server: " << failure.what() << '\n';
    return 1;
  }
}
