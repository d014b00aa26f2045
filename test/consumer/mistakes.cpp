// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Each line with a mistake ends with the sentence that the compiler must give for it, and no error must come beside them.
#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>
#include <harpia/json.hpp>

#include <string>
#include <string_view>

using harpia::message_view;

namespace {

struct player {
  std::string name;
};
struct move {
  int column = 0;
};
struct codec_of_moves {
  using message_type = move;
  static constexpr auto kind = harpia::message_kind::text;
  [[nodiscard]] harpia::decoded<move> decode(message_view) const { return move{}; }
  [[nodiscard]] std::string encode(const move&) const { return {}; }
};
constexpr codec_of_moves moves{};

} // namespace

// clang-format off

void handlers_of_a_route(harpia::app& app) {
  harpia::handlers<player> wrong{
      .upgrade = [] {},                            // the handler 'upgrade' must be callable as upgrade(auto& request)
      .open = [](player&) {},                      // the handler 'open' must be callable as open(auto& ws)
      .message = [](auto&, std::string) {},        // the handler 'message' must be callable as message(auto& ws, harpia::message_view message)
      .message_part = [](auto&, message_view) {},  // the handler 'message_part' must be callable as message_part(auto& ws, harpia::message_view part, harpia::last_part last)
      .call = [](auto&, message_view) {},          // the handler 'call' must be callable as call(auto& ws, harpia::message_view request, harpia::reply answer)
      .close = [](auto&, int, std::string) {},     // the handler 'close' must be callable as close(auto& ws, harpia::close_code code, std::string_view reason)
      .drain = [](auto&, int) {},                  // the handler 'drain' must be callable as drain(auto& ws)
      .dropped = [](auto&) {},                     // the handler 'dropped' must be callable as dropped(auto& ws, std::size_t count, std::size_t bytes)
      .error = [](auto&, std::string) {},          // the handler 'error' must be callable as error(auto& ws, const harpia::error& what)
      .ping = [](auto&) {},                        // the handler 'ping' must be callable as ping(auto& ws, std::string_view payload)
      .pong = [](auto&) {},                        // the handler 'pong' must be callable as pong(auto& ws, std::string_view payload)
  };
  app.ws("/moves", moves, {.message = [](auto&, message_view) {}});  // the handler 'message' must be callable as message(auto& ws, const M& message), where M is the message_type of the route's codec
  app.ws("/parts", moves, {.message_part = [](auto&) {}});           // a route with a codec cannot have the handler 'message_part'
  app.ws<player>("/other", harpia::handlers<move>{});                // these handlers are for another type of data or of messages than the route
  app.ws<player>("/options", harpia::route_options{});               // the handlers of a route come before its options
  app.ws("/times", {}, {.idle_timeout = 30});                        // an option that is a time needs a unit: 30s or 500ms, with 'using namespace std::chrono_literals'
  app.ws("/words", {}, {.max_payload = "1 MiB"});                    // this option cannot have a value of this type
}

void behaviours(harpia::app& app) {
  app.ws<player>("/data", [](harpia::connection<move>*) -> caf::behavior { return {}; });            // a behaviour must be callable as behaviour(harpia::connection<Data>* self), where Data is that of the route, and return a caf::behavior
  app.ws("/moves", moves, [](harpia::connection<harpia::no_data>*) -> caf::behavior { return {}; }); // for a behaviour, the codec's message_type needs an 'inspect' function or CAF_ALLOW_UNSAFE_MESSAGE_TYPE
  harpia::connect(app, "ws://[::1]/", [](int) {});                                                   // a behaviour must be callable as behaviour(harpia::connection<Data>* self), where Data is that of the route, and return a caf::behavior
}

 harpia::task apart(int) { co_return; } // a handler that is a coroutine must take the socket by reference: (auto& ws)

void coroutines(harpia::app& app, harpia::socket<player>& ws) {
  app.ws("/view", {.message = [](auto& ws, message_view) -> harpia::task { co_await ws.drained(); }}); // a handler that is a coroutine must take harpia::message in place of harpia::message_view, and values in place of references to const
  app.ws("/typed", moves, {.message = [](auto& ws, const move&) -> harpia::task { co_await ws.drained(); }}); // a handler that is a coroutine must take harpia::message in place of harpia::message_view, and values in place of references to const
  app.ws("/error", {.error = [](auto& ws, harpia::error) -> harpia::task { co_await ws.drained(); }}); // only the handlers 'open', 'message', 'message_part', 'call', 'drain' and 'dropped', and functions for 'post', can be coroutines
  app.ws("/int", {.coroutine = [](int) -> harpia::task { co_return; }});                               // 'coroutine' must be callable as coroutine(auto& ws) and return harpia::task
  app.ws("/void", {.coroutine = [](auto&) {}});                                                        // 'coroutine' must be callable as coroutine(auto& ws) and return harpia::task
  app.ws("/codec", moves, {.coroutine = [](auto&) -> harpia::task { co_return; }});                    // a route with a codec cannot have a 'coroutine': without it, co_await ws.receive(codec) decodes
  ws.after(std::chrono::seconds{1}, [&ws]() -> harpia::task { co_await ws.drained(); });               // only the handlers 'open', 'message', 'message_part', 'call', 'drain' and 'dropped', and functions for 'post', can be coroutines
}

void layers(harpia::app& app) {
  app.use({
      .upgrade = [](int) {},                             // the layer's 'upgrade' must be callable as upgrade(harpia::upgrade_base& request)
      .http = [](int) {},                                // the layer's 'http' must be callable as http(harpia::page_request& request)
      .open = [](harpia::socket<player>&) {},            // the layer's 'open' must be callable as open(harpia::socket_base& ws)
      .message = [](auto&, message_view) {},             // the layer's 'message' must be callable as message(harpia::socket_base& ws, harpia::message_view message, const harpia::next_handler& next)
      .message_part = [](auto&, message_view) {},        // the layer's 'message_part' must be callable as message_part(harpia::socket_base& ws, harpia::message_view part, harpia::last_part last, const harpia::next_part_handler& next)
      .send = [](auto&, message_view, const auto&) {},   // the layer's 'send' must be callable as send(harpia::socket_base& ws, harpia::message_view message, const harpia::next_sender& next) and return a harpia::send_status
      .close = [](auto&) {},                             // the layer's 'close' must be callable as close(harpia::socket_base& ws, harpia::close_code code, std::string_view reason)
  });
}

void functions_told_later(harpia::socket<player>& ws) {
  const harpia::engine_options engine{
      .on_state = [](int, int) {},                       // 'on_state' must be callable as on_state(harpia::engine_state state)
      .on_reset = [](int) {},                            // 'on_reset' must be callable as on_reset(std::string_view group, harpia::reset_reason reason)
  };
  ws.send("x", {.on_outcome = [](int, int) {}});         // 'on_outcome' must be callable as on_outcome(harpia::delivery_outcome outcome)
  ws.publish("x", "y", {.on_receipt = [](int) {}});      // 'on_receipt' must be callable as on_receipt(const harpia::receipt& sum)
  ws.call("x", std::chrono::seconds{1})
      .then([](int) {},                                  // the function for a reply must be callable as on_reply(harpia::message_view reply)
            [](int) {});                                 // the function for a call's failure must be callable as on_error(const harpia::call_error& why)
}
