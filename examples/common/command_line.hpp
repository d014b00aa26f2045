// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/harpia.hpp>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <getopt.h>
#include <iostream>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// A number from the command line; says what is wrong with it and ends the program otherwise.
template <class Number>
Number parse_number(std::string_view option, std::string_view text, Number largest = std::numeric_limits<Number>::max()) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || number > largest) {
    std::cerr << "--" << option << " takes a number up to " << largest << ", not '" << text << "'\n";
    std::exit(2);
  }
  return number;
}

/// Options of one example: a name, whether a value follows it, and what to do with it.
struct option_handler {
  bool takes_value;
  std::function<void(std::string_view value)> handle;
};

/// Prints the options that a program takes.
inline void print_usage(std::string_view program, const std::map<std::string, option_handler>& handlers) {
  std::cout << "usage: " << program << " [OPTION...]\n";
  for (const auto& [name, handler] : handlers)
    std::cout << "  --" << name << (handler.takes_value ? " VALUE" : "") << '\n';
}

/// Reads --port, --host, --threads and --help, which every example takes, and `further` ones. Ends the program if one is unknown.
inline harpia::listen_options
parse_command_line(int argc, char** argv, const std::map<std::string, option_handler>& further = {}) {
  harpia::listen_options listen;
  auto handlers = further;
  handlers.merge(std::map<std::string, option_handler>{
      {"port", {true, [&](auto text) { listen.port = parse_number<std::uint16_t>("port", text); }}},
      {"host", {true, [&](auto text) { listen.hostname = text; }}},
      {"threads", {true, [&](auto text) { listen.threads = parse_number<unsigned>("threads", text, 1024); }}},
      {"help",
       {false,
        [&](auto) {
          print_usage(argv[0], handlers);
          std::exit(0);
        }}},
  });
  std::vector<option> known;
  std::vector<const option_handler*> by_index;
  for (const auto& [name, handler] : handlers) {
    known.push_back({name.c_str(), handler.takes_value ? required_argument : no_argument, nullptr, 0});
    by_index.push_back(&handler);
  }
  known.push_back({nullptr, 0, nullptr, 0});
  int index = 0;
  for (int found = 0; (found = getopt_long(argc, argv, "", known.data(), &index)) != -1;) {
    if (found != 0)
      std::exit(2); // getopt has said what is wrong
    by_index[static_cast<std::size_t>(index)]->handle(optarg ? optarg : "");
  }
  if (optind != argc) {
    std::cerr << "unexpected argument '" << argv[optind] << "'\n";
    std::exit(2);
  }
  return listen;
}

/// A second value for the option that is being handled; ends the program if there is none.
inline std::string second_value(std::string_view option, int argc, char** argv) {
  if (optind < argc)
    return argv[optind++];
  std::cerr << "--" << option << " takes two values\n";
  std::exit(2);
}

/// Serves until SIGINT or SIGTERM. Prints "listening on HOST:PORT" once the address is bound.
inline int serve(harpia::app& app, const harpia::listen_options& listen) {
  app.stop_on_signals();
  return app.listen(listen, [&app] { std::cout << "listening on " << app.address() << std::endl; });
}

} // namespace examples
