// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A server with calls in both directions, for clients that nobody here wrote.
#include "command_line.hpp"

#include <harpia/harpia.hpp>

#include <chrono>
#include <string>

int main(int argc, char** argv) {
  const auto listen = examples::parse_command_line(argc, argv);
  harpia::app app;
  app.ws("/",
         {
             // Asks the client what it was told to ask, and tells what came of it.
             .message =
                 [](auto& ws, harpia::message_view message) {
                   ws.call(message.text(), std::chrono::seconds{message.text() == "silence" ? 1 : 60})
                       .then([&ws](harpia::message_view reply) { ws.send("reply: " + std::string{reply.text()}); },
                             [&ws](const harpia::call_error& error) {
                               ws.send(std::string{to_string(error.why)} + ": " + error.text);
                             });
                 },
             .call =
                 [](auto&, harpia::message_view request, harpia::reply answer) {
                   if (request.text() == "refuse")
                     answer.refuse("as you wish");
                   else if (request.text() != "forget")
                     answer(request);
                 },
         },
         {.calls = harpia::calls::enabled});
  return examples::serve(app, listen);
}
