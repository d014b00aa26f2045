// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/codec.hpp>
#include <harpia/detail/connection_failure.hpp>
#include <harpia/handlers.hpp>

#include <functional>
#include <string>
#include <utility>

namespace harpia {

/// As `handlers`, of a route whose messages are `M`s: `app.ws<data>(pattern, codec, {.message = [](auto& ws, const M& message) {…}})`.
///
/// A message that the codec cannot decode, or that is not of its kind, fails its connection: `error` gets
/// `errc::undecodable_message` with the position and may still send an answer, then the peer gets close code 1007.
template <class Data, class M>
struct typed_handlers {
  std::function<void(upgrade<Data>& request)> upgrade = {};
  std::function<void(socket<Data>& ws)> open = {};
  /// A message came. Without this handler none is decoded.
  std::function<void(socket<Data>& ws, const M& message)> message = {};
  std::function<void(socket<Data>& ws, message_view request, reply answer)> call = {};
  std::function<void(socket<Data>& ws, close_code code, std::string_view reason)> close = {};
  std::function<void(socket<Data>& ws)> drain = {};
  std::function<void(socket<Data>& ws, const error& what)> error = {};
  std::function<void(socket<Data>& ws, std::size_t count, std::size_t bytes)> dropped = {};
  std::function<void(socket<Data>& ws, std::string_view payload)> ping = {};
  std::function<void(socket<Data>& ws, std::string_view payload)> pong = {};
};

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

template <class Data, codec Codec>
handlers<Data> untyped(Codec codec, typed_handlers<Data, typename Codec::message_type> typed) {
  handlers<Data> result{
      .upgrade = std::move(typed.upgrade),
      .open = std::move(typed.open),
      .call = std::move(typed.call),
      .close = std::move(typed.close),
      .drain = std::move(typed.drain),
      .error = std::move(typed.error),
      .dropped = std::move(typed.dropped),
      .ping = std::move(typed.ping),
      .pong = std::move(typed.pong),
  };
  if (typed.message)
    result.message = [codec = std::move(codec), handler = std::move(typed.message)](socket<Data>& ws, message_view message) {
      const auto read = decode(codec, message);
      if (!read)
        refuse_message(read.failure());
      handler(ws, read.value());
    };
  return result;
}

} // namespace detail

} // namespace harpia
