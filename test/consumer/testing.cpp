// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>
#include <harpia/testing/world.hpp>

int main() {
  harpia::testing::world world;
  world.app().ws("/echo", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  auto client = world.connect("/echo");
  client.send("hello");
  return client.received() == "hello" ? 0 : 1;
}
