// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/compared_readers.hpp"

#include "deflate/deflate_agreement.hpp"

#include "support/beast_endpoint.hpp"
#include "support/opening.hpp"
#include "support/parsed_frames.hpp"
#include "support/raw_client.hpp"
#include "support/session_endpoint.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace harpia::test {

namespace {

// The first events that are not the same.
struct mismatch {
  const comparison& how;
  std::string_view frames;
  std::size_t messages_before;
  const told& session;
  const told& beast;
  std::span<const told> rest_of_session; // from `session` on
};

bool has_length_of_64_bits(std::string_view frames) {
  return std::ranges::any_of(parse_frames(frames), [](const parsed_frame& each) { return each.length >> 63U != 0; });
}

// Unicode 15, table 3-6. The library's own check is what is compared.
bool ends_within_character(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(text.size(), 3); ++size) {
    const auto byte = static_cast<std::uint8_t>(text[text.size() - size]);
    if ((byte & 0xC0U) != 0x80U)
      return size < (byte >= 0xF0U ? 4U : byte >= 0xE0U ? 3U : byte >= 0xC0U ? 2U : 1U);
  }
  return false;
}

bool is_behind_bad_compression(const mismatch& at) {
  if (!at.how.deflate)
    return false;
  const auto& options = *at.how.deflate;
  const bool from_client = at.how.reader == role::server;
  return at.messages_before >= count_well_deflated(
             parse_frames(at.frames), from_client ? options.client_max_window_bits : options.server_max_window_bits,
             from_client ? options.client_context_takeover : options.server_context_takeover);
}

bool is_fault_of_payload(const told& event) {
  return event.is_failure(1007) || event.is_failure(1009);
}

struct deliberate_difference {
  const char* reason;
  bool (*covers)(const mismatch& at);
};

// All that a session and Beast may do differently, each with the reason.
constexpr deliberate_difference deliberate_differences[]{
    {"RFC 6455, 5.2: the most significant bit of a 64-bit length must be 0. Beast says that the message is too big, or waits for "
     "the rest if it is compressed.",
     [](const mismatch& at) { return at.session.is_failure(1002) && has_length_of_64_bits(at.frames); }},
    {"RFC 6455, 7.4.2 defines close codes up to 4999. Beast accepts those above.",
     [](const mismatch& at) {
       return at.session.is_failure(1002) && at.beast.what == told::event::closed && at.beast.code >= 5000;
     }},
    {"1014 was registered after RFC 6455, and Beast refuses it. If the reason is not UTF-8 either, the session names that.",
     [](const mismatch& at) {
       const bool accepts = at.session.what == told::event::closed && at.session.code == 1014;
       return at.beast.why == fault::close_code && (accepts || at.session.is_failure(1007));
     }},
    {"RFC 6455, 8.1: bytes that are not UTF-8 where UTF-8 has to be. Beast says 1002 if they are in the reason of a close frame.",
     [](const mismatch& at) { return at.beast.why == fault::close_reason && at.session.is_failure(1007); }},
    {"Beast does not notice that a text ends within a character if the last frame is empty.",
     [](const mismatch& at) {
       return at.beast.what == told::event::text && ends_within_character(at.beast.payload) && at.session.is_failure(1007);
     }},
    {"What is wrong with the first bytes of a frame is wrong whatever follows. Beast waits for the rest of the header.",
     [](const mismatch& at) { return at.beast.what == told::event::lost && at.session.is_failure(1002); }},
    {"A session may look only at a whole compressed text whether it is UTF-8. What follows may be wrong as well, be no part of "
     "the message, or not come. How much is inflated at once decides whether a text is first over the limit.",
     [](const mismatch& at) {
       return at.how.deflate && is_fault_of_payload(at.beast)
              && std::ranges::none_of(at.rest_of_session, [](const told& each) { return each.is_message(); });
     }},
    {"Beast inflates some malformed messages, refuses those with a last block (RFC 7692, 7.2.3.5), keeps the context without "
     "context takeover too, and sends no close frame for what it cannot inflate.",
     is_behind_bad_compression},
};

