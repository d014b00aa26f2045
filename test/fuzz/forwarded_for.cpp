// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/forwarded_for.hpp"

#include "input.hpp"

#include <string>
#include <vector>

// A client's address is that of the peer or one that can be read, and nobody who is not trusted can make it another: what a client
// puts before the addresses that proxies have added makes no difference.

using harpia::network_address;
using harpia::fuzz::require;

namespace {

const harpia::address_set& trusted() {
  static const harpia::address_set all{{"10.0.0.0/8", "fd00::/8"}};
  return all;
}

std::string client_of(std::string_view peer, const std::vector<std::string>& fields) {
  std::vector<harpia::request::field> all;
  for (const auto& each : fields)
    all.emplace_back("X-Forwarded-For", each);
  return harpia::http::client_address(peer, {"GET", "/", all}, trusted());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harpia::fuzz::input in{data, size};
  const std::string made_up{in.take_until('\n')};
  std::vector<std::string> fields;
  while (!in.empty())
    fields.emplace_back(in.take_until('\n'));

  require(client_of("192.0.2.1", fields) == "192.0.2.1", "a stranger is not believed");
  const auto client = client_of("10.0.0.1", fields);
  const auto address = network_address::parse(client);
  require(address && address->to_string() == client, "an address has one form");
  if (!trusted().contains(*address)) {
    auto more = fields;
    more.front() = made_up + "," + more.front();
    require(client_of("10.0.0.1", more) == client, "what is made up makes no difference");
    more = fields;
    more.insert(more.begin(), made_up);
    require(client_of("10.0.0.1", more) == client, "nor in a field of its own");
    const auto behind = std::vector{made_up + "," + client};
    require(client_of("10.0.0.1", behind) == client, "an address is read in the form that it is written in");
  }
  return 0;
}
