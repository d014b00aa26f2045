// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "options.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <functional>
#include <getopt.h>
#include <map>

namespace load {

const char* const usage = R"(usage: harpia-load MODE --url ws://127.0.0.1:PORT/PATH [OPTION...]

Modes
  echo        clients send, and send again when the echo has come
  broadcast   one client publishes, all receive; a delivery counts as a message
  latency     like echo, but sent at a fixed rate; latency counts from when a message was due
  connect     clients connect, upgrade, close and begin again; a closed client counts as a message
  idle        clients connect and do nothing: the server's memory for each

Options
  --clients N       connections, or connections at a time (100)
  --in-flight K     messages on their way: of each client, or of each publisher (1)
  --groups G        broadcast in G groups of equal size, PATH/0 to PATH/G-1, with a publisher each
  --size B          bytes of a message (20)
  --text, --binary  the kind of messages (--text)
  --rate R          messages per second of all clients, for latency (10000)
  --drips N         N sockets more that send an opening handshake one byte every half second, for latency
  --warm-up S       seconds before the measurement (1)
  --duration S      seconds of the measurement (5)
  --server-pid PID  reads the server's processor time and memory
  --threads N       threads of this program; broadcast and idle have one (1)
  --cpu N           runs on that processor only
  --compress        offers permessage-deflate without context takeover; sends uncompressed all the same
  --raw             no WebSocket: messages of the same size as frames, over mere TCP
  --json            prints JSON
wss:// does not verify the server's certificate. Only addresses of this machine (127.0.0.0/8) are taken.
)";

namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument{what};
}

template <class Number>
Number parse_number(const std::string& name, std::string_view text, Number least, Number most) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || !(number >= least && number <= most))
    refuse("--" + name + " takes a number from " + std::to_string(least) + " to " + std::to_string(most) + ", not '"
           + std::string{text} + "'");
  return number;
}

mode parse_mode(std::string_view text) {
  static const std::map<std::string_view, mode> modes{
      {"echo", mode::echo},
      {"broadcast", mode::broadcast},
      {"idle", mode::idle},
      {"connect", mode::connect},
      {"latency", mode::latency}};
  const auto found = modes.find(text);
  if (found == modes.end())
    refuse("unknown mode '" + std::string{text} + "'");
  return found->second;
}

void parse_url(options& parsed, std::string_view url) {
  parsed.url = url;
  auto& settings = parsed.settings;
  auto rest = url;
  if (rest.starts_with("wss://"))
    settings.below = transport::tls;
  else if (!rest.starts_with("ws://"))
    refuse("--url begins with ws:// or wss://, not '" + parsed.url + "'");
  rest.remove_prefix(rest.find("//") + 2);
  const auto slash = std::min(rest.find('/'), rest.size());
  settings.path = slash < rest.size() ? rest.substr(slash) : "/";
  const auto authority = rest.substr(0, slash);
  const auto colon = std::min(authority.rfind(':'), authority.size());
  settings.server.host = authority.substr(0, colon);
  if (settings.server.host == "localhost")
    settings.server.host = "127.0.0.1";
  in_addr address{};
  if (::inet_pton(AF_INET, settings.server.host.c_str(), &address) != 1 || ntohl(address.s_addr) >> 24 != 127)
    refuse("--url names an address of this machine, such as 127.0.0.1, not '" + settings.server.host + "'");
  if (colon == authority.size())
    refuse("--url names a port");
  settings.server.port = parse_number<std::uint16_t>("url's port", authority.substr(colon + 1), 1, 65535);
}

struct handler {
  bool takes_value;
  std::function<void(const std::string& name, std::string_view value)> handle;
};

// A handler that stores a number between bounds: every load is finite.
template <class Number, class Target>
handler number_into(Target& target, Number least, Number most) {
  return {true,
          [&target, least, most](auto& name, auto value) { target = Target{parse_number<Number>(name, value, least, most)}; }};
}

