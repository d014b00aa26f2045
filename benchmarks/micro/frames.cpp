// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// What the protocol costs by itself: a session whose peer is memory, without sockets, loops and actors.
#include "websocket/frame.hpp"
#include "websocket/outbound_queue.hpp"
#include "websocket/session.hpp"
#include "websocket/session_context.hpp"
#include <harpia/testing/client.hpp>

#include <array>
#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/uio.h>

namespace websocket = harpia::websocket;

namespace {

constexpr unsigned text = 0x1;
constexpr unsigned binary = 0x2;

enum class answer { nothing, the_same };

/// A server's side of a connection after its handshake, with 16 MiB of room for what it sends.
class open_session : websocket::event_listener {
public:
  explicit open_session(answer with = answer::nothing) : answer_{with} {
    const harpia::request opening{
        "GET",
        "/",
        {{"Host", "localhost"},
         {"Upgrade", "websocket"},
         {"Connection", "Upgrade"},
         {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
         {"Sec-WebSocket-Version", "13"}}};
    session.accept(opening, {}, {});
    write();
  }

  // The session works in place, so each run needs a copy, as each has one that the kernel made.
  void receive(const std::string& bytes) {
    read.assign(bytes);
    session.receive(std::as_writable_bytes(std::span{read}), {});
  }

  std::string read;

  /// Takes what is to be sent, as a kernel does that has room, but copies nothing.
  void write() {
    std::array<iovec, 64> pieces;
    while (session.wants_to_write()) {
      std::size_t taken = 0;
      for (const auto& piece : session.gather(pieces))
        taken += piece.iov_len;
      session.consume(taken, {});
    }
  }

  std::int64_t messages = 0;

private:
  void on_event(const harpia::websocket::connection_event& what) override {
    if (const auto* failure = std::get_if<harpia::websocket::event::failed>(&what))
      throw std::logic_error{failure->what.what()};
    const auto* came = std::get_if<harpia::websocket::event::message>(&what);
    if (!came)
      return;
    ++messages;
    if (answer_ == answer::the_same)
      session.send(came->content);
  }

  answer answer_;
  harpia::route_options options_;
  websocket::session_context context_;

public:
  websocket::session session{context_, *this, options_, {}};
};

std::string masked_frame(unsigned opcode, std::size_t size) {
  return harpia::testing::client::encode({.opcode = opcode, .payload = std::string(size, 'm')});
}

void count(benchmark::State& state, std::int64_t messages, std::size_t payload) {
  state.SetItemsProcessed(messages);
  state.SetBytesProcessed(messages * static_cast<std::int64_t>(payload));
}

/// Unmasks, checks UTF-8 if it is text, and shows the message to its owner.
void decode(benchmark::State& state, unsigned opcode) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto frame = masked_frame(opcode, size);
  open_session peer;
  for (auto _ : state)
    peer.receive(frame);
  count(state, peer.messages, size);
}
BENCHMARK_CAPTURE(decode, text, text)->ArgName("bytes")->Arg(20)->Arg(16 << 10);
BENCHMARK_CAPTURE(decode, binary, binary)->ArgName("bytes")->Arg(20)->Arg(16 << 10);

/// The same for many small messages that came in one read.
void decode_pipelined(benchmark::State& state) {
  std::string frames;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    frames += masked_frame(text, 20);
  open_session peer;
  for (auto _ : state)
    peer.receive(frames);
  count(state, peer.messages, 20);
}
BENCHMARK(decode_pipelined)->ArgName("messages")->Arg(16)->Arg(256);

/// A message in and the same one out: all that an echo costs but the sockets.
void decode_and_answer(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto frame = masked_frame(text, size);
  open_session peer{answer::the_same};
  for (auto _ : state) {
    peer.receive(frame);
    peer.write();
  }
  count(state, peer.messages, size);
}
BENCHMARK(decode_and_answer)->ArgName("bytes")->Arg(20)->Arg(16 << 10);

/// A message to one peer, into its queue and out of it.
void encode(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'm');
  open_session peer;
  for (auto _ : state) {
    peer.session.send(harpia::message_view{payload});
    peer.write();
  }
  count(state, state.iterations(), payload.size());
}
BENCHMARK(encode)->ArgName("bytes")->Arg(20)->Arg(16 << 10);

/// What a broadcast does once, whatever the number of its receivers.
void encode_shared(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'm');
  for (auto _ : state)
    benchmark::DoNotOptimize(websocket::make_frame(harpia::message_view{payload}));
  count(state, state.iterations(), payload.size());
}
BENCHMARK(encode_shared)->ArgName("bytes")->Arg(20)->Arg(16 << 10);

/// What a broadcast does for each of its receivers. Large frames are referenced, not copied.
void send_shared(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'm');
  const auto frame = websocket::make_frame(harpia::message_view{payload});
  open_session peer;
  for (auto _ : state) {
    peer.session.send(frame);
    peer.write();
  }
  count(state, state.iterations(), payload.size());
}
BENCHMARK(send_shared)->ArgName("bytes")->Arg(20)->Arg(16 << 10);

} // namespace
