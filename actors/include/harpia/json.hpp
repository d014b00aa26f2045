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

/// A JSON codec on top of Boost.JSON. Not part of <harpia/harpia.hpp>: to use it, link with `harpia::json`.
namespace harpia {

/// A codec between values of type `M` and JSON texts. `M` is a type that Boost.JSON converts: by itself, by a Boost.Describe
/// description, or by the user's `tag_invoke`.
///
/// *Errors* Invalid JSON fails at the offset of the first invalid byte. JSON that does not convert to `M` fails at its first
/// byte, with the message of Boost.JSON. Nesting deeper than 32 levels fails.
///
/// *Thread safety* Stateless, so thread-safe.
///
/// *Source* RFC 8259.
template <class M>
struct json_codec {
  using message_type = M;
  static constexpr message_kind kind = message_kind::text;

  [[nodiscard]] decoded<M> decode(message_view message) const {
    const auto text = message.text();
    // Temporary memory of the parser. The parsed value itself uses the default resource: a `boost::json::value` inside of `M`, and
    // every copy of it on any thread, keeps referring to the memory resource of the value that it was made from.
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
