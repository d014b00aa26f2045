// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/codec.hpp>
#include <harpia/detail/json_conversion.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

/// A JSON codec on top of Boost.JSON. Not part of <harpia/harpia.hpp>: to use it, link with `harpia::json`.
namespace harpia::inline v0 {

/// What becomes of fields that a struct does not have.
enum class unknown_fields : std::uint8_t { ignored, refused };

/// A codec between values of type `M` and JSON texts.
///
/// Structs that Boost.Describe describes are objects with a field for each public member, also those of bases. A member that is a
/// `std::optional` may be absent or null, and is left out when it is empty; every other one must be there. Fields that the struct does not
/// have are ignored, so that a peer may be newer, unless the codec refuses them (`strict_json`).
///
/// A `std::variant` of structs that have a name, `static constexpr std::string_view type = "say";`, is the object of one of them with its
/// name in the field "type". Vectors and other lists with `push_back`, maps with strings as keys and optionals hold any of these. Everything
/// else converts as in Boost.JSON, with all that is in it; so does a type with a `tag_invoke` of the user's.
///
/// *Errors* Invalid JSON fails at the offset of the first invalid byte. JSON that does not convert to `M` fails at its first byte, with the
/// path of the field that is wrong: "JSON of another shape: 'cards[2].title' is missing". Nesting deeper than 32 levels fails.
///
/// *Thread safety* Stateless, so thread-safe.
///
/// *Source* RFC 8259.
template <class M, unknown_fields Unknown = unknown_fields::ignored>
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
    detail::json_reader<Unknown == unknown_fields::refused> reader;
    if (auto value = reader.template read<M>(tree))
      return std::move(*value);
    return decode_failure{"JSON of another shape: " + reader.failure(), std::min(text.find_first_not_of(" \t\r\n"), text.size())};
  }

  [[nodiscard]] std::string encode(const M& value) const { return boost::json::serialize(detail::to_json(value)); }
};

/// The codec of a type: `app.ws<data>("/rpc", harpia::json<request>, {.message = …})`, `ws.send(harpia::json<answer>, value)`.
template <class M>
inline constexpr json_codec<M> json{};
/// As `json`, for peers that must not send what this side does not know.
template <class M>
inline constexpr json_codec<M, unknown_fields::refused> strict_json{};

} // namespace harpia::inline v0
