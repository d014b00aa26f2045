// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// A chat with rooms, and its web page. Typed data lives with each connection; what a room hears is published to a group.
#include "command_line.hpp"
#include "messages.hpp"
#include "page_folder.hpp"
#include "rooms.hpp"

#include <harpia/harpia.hpp>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

struct chat_data {
  std::string user_id;
  std::string username;
  std::string session_id;
  std::string room; // empty unless the visitor was let in
};

namespace {

using namespace std::chrono_literals;

// Refuses what a visitor sent, and says why.
void refuse(harpia::socket_base& ws, const chat::refusal& why) {
  ws.send(chat::error(why.what()));
}

// The smallest chat there is: greets, and logs what comes.
void add_greeting(harpia::app& app) {
  // clang-format off
  app.ws<chat_data>("/chat", {
    .open = [](auto& ws) {
      ws.data.user_id = "123";
      ws.data.username = "Alice";
      ws.data.session_id = "abc";
      ws.send("Welcome to the chat, " + ws.data.username + "!");
    },
    .message = [](auto& ws, harpia::message_view msg) {
      std::cout << "Message received from " << ws.data.username << ": " << msg.text() << '\n';
    },
  });
  // clang-format on
}

// "/chat/lobby?name=Ann" enters the room "lobby" as Ann.
void add_rooms(harpia::app& app, chat::rooms& rooms) {
  const auto group_of = [](const chat_data& data) { return "room/" + data.room; };
  const auto enter = [&rooms, group_of](harpia::socket<chat_data>& ws) {
    static std::atomic<unsigned> visitors = 0;
    const auto room = chat::checked_room(ws.request().param("room"));
    ws.data.username = chat::checked_name(ws.request().query("name").value_or(""));
    ws.data.user_id = std::to_string(++visitors);
    rooms.enter(room, ws.data.username, [&](const chat::rooms::presence& now) {
      ws.data.room = room;
      ws.send(chat::welcome(room, ws.data.user_id, ws.data.username));
      ws.subscribe(group_of(ws.data));
      if (now.changed)
        ws.publish(group_of(ws.data), chat::joined(ws.data.username));
      ws.publish(group_of(ws.data), chat::here(now.names), {.audience = harpia::audience::everyone});
    });
  };

  // clang-format off
  app.ws<chat_data>("/chat/:room", {
    .open = [enter](auto& ws) {
      try {
        enter(ws);
      } catch (const chat::refusal& why) {
        refuse(ws, why);
        ws.close(harpia::close_code::policy_violation, why.what());
      }
    },
    .message = [group_of](auto& ws, harpia::message_view msg) {
      if (ws.data.room.empty())
        return; // not let in
      try {
        const auto text = chat::parse_say(msg.text());
        const auto now = std::chrono::system_clock::now();
        // To the sender as well: everyone in the room sees its messages in the same order.
        ws.publish(group_of(ws.data), chat::said(ws.data.user_id, ws.data.username, text, now), {.audience = harpia::audience::everyone});
      } catch (const chat::refusal& why) {
        refuse(ws, why);
      }
    },
    .close = [&rooms, group_of](auto& ws, harpia::close_code, std::string_view) {
      if (ws.data.room.empty())
        return;
      rooms.leave(ws.data.room, ws.data.username, [&](const chat::rooms::presence& now) {
        if (now.changed)
          ws.publish(group_of(ws.data), chat::left(ws.data.username));
        ws.publish(group_of(ws.data), chat::here(now.names));
      });
    },
    .error = [](auto& ws, const harpia::error& err) {
      std::cerr << ws.data.username << " in " << ws.data.room << ": " << err.what() << '\n';
    },
  }, {
    .max_payload = 64 << 10,            // the longest text, every character escaped, has less than half of it
    .max_buffered = 1 << 20,
    .on_limit = harpia::on_limit::close, // rather than miss messages, a slow page connects anew
    .idle_timeout = 60s,
    .compression = harpia::compression::enabled,
  });
  // clang-format on
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream)
    throw std::runtime_error{"cannot read " + file.string()};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

// The page at "/" is the lobby; at "/room/tea" it is the room "tea".
void add_page(harpia::app& app) {
  const auto folder = examples::page_folder();
  app.serve_files("/", folder);
  app.get("/room/:room", [index = read_file(folder / "index.html")](const harpia::request&) {
    return harpia::http_response{.body = index, .content_type = "text/html; charset=utf-8"};
  });
}

} // namespace

int main(int argc, char** argv) {
  const auto listen = examples::parse_command_line(argc, argv);

  chat::rooms rooms;
  harpia::app app; // destroyed first: its last connections leave their rooms
  add_greeting(app);
  add_rooms(app, rooms);
  add_page(app);
  return examples::serve(app, listen);
}
