// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Rooms as actors compose them: an actor per room watches the room's group and tells it how many are here; who says something
// gets a receipt. "/rooms/tea?name=Ann" enters the room "tea" as Ann; every message is said to the room.
#include "command_line.hpp"

#include <harpia/actors.hpp>
#include <harpia/harpia.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <caf/all.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace {

namespace json = boost::json;

using enter_atom = caf::atom_constant<caf::atom("enter")>;

/// Publishes the number of members whenever somebody comes or goes. Ends with the last member, or with the app.
caf::behavior presence(caf::event_based_actor* self, const harpia::group& room) {
  const auto watched = harpia::as_actor(room);
  if (!watched)
    return {}; // the app is stopping
  self->monitor(watched);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });

  const auto tell = [self, room] {
    if (room.size() == 0)
      self->quit();
    else
      room.publish(json::serialize(json::value{{"type", "here"}, {"count", room.size()}}));
  };
  self->request(watched, caf::infinite, harpia::watch_atom::value).then([tell](std::uint64_t) { tell(); });
  return {
      [tell](const harpia::event::joined&) { tell(); },
      [tell](const harpia::event::left&) { tell(); },
  };
}

/// Sees that each room with somebody in it has its presence actor.
struct reception_state {
  std::map<caf::actor_addr, std::string> rooms; // by presence actor
  std::set<std::string> attended;
};

caf::behavior reception(caf::stateful_actor<reception_state>* self, harpia::app* app) {
  const auto attend = [self, app](const std::string& name) {
    if (self->state.attended.insert(name).second)
      self->state.rooms.emplace(self->spawn<caf::monitored>(presence, app->group(name)).address(), name);
  };
  self->set_down_handler([self, app, attend](const caf::down_msg& ended) {
    auto room = self->state.rooms.extract(ended.source);
    self->state.attended.erase(room.mapped());
    if (app->group(room.mapped()).size() > 0 && !ended.reason)
      attend(room.mapped()); // somebody came just when it left
  });
  return {[attend](enter_atom, const std::string& name) { attend(name); }};
}

struct visitor {
  std::string name;
  std::string room;
};

void add_rooms(harpia::app& app, const caf::actor& reception) {
  // clang-format off
  app.ws<visitor>("/rooms/:room", {
    .upgrade = [](auto& request) {
      request.data.name = request.request().query("name").value_or("");
      request.data.room = request.request().param("room");
      boost::system::error_code no_utf8;
      json::parse(json::serialize(json::value(request.data.name)), no_utf8);
      if (request.data.name.empty() || no_utf8)
        request.reject(400, "a name is needed");
    },
    .open = [reception](auto& ws) {
      ws.subscribe(ws.data.room);
      ws.self().send(reception, enter_atom::value, ws.data.room);
    },
    .message = [](auto& ws, harpia::message_view message) {
      if (!message.is_text())
        return ws.close(harpia::close_code::unsupported_data, "text only");
      const auto text = message.text();
      const json::value said{{"type", "said"}, {"name", ws.data.name}, {"text", json::string_view{text.data(), text.size()}}};
      // The receipt is an event of this connection: it comes on its thread, and not after its end.
      ws.publish(ws.data.room, json::serialize(said), {.on_receipt = [&ws](const harpia::receipt& sum) {
        ws.send(json::serialize(json::value{{"type", "receipt"}, {"accepted", sum.accepted},
                                            {"buffered", sum.buffered}, {"dropped", sum.dropped}}));
      }});
    },
  });
  // clang-format on
}

} // namespace

int main(int argc, char** argv) {
  const auto listen = examples::parse_command_line(argc, argv);

  caf::actor_system_config config;
  caf::actor_system system{config}; // outlives the app that borrows it
  harpia::app app{system};
  const auto desk = system.spawn(reception, &app);
  add_rooms(app, desk);
  const int status = examples::serve(app, listen);

  caf::anon_send_exit(desk, caf::exit_reason::user_shutdown);
  system.await_all_actors_done(); // they use the app
  return status;
}
