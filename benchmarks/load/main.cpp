// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
// A load generator for any WebSocket server on this machine. It shares no code with harpia, so that it can judge it.
#include "broadcast.hpp"
#include "drips.hpp"
#include "echo.hpp"
#include "handshakes.hpp"
#include "idle.hpp"
#include "latency.hpp"
#include "report.hpp"
#include "run.hpp"

#include <cstdio>
#include <sched.h>
#include <sys/resource.h>

namespace load {

namespace {

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0)
    throw system_failure("--cpu " + std::to_string(cpu));
}

void allow_descriptors(std::size_t sockets) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < sockets + 32)
    throw std::runtime_error{"--clients, --drips: only " + std::to_string(limit.rlim_max) + " files may be open at a time"};
}

// The part of `total` that the thread of that number has.
std::size_t share_of(std::size_t total, std::size_t number, std::size_t threads) {
  return total / threads + (number < total % threads ? 1 : 0);
}

std::unique_ptr<traffic> make_traffic(const options& wanted, const message_pattern& pattern, std::size_t clients,
                                      const measured_window& window, drips* beside) {
  switch (wanted.mode) {
    case mode::echo: return std::make_unique<echo>(pattern, clients, wanted.in_flight);
    case mode::broadcast: return std::make_unique<broadcast>(pattern, clients, wanted.in_flight, wanted.settings.groups);
    case mode::connect: return std::make_unique<handshakes>(clients);
    case mode::latency:
      return std::make_unique<latency>(pattern, clients, wanted.rate / static_cast<double>(wanted.threads), window, beside);
    case mode::idle: break;
  }
  throw std::logic_error{"idle has no traffic"};
}

void describe(report& printed, const options& wanted, const outcome& result) {
  const auto messages = static_cast<double>(result.messages);
  printed.add("seconds", result.seconds);
  printed.add("messages", result.messages);
  printed.add("messages_whole_run", result.whole_run); // those of the warm-up and of the end too
  printed.add("messages_per_second", messages / result.seconds);
  if (wanted.server) {
    printed.add("server_cpu_us_per_message", static_cast<double>(result.server_time) / 1e3 / messages);
    printed.add("server_cpu_share", static_cast<double>(result.server_time) / 1e9 / result.seconds);
    printed.add("server_resident_bytes", result.resident);
    printed.add("server_private_bytes", result.resident_private);
  }
  printed.add("load_cpu_share", static_cast<double>(result.own_time) / 1e9 / result.seconds);
  printed.add("received_bytes_per_message", static_cast<double>(result.received) / static_cast<double>(result.whole_run));
  if (wanted.settings.extension == offer::deflate)
    printed.add("compressed_messages", result.compressed);
  const auto& latencies = result.latencies;
  if (latencies.total() == 0)
    return;
  for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}})
    printed.add(std::string{"latency_us_"} + name, static_cast<double>(latencies.percentile(share)) / 1e3);
  printed.add("latency_us_max", static_cast<double>(latencies.largest()) / 1e3);
}

void load_and_describe(report& printed, const options& wanted) {
  const message_pattern pattern{wanted.kind, wanted.size, wanted.settings.frames};
  auto running = wanted;
  running.settings.message_size = pattern.echo_size();
  if (wanted.mode == mode::connect)
    running.settings.source = source_address::rotating;
  measured_window window;
  std::optional<drips> slow;
  if (wanted.drips > 0)
    slow.emplace(wanted.settings, wanted.drips, window);
  std::vector<std::unique_ptr<traffic>> traffics;
  for (std::size_t i = 0; i < wanted.threads; ++i)
    traffics.push_back(
        make_traffic(running, pattern, share_of(wanted.clients, i, wanted.threads), window, slow ? &*slow : nullptr));
  const auto result = run_load(running, traffics, window);
  describe(printed, wanted, result);
  if (slow)
    printed.add("drips", slow->mean_in_place());
}

void idle_and_describe(report& printed, const options& wanted) {
  const auto result = run_idle(wanted);
  const auto each = [&](std::uint64_t before, std::uint64_t after) {
    return (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(wanted.clients);
  };
  printed.add("server_private_bytes", result.private_after);
  printed.add("private_bytes_per_client", each(result.private_before, result.private_after));
  printed.add("resident_bytes_per_client", each(result.resident_before, result.resident_after));
}

} // namespace

} // namespace load

int main(int argc, char** argv) try {
  if (argc == 2 && std::string_view{argv[1]} == "--help") {
    std::fputs(load::usage, stdout);
    return 0;
  }
  const auto wanted = load::parse_options(argc, argv);
  if (wanted.cpu)
    load::pin_to(*wanted.cpu);
  load::allow_descriptors(wanted.clients + wanted.drips);
  load::report printed;
  printed.add("mode", argv[1]);
  printed.add("url", wanted.url);
  printed.add("clients", std::uint64_t{wanted.clients});
  printed.add("in_flight", std::uint64_t{wanted.in_flight});
  printed.add("size", std::uint64_t{wanted.size});
  if (wanted.mode == load::mode::idle)
    load::idle_and_describe(printed, wanted);
  else
    load::load_and_describe(printed, wanted);
  printed.print(wanted.format);
} catch (const std::invalid_argument& error) {
  std::fprintf(stderr, "harpia-load: %s; see --help\n", error.what());
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "harpia-load: %s\n", error.what());
  return 1;
}
