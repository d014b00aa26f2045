// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// Echo and broadcast on libwebsockets, with libuv as its event loop: its own polls, which suits few clients only.
#include "port_option.hpp"

#include <libwebsockets.h>

#include <csignal>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace {

// libwebsockets writes the frame's header before the payload, into room that the program leaves.
struct message {
  std::vector<unsigned char> bytes = std::vector<unsigned char>(LWS_PRE);
  bool is_binary = false;
};

struct session {
  bool echoes;
  std::shared_ptr<message> incoming = std::make_shared<message>();
  std::deque<std::shared_ptr<message>> queue{};
};

std::unordered_set<lws*> broadcast;

session* session_of(lws* client) {
  return *static_cast<session**>(lws_wsi_user(client));
}

std::string path_of(lws* client) {
  char path[64] = "";
  lws_hdr_copy(client, path, sizeof path, WSI_TOKEN_GET_URI);
  return path;
}

void enqueue(lws* client, const std::shared_ptr<message>& what) {
  session_of(client)->queue.push_back(what);
  lws_callback_on_writable(client);
}

void on_receive(lws* client, const void* data, std::size_t size) {
  auto& current = *session_of(client);
  const auto* bytes = static_cast<const unsigned char*>(data);
  current.incoming->bytes.insert(current.incoming->bytes.end(), bytes, bytes + size);
  if (lws_remaining_packet_payload(client) != 0 || !lws_is_final_fragment(client))
    return;
  current.incoming->is_binary = lws_frame_is_binary(client) != 0;
  const auto complete = std::exchange(current.incoming, std::make_shared<message>());
  if (current.echoes)
    return enqueue(client, complete);
  for (auto* each : broadcast)
    enqueue(each, complete);
}

int on_writable(lws* client) {
  auto& queue = session_of(client)->queue;
  while (!queue.empty()) {
    auto& next = *queue.front();
    if (lws_write(client, next.bytes.data() + LWS_PRE, next.bytes.size() - LWS_PRE,
                  next.is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT)
        < 0)
      return -1;
    queue.pop_front();
    if (lws_send_pipe_choked(client) != 0)
      break;
  }
  if (!queue.empty())
    lws_callback_on_writable(client);
  return 0;
}

int on_event(lws* client, lws_callback_reasons reason, void* user, void* data, std::size_t size) {
  switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: {
      const auto path = path_of(client);
      return path == "/echo" || path == "/broadcast" ? 0 : -1;
    }
    case LWS_CALLBACK_ESTABLISHED:
      *static_cast<session**>(user) = new session{.echoes = path_of(client) == "/echo"};
      if (!session_of(client)->echoes)
        broadcast.insert(client);
      return 0;
    case LWS_CALLBACK_CLOSED:
      broadcast.erase(client);
      delete session_of(client);
      return 0;
    case LWS_CALLBACK_RECEIVE: on_receive(client, data, size); return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE: return on_writable(client);
    default: return 0;
  }
}

} // namespace

int main(int argc, char** argv) {
  lws_set_log_level(LLL_ERR, nullptr);
  const lws_protocols protocols[] = {
      {"", on_event, sizeof(session*), 64 << 10, 0, nullptr, 0}, {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
  lws_context_creation_info info{};
  info.port = peers::port_option(argc, argv);
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  info.pt_serv_buf_size = 64 << 10;
  info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8;
  auto* const context = lws_create_context(&info);
  if (context == nullptr)
    return 1;
  // Its loop over libuv catches these, and would turn without end afterwards.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  std::printf("listening on 127.0.0.1:%d\n", lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
  std::fflush(stdout);
  while (lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
}
