// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>

int main() {
  harpia::app app;
  app.ws("/echo", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  return 0;
}
