// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/message_view.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <variant>

namespace harpia::inline v0 {

/// Why a message cannot be decoded.
struct decode_failure {
  std::string what;         ///< a phrase without a full stop; quotations of the message are escaped
  std::size_t position = 0; ///< offset in the payload, in bytes
};

/// The result of decoding a message: a value, or a failure.
template <class M>
class decoded {
public:
  decoded(M value) : result_{std::in_place_index<0>, std::move(value)} {}
  decoded(decode_failure failure) : result_{std::in_place_index<1>, std::move(failure)} {}

  [[nodiscard]] explicit operator bool() const noexcept { return result_.index() == 0; }
  /// The value. Throws `std::bad_variant_access` if there is none.
  [[nodiscard]] M& value() & { return std::get<0>(result_); }
  [[nodiscard]] const M& value() const& { return std::get<0>(result_); }
  [[nodiscard]] M&& value() && { return std::get<0>(std::move(result_)); }
  /// The failure. Throws `std::bad_variant_access` if there is none.
  [[nodiscard]] const decode_failure& failure() const { return std::get<1>(result_); }

private:
  std::variant<M, decode_failure> result_;
};

/// Converts messages to values of one type, its `message_type`, and back. <harpia/json.hpp> has a codec for JSON.
///
/// `decode` receives only messages of the codec's `kind`.
///
/// *Errors* `decode` reports an undecodable message by its result and does not throw.
///
/// *Thread safety* Several threads call both functions concurrently.
template <class Codec>
concept codec = std::copy_constructible<Codec> && requires(const Codec& self, message_view message,
                                                           const typename Codec::message_type& value) {
  { Codec::kind } -> std::convertible_to<message_kind>;
  { self.decode(message) } -> std::same_as<decoded<typename Codec::message_type>>;
  { self.encode(value) } -> std::same_as<std::string>;
};

/// A codec whose `message_type` is `M`.
template <class Codec, class M>
concept codec_of = codec<Codec> && std::same_as<typename Codec::message_type, M>;

namespace detail {

/// Views `payload` as a message of the codec's kind. Valid as long as `payload`.
template <codec Codec>
[[nodiscard]] message_view as_message(const Codec&, const std::string& payload) noexcept {
  return {Codec::kind, std::as_bytes(std::span{payload})};
}

} // namespace detail

} // namespace harpia::inline v0
