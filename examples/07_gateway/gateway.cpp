// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "gateway.hpp"

#include <harpia/actors.hpp>

#include <caf/all.hpp>

#include <iostream>
#include <utility>

namespace gateway {

namespace {

/// To a client's end: the other server has answered, or cannot be reached.
using reached_atom = caf::atom_constant<caf::atom("reached")>;
using failed_atom = caf::atom_constant<caf::atom("failed")>;
/// To either end: the other has room again.
using room_atom = caf::atom_constant<caf::atom("room")>;

struct client_end {
  harpia::client server;
};

/// What to close one end with when the other has ended: its own code, unless that is one that no frame may carry.
harpia::close_code passed_on(harpia::close_code code) {
  return harpia::is_sendable(code) ? code : harpia::close_code::going_away;
}

/// Passes a message on. A slow receiver slows this end down, and so its peer, until `room_atom` comes.
template <class Data, class Receiver>
void pass_on(harpia::connection<Data>* self, const Receiver& receiver, harpia::message_view message) {
  switch (receiver.send(message)) {
    case harpia::send_status::buffered: self->pause(); break;
    case harpia::send_status::dropped: self->close(harpia::close_code::try_again_later, "the other end is too slow"); break;
    default: break; // sent; or closed, which the other end tells by itself
  }
}

/// The end at the other server.
caf::behavior server_end(harpia::connection<harpia::no_data>* self, const harpia::handle& client,
                         const caf::actor& client_actor) {
  return {
      [=](harpia::event::opened) { self->send(client_actor, reached_atom::value); },
      [=](const harpia::event::text& message) { pass_on(self, client, message); },
      [=](const harpia::event::binary& message) { pass_on(self, client, message); },
      [=](harpia::event::drained) { self->send(client_actor, room_atom::value); },
      [=](room_atom) { self->resume(); },
      [=](const harpia::event::closed& end) { client.close(passed_on(end.code), end.reason); },
  };
}

caf::behavior bridging(harpia::connection<client_end>* self) {
  return {
      [=](const harpia::event::text& message) { pass_on(self, self->data.server, message); },
      [=](const harpia::event::binary& message) { pass_on(self, self->data.server, message); },
      [=](harpia::event::drained) { self->send(harpia::as_actor(self->data.server), room_atom::value); },
      [=](room_atom) { self->resume(); },
      [=](const harpia::event::closed& end) { self->data.server.close(passed_on(end.code), end.reason); },
  };
}

/// The end at the client, until the other server has answered. What the client says meanwhile is skipped, and so waits.
caf::behavior connecting(harpia::connection<client_end>* self, harpia::app& app, const std::string& url) {
  self->set_default_handler(caf::skip);
  return {
      [=, &app](harpia::event::opened) {
        const caf::actor actor = *self;
        const auto make = [client = self->handle(), actor](harpia::connection<harpia::no_data>* server) {
          return server_end(server, client, actor);
        };
        harpia::client_options options;
        options.reconnect.when = harpia::reconnect::never;
        options.on_failure = [actor](const harpia::error& why) {
          std::cerr << why.what() << '\n';
          caf::anon_send(actor, failed_atom::value);
        };
        self->data.server = harpia::connect(app, url + std::string{self->request().target()}, make, std::move(options));
      },
      [=](reached_atom) { self->become(bridging(self)); },
      [=](failed_atom) { self->close(harpia::close_code::bad_gateway, "the other server cannot be reached"); },
      [=](const harpia::event::closed& end) { self->data.server.close(passed_on(end.code), end.reason); },
  };
}

} // namespace

void add_routes(harpia::app& app, const std::string& url) {
  app.ws<client_end>("/*", [&app, url](harpia::connection<client_end>* self) { return connecting(self, app, url); });
}

} // namespace gateway
