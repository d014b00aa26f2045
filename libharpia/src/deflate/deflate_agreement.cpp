// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "deflate/deflate_agreement.hpp"

#include "http/field.hpp"

#include "deflate/extension_list.hpp"

#include <algorithm>
#include <utility>

namespace harpia::inline v0::deflate {

namespace {

constexpr int largest_window = 15;
constexpr int smallest_of_zlib = 9; // for compressing

enum class sent_by : bool { client, server };

// The parameters of an offer or of a response to one.
struct parameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<int> server_max_window_bits = {};
  std::optional<int> client_max_window_bits = {};
  bool client_max_window_bits_alone = false; // client_max_window_bits without a value
};

// RFC 7692, 7.1.2: a decimal number without leading zeros, from 8 to 15.
std::optional<int> window_bits(std::string_view text) {
  if (text == "8" || text == "9")
    return text.front() - '0';
  if (text.size() == 2 && text.front() == '1' && text.back() >= '0' && text.back() <= '5')
    return 10 + (text.back() - '0');
  return std::nullopt;
}

bool read_flag(bool& flag, const std::optional<std::string>& value) {
  return !value && !std::exchange(flag, true);
}

bool read_window(std::optional<int>& window, const std::optional<std::string>& value) {
  if (window || !value)
    return false;
  window = window_bits(*value);
  return window.has_value();
}

bool read_clients_window(parameters& found, const std::optional<std::string>& value, sent_by sender) {
  if (found.client_max_window_bits_alone)
    return false;
  if (value || sender == sent_by::server)
    return read_window(found.client_max_window_bits, value);
  return !found.client_max_window_bits && !std::exchange(found.client_max_window_bits_alone, true);
}

// Nothing for parameters that are unknown, repeated or without a proper value.
std::optional<parameters> read(const extension& element, sent_by sender) {
  if (!http::equal_fields(element.name, "permessage-deflate"))
    return std::nullopt;
  parameters found;
  for (const auto& [name, value] : element.parameters) {
    bool good = false;
    if (http::equal_fields(name, "server_no_context_takeover"))
      good = read_flag(found.server_no_context_takeover, value);
    else if (http::equal_fields(name, "client_no_context_takeover"))
      good = read_flag(found.client_no_context_takeover, value);
    else if (http::equal_fields(name, "server_max_window_bits"))
      good = read_window(found.server_max_window_bits, value);
    else if (http::equal_fields(name, "client_max_window_bits"))
      good = read_clients_window(found, value, sender);
    if (!good)
      return std::nullopt;
  }
  return found;
}

std::string write(const parameters& element) {
  std::string text = "permessage-deflate";
  if (element.server_no_context_takeover)
    text += "; server_no_context_takeover";
  if (element.client_no_context_takeover)
    text += "; client_no_context_takeover";
  if (element.server_max_window_bits)
    text += "; server_max_window_bits=" + std::to_string(*element.server_max_window_bits);
  if (element.client_max_window_bits)
    text += "; client_max_window_bits=" + std::to_string(*element.client_max_window_bits);
  else if (element.client_max_window_bits_alone)
    text += "; client_max_window_bits";
  return text;
}

context_takeover unless(bool excluded) {
  return excluded ? context_takeover::disabled : context_takeover::enabled;
}

deflate_agreement agreement_of(const parameters& element) {
  return {element.server_max_window_bits.value_or(largest_window), element.client_max_window_bits.value_or(largest_window),
          unless(element.server_no_context_takeover), unless(element.client_no_context_takeover)};
}

std::optional<deflate_answer> answer(const parameters& offer, const deflate_options& options) {
  parameters element;
  // 7.1.1: a requested server_no_context_takeover must be granted. A server may send client_no_context_takeover without an offer of it.
  element.server_no_context_takeover =
      offer.server_no_context_takeover || options.server_context_takeover == context_takeover::disabled;
  element.client_no_context_takeover =
      offer.client_no_context_takeover || options.client_context_takeover == context_takeover::disabled;
  // 7.1.2.1: the response to an offered limit must not be larger than it.
  const auto window = std::min(options.server_max_window_bits.get(), offer.server_max_window_bits.value_or(largest_window));
  if (window < smallest_of_zlib)
    return std::nullopt;
  if (offer.server_max_window_bits || window < largest_window)
    element.server_max_window_bits = window;
  // 7.1.2.2: a server may limit the client's window only if the client offered client_max_window_bits.
  const auto of_client = std::min(options.client_max_window_bits.get(), offer.client_max_window_bits.value_or(largest_window));
  const bool can_be_given = offer.client_max_window_bits || offer.client_max_window_bits_alone;
  if (of_client < largest_window && !can_be_given)
    return std::nullopt;
  if (offer.client_max_window_bits || of_client < largest_window)
    element.client_max_window_bits = of_client;
  return deflate_answer{agreement_of(element), write(element)};
}

} // namespace

std::optional<deflate_answer> accept_deflate(const request& opening, const deflate_options& options) {
  for (const auto field : opening.header_all("Sec-WebSocket-Extensions"))
    for (const auto& each : read_extensions(field).value_or(std::vector<extension>{}))
      if (const auto offer = read(each, sent_by::client))
        if (auto accepted = answer(*offer, options))
          return accepted;
  return std::nullopt;
}

std::string offer_deflate(const deflate_options& options) {
  parameters element;
  element.server_no_context_takeover = options.server_context_takeover == context_takeover::disabled;
  element.client_no_context_takeover = options.client_context_takeover == context_takeover::disabled;
  if (options.server_max_window_bits < largest_window)
    element.server_max_window_bits = options.server_max_window_bits;
  if (options.client_max_window_bits < largest_window)
    element.client_max_window_bits = options.client_max_window_bits;
  else
    element.client_max_window_bits_alone = true;
  return write(element);
}

std::optional<deflate_agreement> read_deflate_answer(std::string_view field, const deflate_options& offered) {
  const auto extensions = read_extensions(field);
  if (!extensions || extensions->size() != 1)
    return std::nullopt;
  auto element = read(extensions->front(), sent_by::server);
  if (!element)
    return std::nullopt;
  // 7.1.1.1 and 7.1.2: a server that accepts must confirm server_no_context_takeover, and no window may be larger than offered.
  if (offered.server_context_takeover == context_takeover::disabled && !element->server_no_context_takeover)
    return std::nullopt;
  if (element->server_max_window_bits.value_or(largest_window) > offered.server_max_window_bits)
    return std::nullopt;
  if (element->client_max_window_bits.value_or(0) > offered.client_max_window_bits)
    return std::nullopt;
  // A client keeps to the client_ parameters that it offered (7.1.1.2, 7.1.2.2), even if the response does not repeat them.
  if (offered.client_context_takeover == context_takeover::disabled)
    element->client_no_context_takeover = true;
  if (!element->client_max_window_bits)
    element->client_max_window_bits = offered.client_max_window_bits;
  return agreement_of(*element);
}

} // namespace harpia::inline v0::deflate
