// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.

// Market data, conflated: whoever reads too slowly misses prices, but never the newest of a symbol. The page can start a slow
// reader, a client of the same server that takes a fraction of it, and shows what it gets.
#include "command_line.hpp"
#include "page_folder.hpp"
#include "slow_reader.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

struct tick {
  std::string_view symbol;
  double price;
  std::uint64_t number; // of this symbol, without gaps
};

std::string encode(const tick& each) {
  return json::serialize(json::value{{"symbol", json::string_view{each.symbol.data(), each.symbol.size()}},
                                     {"price", std::round(each.price * 100) / 100},
                                     {"number", each.number},
                                     {"at", ticker::now()}});
}

constexpr std::array<std::string_view, 12> symbols = {
    "ALBA", "BORA", "CIRO", "DUNE", "ECHO", "FARO", "GALE", "HAWK", "IRIS", "JADE", "KITE", "LYNX"};

/// Publishes a price of each symbol so many times a second: a random walk.
void run_market(const std::stop_token& stop, const harpia::group_of<tick>& ticks, unsigned rounds) {
  std::mt19937 random{2026};
  std::normal_distribution<double> step{0, 0.0005};
  std::array<double, symbols.size()> prices = {};
  prices.fill(100);
  auto next = std::chrono::steady_clock::now();
  for (std::uint64_t number = 1; !stop.stop_requested(); ++number) {
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      prices[i] *= 1 + step(random);
      ticks.publish({symbols[i], prices[i], number}, {.key = symbols[i]});
    }
    std::this_thread::sleep_until(next += std::chrono::nanoseconds{1s} / rounds);
  }
}

} // namespace

int main(int argc, char** argv) {
  unsigned rounds = 500; // a second
  const auto listen = examples::parse_command_line(
      argc, argv,
      {{"rounds", {true, [&](auto text) { rounds = std::max(1U, examples::parse_number("rounds", text, 10'000U)); }}}});

  harpia::app app;
  app.stop_on_signals();
  const harpia::group_of<tick> ticks{app.group("ticks"), encode};
  ticker::slow_reader slow{app};

  // clang-format off
  app.ws("/ticks", {.open = [](auto& ws) { ws.subscribe("ticks"); }}, {
    .high_watermark = 4 << 10,
    .low_watermark = 1 << 10,
    .max_buffered = 256 << 10, // has room for one price of each symbol behind what is already on its way
    .on_limit = harpia::on_limit::conflate,
  });
  app.ws("/slow", {
    .open = [](auto& ws) { ws.subscribe("slow"); },
    .message = [&slow](auto&, harpia::message_view message) { slow.run(message.text() == "on"); },
  });
  // clang-format on
  app.serve_files("/", examples::page_folder());

  const std::jthread market{[&](const std::stop_token& stop) { run_market(stop, ticks, rounds); }};
  return examples::serve(app, listen);
}