std::string extension_field(const std::optional<std::string>& value) {
  return value ? "Sec-WebSocket-Extensions: " + *value + "\r\n" : std::string{};
}

std::string opening_of_client(const std::optional<deflate_options>& deflate) {
  return "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
         + extension_field(deflate ? std::optional{deflate::offer_deflate(*deflate)} : std::nullopt) + "\r\n";
}

std::string answer_of_server(std::string_view asked, const std::optional<deflate_options>& deflate) {
  constexpr std::string_view field = "Sec-WebSocket-Key: ";
  const auto key = asked.substr(asked.find(field) + field.size());
  std::optional<std::string> extension;
  if (deflate)
    extension =
        deflate::accept_deflate(opening_request({{"Sec-WebSocket-Extensions", deflate::offer_deflate(*deflate)}}), *deflate)
            .value()
            .extension;
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
         + accept_for_key(key.substr(0, key.find("\r\n"))) + "\r\n" + extension_field(extension) + "\r\n";
}

template <class Endpoint>
void open(Endpoint& endpoint, const comparison& how) {
  if (how.reader == role::server)
    endpoint.receive(opening_of_client(how.deflate));
  else
    endpoint.receive(answer_of_server(endpoint.take_written(), how.deflate));
  if (!endpoint.is_open())
    throw std::logic_error{"an opening handshake without fault is accepted"};
  (void)endpoint.take_written();
}

template <class Endpoint>
void feed(Endpoint& endpoint, std::string_view bytes, const piece_sizes& next) {
  while (!bytes.empty() && !endpoint.is_over()) {
    const auto piece = bytes.substr(0, next());
    bytes.remove_prefix(piece.size());
    endpoint.receive(piece);
  }
  endpoint.receive_end();
}

std::string describe(const told& session, const told& beast) {
  return "the session: " + to_string(session) + "; Beast: " + to_string(beast);
}

bool are_alike(const parsed_frame& a, const parsed_frame& b) {
  return a.first == b.first && a.length == b.length && a.payload == b.payload;
}

} // namespace

std::optional<std::string>
find_difference(const comparison& how, std::string_view frames, const told_list& sessions, const told_list& beasts) {
  const auto [session, beast] = std::ranges::mismatch(sessions, beasts);
  if (session == sessions.end() && beast == beasts.end())
    return std::nullopt;
  if (session == sessions.end() || beast == beasts.end())
    return "one of the two has not come to an end";
  const auto messages = std::count_if(sessions.begin(), session, [](const told& each) { return each.is_message(); });
  const mismatch at{how, frames, static_cast<std::size_t>(messages), *session, *beast, {session, sessions.end()}};
  if (std::ranges::any_of(deliberate_differences, [&](const auto& each) { return each.covers(at); }))
    return std::nullopt;
  return describe(*session, *beast);
}

std::optional<std::string>
find_difference(const comparison& how, std::string_view frames, const piece_sizes& to_session, const piece_sizes& to_beast) {
  route_options options{.max_payload = how.max_message, .high_watermark = 1U << 28U, .max_buffered = 1U << 29U};
  if (how.deflate) {
    options.compression = compression::enabled;
    options.deflate = *how.deflate;
  }
  session_endpoint session{how.reader, options, how.given};
  open(session, how);
  feed(session, frames, to_session);

  beast_endpoint beast{how.reader, {.max_message = how.max_message, .deflate = how.deflate}};
  open(beast, how);
  feed(beast, frames, to_beast);

  if (auto difference = find_difference(how, frames, session.events(), beast.events()))
    return difference;
  if (session.events() != beast.events()) // a deliberate difference, which leads to different answers
    return std::nullopt;
  if (!std::ranges::equal(parse_frames(session.take_written()), parse_frames(beast.take_written()), are_alike))
    return "the answers to pings and close frames differ";
  return std::nullopt;
}

} // namespace harpia::test
