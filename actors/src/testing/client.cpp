// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/testing/client.hpp>

#include "testing/frames.hpp"
#include "testing/peer.hpp"
#include "testing/simulation.hpp"

namespace harpia::inline v0::testing {

std::optional<http_response> client::refusal() {
  peer().world()->await([&] { return peer().is_answered(); });
  return peer().is_upgraded() ? std::nullopt : peer().answer();
}

std::optional<std::string> client::response_header(std::string_view name) {
  peer().world()->await([&] { return peer().is_answered(); });
  const auto* found = peer().answer() ? find_field(peer().answer()->headers, name) : nullptr;
  return found ? std::optional{*found} : std::nullopt;
}

std::string client::encode(const frame& what) {
  return encode_frame(what, role::client);
}

} // namespace harpia::inline v0::testing
