// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "websocket/client_handshake.hpp"

#include "http/body_reader.hpp"
#include "http/field.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <openssl/evp.h>
#include <sstream>

namespace harpia::inline v0::websocket {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

error handshake_violation(const std::string& what) {
  return {errc::protocol_violation, make_error_code(errc::protocol_violation).message() + ": " + what};
}

std::vector<std::string_view> values_of(const http_response& answer, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [field, value] : answer.headers)
    if (harpia::http::equal_fields(field, name))
      values.push_back(value);
  return values;
}

bool any_has_token(const http_response& answer, std::string_view field, std::string_view token) {
  const auto values = values_of(answer, field);
  return std::any_of(values.begin(), values.end(), [&](std::string_view value) { return harpia::http::has_token(value, token); });
}

std::optional<error> check_extensions(const http_response& answer, const std::optional<deflate_options>& offered) {
  const auto values = values_of(answer, "Sec-WebSocket-Extensions");
  if (values.empty())
    return std::nullopt;
  if (!offered || values.size() > 1 || !deflate::read_deflate_answer(values.front(), *offered))
    return handshake_violation("it answered with an extension that was not offered, or not like this");
  return std::nullopt;
}

std::optional<error> check_subprotocol(const http_response& answer, const std::vector<std::string>& offered) {
  const auto values = values_of(answer, "Sec-WebSocket-Protocol");
  if (values.empty())
    return std::nullopt;
  if (values.size() > 1 || std::find(offered.begin(), offered.end(), values.front()) == offered.end())
    return handshake_violation("it chose a subprotocol that was not offered");
  return std::nullopt;
}

} // namespace

std::string new_handshake_key(masking_keys& random) {
  std::array<masking_key, 4> bytes{};
  for (auto& four : bytes)
    four = random.next();
  std::array<unsigned char, 25> text{}; // 24 characters and a zero
  EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(bytes.data()), sizeof bytes);
  return {text.begin(), text.end() - 1};
}

std::string encode_opening(const client_opening& opening, std::string_view key) {
  http::request<http::empty_body> asked{http::verb::get, opening.target, 11};
  asked.set(http::field::host, opening.host);
  asked.set(http::field::upgrade, "websocket");
  asked.set(http::field::connection, "upgrade");
  asked.set(http::field::sec_websocket_key, beast::string_view{key.data(), key.size()});
  asked.set(http::field::sec_websocket_version, "13");
  for (const auto& [name, value] : opening.fields)
    asked.insert(name, value);
  if (asked.count(http::field::user_agent) == 0)
    asked.set(http::field::user_agent, "harpia");
  std::string offered;
  for (const auto& name : opening.subprotocols)
    offered.append(offered.empty() ? "" : ", ").append(name);
  if (!offered.empty())
    asked.set(http::field::sec_websocket_protocol, offered);
  std::ostringstream text;
  text << asked;
  return std::move(text).str();
}

namespace {

// How the body of a refusal is framed (RFC 9112, 6.3).
harpia::http::body_reader body_of(const http::response_parser<http::empty_body>& head) {
  constexpr auto most = response_reader::max_body;
  if (head.is_done()) // such as a 304
    return harpia::http::body_reader::of_length(0, most);
  if (head.chunked())
    return harpia::http::body_reader::in_chunks(most, response_reader::max_header);
  if (const auto length = head.content_length())
    return harpia::http::body_reader::of_length(std::min<std::uint64_t>(*length, most), most);
  return harpia::http::body_reader::to_end(most);
}

} // namespace

response_reader::response_reader() = default;
response_reader::response_reader(response_reader&&) noexcept = default;
response_reader& response_reader::operator=(response_reader&&) noexcept = default;
response_reader::~response_reader() = default;

response_reader::state response_reader::read(std::span<const std::byte> bytes) {
  unparsed_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!body_) {
    const auto end = unparsed_.find(end_of_head);
    const auto size = end == std::string::npos ? unparsed_.size() : end + end_of_head.size();
    if (parsed_ + size > max_header) {
      failure_ = "the header section of its answer is too large";
      return state::failed;
    }
    if (end == std::string::npos)
      return state::incomplete;
    if (!parse(std::string_view{unparsed_}.substr(0, size)))
      return state::failed;
    unparsed_.erase(0, size);
    parsed_ += size;
    if (response_.status == 101)
      return state::complete;
  }
  return read_body();
}

bool response_reader::parse(std::string_view head) {
  http::response_parser<http::empty_body> parser;
  parser.header_limit(max_header);
  parser.body_limit(boost::none); // which is for the body's reader
  beast::error_code failure;
  std::size_t used = 0;
  while (!failure && !parser.is_header_done())
    used += parser.put(boost::asio::buffer(head.data() + used, head.size() - used), failure);
  if (!failure && parser.get().version() != 11)
    failure = http::error::bad_version;
  if (failure) {
    failure_ = "its answer is malformed: " + failure.message();
    return false;
  }
  response_ = {.status = static_cast<int>(parser.get().result_int()), .content_type = {}};
  for (const auto& field : parser.get())
    response_.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  if (response_.status >= 200)
    body_ = std::make_unique<harpia::http::body_reader>(body_of(parser));
  return true;
}

// A body that is too large or malformed is given as far as it was read, of chunks those that fit: the refusal is what counts.
response_reader::state response_reader::read_body() {
  unparsed_.erase(0, body_->read(unparsed_));
  return body_->at() == harpia::http::body_reader::state::incomplete ? state::incomplete : read_end();
}

response_reader::state response_reader::read_end() {
  if (!body_) {
    failure_ = "it ended before its answer did";
    return state::failed;
  }
  response_.body = std::move(body_->body());
  return state::complete;
}

std::optional<error> check_response(const http_response& answer, const client_opening& asked, std::string_view digest,
                                    const std::optional<deflate_options>& offered) {
  if (answer.status != 101) {
    auto what = make_error_code(errc::handshake_refused).message() + ": " + std::to_string(answer.status);
    // Not the peer's reason phrase, which may contain anything.
    if (const auto status = http::int_to_status(static_cast<unsigned>(answer.status)); status != http::status::unknown)
      what.append(" ").append(std::string_view{http::obsolete_reason(status)});
    return error{errc::handshake_refused, std::move(what), std::make_shared<const http_response>(answer)};
  }
  if (!any_has_token(answer, "Upgrade", "websocket"))
    return handshake_violation("the Upgrade field of its answer lacks 'websocket'");
  if (!any_has_token(answer, "Connection", "upgrade"))
    return handshake_violation("the Connection field of its answer lacks 'Upgrade'");
  const auto digests = values_of(answer, "Sec-WebSocket-Accept");
  if (digests.size() != 1 || digests.front() != digest)
    return handshake_violation("its answer has not the one Sec-WebSocket-Accept that belongs to the key");
  if (auto failure = check_extensions(answer, offered))
    return failure;
  return check_subprotocol(answer, asked.subprotocols);
}

std::string_view field_of(const http_response& answer, std::string_view name) noexcept {
  for (const auto& [field, value] : answer.headers)
    if (harpia::http::equal_fields(field, name))
      return value;
  return {};
}

} // namespace harpia::inline v0::websocket
