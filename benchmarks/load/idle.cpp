// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "idle.hpp"

#include "server_process.hpp"
#include "worker.hpp"

namespace load {

namespace {

class silence final : public connection_events {
public:
  void opened(connection&) override {}
  void payload(connection&, std::size_t, std::string_view) override {}
  void message(connection&, opcode, std::size_t) override {}
  void batch_ended(connection&) override {}
};

// A server may tidy up for a while; pings are answered meanwhile.
void settle(worker& clients, seconds time) {
  const auto end = now() + std::chrono::duration_cast<nanoseconds>(time).count();
  for (auto moment = now(); moment < end; moment = now())
    clients.turn(nanoseconds{end - moment});
}

} // namespace

idle_outcome run_idle(const options& wanted) {
  const server_process server{*wanted.server};
  silence nothing;
  worker clients{wanted.settings, nothing};
  clients.open_all(1);
  settle(clients, wanted.warm_up);
  idle_outcome result{};
  result.private_before = server.resident_private();
  result.resident_before = server.resident();
  clients.open_all(wanted.clients);
  settle(clients, wanted.duration);
  result.private_after = server.resident_private();
  result.resident_after = server.resident();
  return result;
}

} // namespace load
