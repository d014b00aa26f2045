// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/codec.hpp>
#include <harpia/detail/connection_failure.hpp>
#include <harpia/handlers.hpp>

#include <string>
#include <utility>

namespace harpia {

/// The handlers of a route whose messages are values of type `M`.
template <class Data, class M>
using typed_handlers = handlers<Data, M>;

namespace detail {

[[noreturn]] inline void refuse_message(const decode_failure& why) {
  auto what = make_error_code(errc::undecodable_message).message();
  what.append(": ").append(why.what).append(" at byte ").append(std::to_string(why.position));
  throw connection_failure{error{errc::undecodable_message, std::move(what), why.position}};
}

template <codec Codec>
[[nodiscard]] decoded<typename Codec::message_type> decode(const Codec& codec, message_view message) {
  if (message.kind() == Codec::kind)
    return codec.decode(message);
  return decode_failure{
      message.is_text() ? "text where a binary message is expected" : "a binary message where text is expected"};
}

} // namespace detail

} // namespace harpia
