// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/codec.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

/// JSON as a codec, by Boost.JSON. Not part of <harpia/harpia.hpp>: link `harpia::json` to use it.
namespace harpia {

/// `M`s as JSON texts (RFC 8259). `M` is whatever Boost.JSON converts: what it knows by itself, described by Boost.Describe, or
/// converted by the user's `tag_invoke`.
///
/// A text that is no JSON fails at the byte where it stops being so; a JSON text of another shape fails at its first byte, with
/// what Boost.JSON says of it. Nesting over 32 levels fails. Stateless, and so thread-safe.
template <class M>
struct json_codec {
  using message_type = M;
  static constexpr message_kind kind = message_kind::text;

  [[nodiscard]] decoded<M> decode(message_view message) const {
    const auto text = message.text();
    // The parser works here, but what it makes is on the heap: a `boost::json::value` in `M`, and each copy of that on any thread, has
    // its memory from where the value has it that it was copied from.
    std::array<unsigned char, 1024> workspace;
    boost::json::stream_parser parser{
        boost::json::storage_ptr{}, boost::json::parse_options{}, workspace.data(), workspace.size()};
    boost::json::error_code failure;
    auto parsed = parser.write(text.data(), text.size(), failure);
    if (!failure) {
      parser.finish(failure);
      parsed = text.size();
    }
    if (failure)
      return decode_failure{"no JSON: " + failure.message(), parsed};
    const auto tree = parser.release();
    auto value = boost::json::try_value_to<M>(tree);
    if (value)
      return std::move(*value);
    return decode_failure{"JSON of another shape: " + value.error().message(),
                          std::min(text.find_first_not_of(" \t\r\n"), text.size())};
  }

  [[nodiscard]] std::string encode(const M& value) const { return boost::json::serialize(boost::json::value_from(value)); }
};

/// The codec of a type: `app.ws<data>("/rpc", harpia::json<request>, {.message = …})`, `ws.send(harpia::json<answer>, value)`.
template <class M>
inline constexpr json_codec<M> json{};

} // namespace harpia
