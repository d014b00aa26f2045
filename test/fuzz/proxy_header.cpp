// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/proxy_header.hpp"

#include "input.hpp"

#include <optional>
#include <span>

// How a stream is cut makes no difference to what its header says and where it ends, and nothing behind that end is taken. A header
// that is whole needs each of its bytes.

using harpia::fuzz::require;
using harpia::http::proxy_header_reader;

namespace {

struct outcome {
  proxy_header_reader::state state = proxy_header_reader::state::incomplete;
  std::size_t used = 0;
  std::optional<harpia::network_address> source;

  bool operator==(const outcome&) const = default;
};

outcome read(std::string_view stream, const harpia::fuzz::pieces& how) {
  proxy_header_reader reader;
  outcome result;
  harpia::fuzz::cut(stream, how, [&](std::string_view piece) {
    result.state = reader.read(std::as_bytes(std::span{piece}));
    require(reader.used() <= piece.size(), "no more is taken than there is");
    require(result.state != proxy_header_reader::state::incomplete || reader.used() == piece.size(),
            "all is taken that may belong to the header");
    result.used += reader.used();
    return result.state == proxy_header_reader::state::incomplete;
  });
  result.source = reader.source();
  require(reader.started() == (result.used > 0), "it has started once something was taken");
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harpia::fuzz::input in{data, size};
  const harpia::fuzz::pieces how{in.byte() % std::size_t{64}, in.byte()};
  const auto stream = in.rest();

  const auto whole = read(stream, {0});
  require(read(stream, how) == whole, "pieces make no difference");
  require(whole.used <= proxy_header_reader::max_size, "a header has a bound");
  require(!whole.source || whole.state == proxy_header_reader::state::complete, "only a whole header names somebody");
  if (whole.source)
    require(harpia::network_address::parse(whole.source->to_string()) == whole.source, "who is named has an address");
  if (whole.state == proxy_header_reader::state::complete) {
    require(read(stream.substr(0, whole.used), {0}) == whole, "what follows makes no difference");
    require(read(stream.substr(0, whole.used - 1), {0}).state == proxy_header_reader::state::incomplete, "every byte is needed");
  }
  return 0;
}