std::map<std::string, handler> handlers_for(options& parsed) {
  return {
      {"url", {true, [&](auto&, auto value) { parse_url(parsed, value); }}},
      {"clients", number_into<std::size_t>(parsed.clients, 1, 100'000)},
      {"in-flight", number_into<std::size_t>(parsed.in_flight, 1, 10'000)},
      {"groups", number_into<std::size_t>(parsed.settings.groups, 1, 100'000)},
      {"size", number_into<std::size_t>(parsed.size, 1, 16 << 20)},
      {"text", {false, [&](auto&, auto) { parsed.kind = opcode::text; }}},
      {"binary", {false, [&](auto&, auto) { parsed.kind = opcode::binary; }}},
      {"rate", number_into<double>(parsed.rate, 1., 10'000'000.)},
      {"drips", number_into<std::size_t>(parsed.drips, 1, 100'000)},
      {"warm-up", number_into<double>(parsed.warm_up, 0., 600.)},
      {"duration", number_into<double>(parsed.duration, 0.1, 3600.)},
      {"server-pid", number_into<pid_t>(parsed.server, 1, 1 << 30)},
      {"threads", number_into<std::size_t>(parsed.threads, 1, 64)},
      {"cpu", number_into<int>(parsed.cpu, 0, 1023)},
      {"compress", {false, [&](auto&, auto) { parsed.settings.extension = offer::deflate; }}},
      {"raw", {false, [&](auto&, auto) { parsed.settings.frames = framing::raw; }}},
      {"json", {false, [&](auto&, auto) { parsed.format = output::json; }}},
  };
}

void check(const options& parsed) {
  if (parsed.url.empty())
    refuse("--url is missing");
  const auto mode = parsed.mode;
  if (parsed.threads > 1 && (mode == mode::broadcast || mode == mode::idle))
    refuse("--threads: this mode has one thread");
  if (parsed.threads > parsed.clients)
    refuse("--threads: there are fewer clients");
  if (parsed.settings.frames == framing::raw
      && ((mode != mode::echo && mode != mode::latency) || parsed.settings.extension != offer::nothing))
    refuse("--raw goes with echo and latency only, and without --compress");
  if (parsed.drips > 0 && (mode != mode::latency || parsed.threads > 1))
    refuse("--drips goes with latency only, and with one thread");
  if (parsed.drips > 0 && (parsed.settings.frames == framing::raw || parsed.settings.below == transport::tls))
    refuse("--drips goes with ws:// only, and without --raw");
  const auto groups = parsed.settings.groups;
  if (groups > 0 && mode != mode::broadcast)
    refuse("--groups goes with broadcast only");
  if (groups > 0 && parsed.clients % groups != 0)
    refuse("--groups: " + std::to_string(parsed.clients) + " clients do not make " + std::to_string(groups)
           + " groups of one size");
  if (mode == mode::idle && !parsed.server)
    refuse("idle needs --server-pid");
}

} // namespace

options parse_options(int argc, char** argv) {
  if (argc < 2)
    refuse("no mode was given");
  options parsed;
  parsed.mode = parse_mode(argv[1]);
  const auto handlers = handlers_for(parsed);
  std::vector<option> known;
  for (const auto& [name, handler] : handlers)
    known.push_back({name.c_str(), handler.takes_value ? required_argument : no_argument, nullptr, 0});
  known.push_back({nullptr, 0, nullptr, 0});
  optind = 2;
  int index = 0;
  for (int found = 0; (found = getopt_long(argc, argv, "", known.data(), &index)) != -1;) {
    if (found != 0)
      refuse("the options are wrong");
    const std::string name = known[static_cast<std::size_t>(index)].name;
    handlers.at(name).handle(name, optarg ? optarg : "");
  }
  if (optind != argc)
    refuse("unexpected argument '" + std::string{argv[optind]} + "'");
  check(parsed);
  return parsed;
}

} // namespace load
