// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>

#include <vector>

int main() {
  harpia::app app;
  app.ws("/sum", harpia::json<std::vector<int>>,
         {.message = [](auto& ws, const auto& numbers) { ws.send(harpia::json<std::vector<int>>, numbers); }});
  return harpia::json<std::vector<int>>.encode({1, 2}) == "[1,2]" ? 0 : 1;
}
