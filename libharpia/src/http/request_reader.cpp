// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "http/request_reader.hpp"

#include "http/body_reader.hpp"
#include "http/field.hpp"
#include "http/response.hpp"

#include "vocabulary/lower.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace harpia::inline v0::http {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

using allocator = std::pmr::polymorphic_allocator<char>;
using parser_type = http::request_parser<http::empty_body, allocator>;

std::string_view view(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// A target in absolute form, taken apart (RFC 9112, 3.2.2).
struct absolute_target {
  std::string_view authority;
  std::string_view rest; // path and query, as they were sent

  /// In origin form, or as "*" for OPTIONS without a path.
  [[nodiscard]] std::string origin_form(std::string_view method) const {
    if (rest.empty())
      return method == "OPTIONS" ? "*" : "/";
    return rest.front() == '/' ? std::string{rest} : "/" + std::string{rest};
  }
};

std::optional<absolute_target> parse_absolute(std::string_view target) noexcept {
  for (const std::string_view scheme : {"http://", "https://", "ws://", "wss://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme))
      continue;
    target.remove_prefix(scheme.size());
    const auto size = std::min(target.find_first_of("/?"), target.size());
    const auto authority = target.substr(0, size);
    if (authority.empty() || authority.front() == ':' || !is_host(authority))
      return std::nullopt;
    return absolute_target{authority, target.substr(size)};
  }
  return std::nullopt;
}

// What Beast takes for a wrong version may be anything behind the second space. Of that, eight characters are there.
http_response refuse_version(std::string_view line) {
  const auto target = line.find(' ');
  const auto version = line.find(' ', target + 1);
  const auto named = line.substr(std::min(version, line.size() - 1) + 1).substr(0, sizeof "HTTP/1.1" - 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_version = named.size() == sizeof "HTTP/1.1" - 1 && named.starts_with("HTTP/") && is_digit(named[5])
                          && named[6] == '.' && is_digit(named[7]);
  if (!is_version)
    return refuse(400, "malformed request: the request line does not end with the version");
  if (named == "HTTP/1.1" || named == "HTTP/1.0")
    return refuse(400, "malformed request: the request line does not end with CR and LF");
  return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
}

/// What the fields say of the message's framing and destination, and what is wrong with that.
class head_check {
public:
  explicit head_check(const parser_type& parser) : version_{parser.get().version()} {
    for (const auto& field : parser.get()) {
      const auto value = view(field.value());
      switch (field.name()) {
        case http::field::host: ++hosts_, host_ = value; break;
        case http::field::content_length: ++lengths_, length_ = value; break;
        case http::field::transfer_encoding: ++codings_, coding_ = value; break;
        default: break;
      }
    }
  }

  [[nodiscard]] std::optional<http_response> refusal() const {
    // RFC 9112, 3.2
    if (hosts_ > 1)
      return refuse(400, "the Host field is repeated");
    if (hosts_ == 0 && version_ == 11)
      return refuse(400, "the Host field is missing");
    if (!is_host(host_))
      return refuse(400, "the Host field is not a host");
    // RFC 9112, 6.3: what two recipients could understand differently is refused.
    if (lengths_ > 1 || !std::ranges::all_of(length_, [](char c) { return c >= '0' && c <= '9'; }))
      return refuse(400, "the Content-Length field is repeated or not a number");
    if (codings_ == 0)
      return std::nullopt;
    if (lengths_ > 0)
      return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
    if (version_ != 11)
      return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    if (codings_ > 1 || !equal_ignoring_case(coding_, "chunked"))
      return refuse(501, "the only transfer coding that is understood here is 'chunked'");
    return std::nullopt;
  }

private:
  unsigned version_;
  int hosts_ = 0;
  int lengths_ = 0;
  int codings_ = 0;
  std::string_view host_;
  std::string_view length_;
  std::string_view coding_;
};

} // namespace

struct request_reader::implementation {
  explicit implementation(std::size_t limit)
      : max_header{std::min<std::size_t>(limit, std::numeric_limits<std::uint32_t>::max())},
        parser{std::piecewise_construct, std::tuple{}, std::tuple{allocator{&memory}}} {
    parser.header_limit(static_cast<std::uint32_t>(max_header));
    parser.body_limit(boost::none); // which is for the body's reader
  }

  [[nodiscard]] state fail(http_response why) {
    refusal = std::move(why);
    return state::failed;
  }
  [[nodiscard]] state too_large() { return fail(refuse(431, "the request line and header fields are too large")); }

  // RFC 9112, 2.2: empty lines before a request are ignored.
  void skip_empty_lines() {
    std::size_t blank = 0;
    while (unparsed.size() - blank >= 2 && unparsed[blank] == std::byte{'\r'} && unparsed[blank + 1] == std::byte{'\n'})
      blank += 2;
    drop(blank);
  }
  // Forgets the first `used` bytes.
  void drop(std::size_t used) {
    unparsed.erase(unparsed.begin(), unparsed.begin() + static_cast<std::ptrdiff_t>(used));
    parsed += used;
  }
  [[nodiscard]] state fail_parsing(const beast::error_code& why, std::size_t used);
  [[nodiscard]] state check();

  std::size_t max_header;
  std::size_t parsed = 0; // bytes of the head

  std::array<std::byte, 512> usual_memory; // enough for most requests; a larger object would miss malloc's cache
  std::pmr::monotonic_buffer_resource memory{usual_memory.data(), usual_memory.size()};
  parser_type parser;
  std::vector<std::byte> unparsed; // the start of an incomplete line, bounded by header_limit; then the bytes behind the head
  std::optional<body_reader> body; // once it is wanted
  std::size_t max_body = 0;
  http_response refusal;
};

request_reader::request_reader(std::size_t max_header) : implementation_{std::make_unique<implementation>(max_header)} {}
request_reader::~request_reader() = default;
request_reader::request_reader(request_reader&&) noexcept = default;
request_reader& request_reader::operator=(request_reader&&) noexcept = default;

request_reader::state request_reader::implementation::fail_parsing(const beast::error_code& why, std::size_t used) {
  if (why == http::error::header_limit)
    return too_large();
  if (why == http::error::bad_version)
    return fail(refuse_version({reinterpret_cast<const char*>(unparsed.data()) + used, unparsed.size() - used}));
  return fail(refuse(400, "malformed request: " + why.message()));
}

request_reader::state request_reader::implementation::check() {
  const auto target = view(parser.get().target());
  const bool is_options = parser.get().method() == http::verb::options;
  if (!target.starts_with('/') && !(is_options && target == "*") && !parse_absolute(target))
    return fail(refuse(400, "the request target is neither a path nor a URL"));
  if (auto faulty = head_check{parser}.refusal())
    return fail(*std::move(faulty));
  return state::complete;
}

request_reader::state request_reader::read(std::span<const std::byte> bytes) {
  auto& self = *implementation_;
  self.unparsed.insert(self.unparsed.end(), bytes.begin(), bytes.end());
  if (!self.parser.got_some())
    self.skip_empty_lines();
  std::size_t used = 0;
  // Beast parses one line per call; call it until it returns need_more.
  while (!self.parser.is_header_done()) {
    beast::error_code failure = http::error::need_more;
    const bool may_be_empty_line =
        used == 0 && self.unparsed.size() == 1 && self.unparsed[0] == std::byte{'\r'} && !self.parser.got_some();
    if (!self.unparsed.empty() && !may_be_empty_line)
      used += self.parser.put(boost::asio::buffer(self.unparsed.data() + used, self.unparsed.size() - used), failure);
    if (failure == http::error::need_more) {
      self.drop(used);
      return self.parsed + self.unparsed.size() <= self.max_header
                 ? state::incomplete
                 : self.too_large(); // Beast limits each of both parts only
    }
    if (failure)
      return self.fail_parsing(failure, used);
  }
  self.drop(used);
  return self.parsed <= self.max_header ? self.check() : self.too_large();
}

request_reader::state request_reader::read_next() {
  auto rest = std::move(implementation_->unparsed);
  implementation_ = std::make_unique<implementation>(implementation_->max_header);
  implementation_->unparsed = std::move(rest);
  return read({});
}

request request_reader::take_request(std::string_view remote_address) {
  const auto& parsed = implementation_->parser.get();
  const auto method = view(parsed.method_string());
  const auto target = view(parsed.target());
  const auto absolute = target.starts_with('/') || target == "*" ? std::nullopt : parse_absolute(target);
  constexpr std::size_t usual = 16;
  std::vector<request::field> fields;
  fields.reserve(usual);
  if (absolute)
    fields.emplace_back("Host", absolute->authority);
  for (const auto& field : parsed)
    if (!absolute || field.name() != http::field::host)
      fields.emplace_back(view(field.name_string()), view(field.value()));
  if (absolute)
    return {method, absolute->origin_form(method), fields, remote_address, request::text::parsed};
  return {method, target, fields, remote_address, request::text::parsed};
}

bool request_reader::has_body() const noexcept {
  return implementation_->parser.chunked() || implementation_->parser.content_length_remaining().value_or(0) > 0;
}

bool request_reader::awaits_continue() const noexcept {
  const auto& parsed = implementation_->parser.get();
  return !is_http_1_0() && has_token(view(parsed[http::field::expect]), "100-continue");
}

bool request_reader::is_http_1_0() const noexcept {
  return implementation_->parser.get().version() == 10;
}

bool request_reader::is_persistent() const noexcept {
  const auto [first, last] = implementation_->parser.get().equal_range(http::field::connection);
  bool keeps = !is_http_1_0();
  for (auto each = first; each != last; ++each) {
    if (has_token(view(each->value()), "close"))
      return false;
    keeps = keeps || has_token(view(each->value()), "keep-alive");
  }
  return keeps;
}

request_reader::state request_reader::begin_body(std::size_t max_body) {
  auto& self = *implementation_;
  self.max_body = max_body;
  self.body = self.parser.chunked() ? body_reader::in_chunks(max_body, self.max_header)
                                    : body_reader::of_length(self.parser.content_length().value_or(0), max_body);
  return read_body({});
}

request_reader::state request_reader::read_body(std::span<const std::byte> bytes) {
  auto& self = *implementation_;
  self.unparsed.insert(self.unparsed.end(), bytes.begin(), bytes.end());
  self.drop(self.body->read({reinterpret_cast<const char*>(self.unparsed.data()), self.unparsed.size()}));
  switch (self.body->at()) {
    case body_reader::state::incomplete: return state::incomplete;
    case body_reader::state::complete: return state::complete;
    case body_reader::state::malformed: return self.fail(refuse(400, "malformed request: the body has no proper chunks"));
    case body_reader::state::too_large:
      return self.fail(refuse(413, "the body is larger than " + std::to_string(self.max_body) + " bytes"));
    case body_reader::state::too_much_framing: return self.fail(refuse(400, "the chunks of the body are mostly not its content"));
  }
  return state::failed;
}

std::string request_reader::take_body() {
  return implementation_->body ? std::move(implementation_->body->body()) : std::string{};
}

std::span<const std::byte> request_reader::rest() const noexcept {
  return implementation_->unparsed;
}

bool request_reader::has_next() {
  implementation_->skip_empty_lines();
  return !implementation_->unparsed.empty();
}

void request_reader::keep(std::span<const std::byte> bytes) {
  implementation_->unparsed.insert(implementation_->unparsed.end(), bytes.begin(), bytes.end());
}

const http_response& request_reader::refusal() const noexcept {
  return implementation_->refusal;
}

} // namespace harpia::inline v0::http
