// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>

#include <chrono>
#include <future>
#include <iostream>
#include <string>

// A server and a client of it, as a first program might have them.
int main() {
  harpia::app app;
  app.ws("/echo", {.message = [](auto& ws, harpia::message_view message) { ws.send(message); }});
  app.start({.port = 0, .hostname = "127.0.0.1", .threads = 1});

  std::promise<std::string> answer;
  harpia::connect(app, "ws://127.0.0.1:" + std::to_string(app.port()) + "/echo",
                  {.open = [](auto& ws) { ws.send("hello"); },
                   .message =
                       [&answer](auto& ws, harpia::message_view message) {
                         answer.set_value(std::string{message.text()});
                         ws.close();
                       }});
  auto heard = answer.get_future();
  if (heard.wait_for(std::chrono::seconds{30}) != std::future_status::ready || heard.get() != "hello") {
    std::cerr << "the echo did not come back\n";
    return 1;
  }
  app.stop();
  app.wait();
  return 0;
}
