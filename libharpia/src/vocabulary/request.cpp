// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/request.hpp>

#include "vocabulary/lower.hpp"
#include "vocabulary/trim.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace harpia::inline v0 {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view separator = ": ";
constexpr std::string_view blank_once_safe{" \t\r\n\0", 5}; // see append_line_safe

/// Returns the part of `rest` before the first `mark` and removes it, with the mark, from `rest`.
std::string_view take_until(char mark, std::string_view& rest) noexcept {
  const auto size = std::min(rest.find(mark), rest.size());
  const auto taken = rest.substr(0, size);
  rest.remove_prefix(std::min(size + 1, rest.size()));
  return taken;
}

bool ends_line(char c) noexcept {
  return c == '\r' || c == '\n' || c == '\0';
}

/// Appends `text` with a space for every byte that would end a line, so that no value can inject another field.
void append_line_safe(std::string& out, std::string_view text) {
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  out += text;
  std::replace_if(out.begin() + begin, out.end(), ends_line, ' ');
}

/// As `append_line_safe`. Also replaces colons, which would end the name early.
void append_field_name(std::string& out, std::string_view name) {
  const auto begin = out.size();
  append_line_safe(out, name);
  std::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), ':', ' ');
}

/// The value in a line that the constructor has written: "Name: value\r".
std::string_view value_of(std::string_view line, std::size_t name_size) noexcept {
  line.remove_prefix(name_size + separator.size());
  line.remove_suffix(1); // the '\r'
  return line;
}

/// Calls `visit(value)` for the fields `name` after the request line, until it returns true.
template <class Visit>
void visit_fields(std::string_view head, std::string_view name, Visit visit) {
  if (name.find(':') != std::string_view::npos)
    return;
  take_until('\n', head);
  while (!head.empty()) {
    const auto line = take_until('\n', head);
    if (line.size() <= name.size() || line[name.size()] != ':' || !equal_ignoring_case(line.substr(0, name.size()), name))
      continue;
    if (visit(value_of(line, name.size())))
      return;
  }
}

std::optional<std::string_view> find_cookie(std::string_view pairs, std::string_view name) noexcept {
  while (!pairs.empty()) {
    auto value = take_until(';', pairs);
    if (value.find('=') == std::string_view::npos)
      continue;
    if (trim(take_until('=', value)) != name)
      continue;
    value = trim(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F')
    return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

/// Decodes a "%XX" at the beginning of `text`; nothing if there is none.
std::optional<char> percent_byte(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%')
    return std::nullopt;
  const auto high = hex_digit(text[1]);
  const auto low = hex_digit(text[2]);
  if (!high || !low)
    return std::nullopt;
  return static_cast<char>(*high * 16 + *low);
}

/// Decodes application/x-www-form-urlencoded as the URL Standard does: a '%' that does not begin a "%XX" stands for itself.
std::string form_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto byte = percent_byte(text);
    result += byte ? *byte : text.front() == '+' ? ' ' : text.front();
    text.remove_prefix(byte ? 3 : 1);
  }
  return result;
}

std::optional<std::string> find_in_form(std::string_view pairs, std::string_view name) {
  while (!pairs.empty()) {
    auto value = take_until('&', pairs);
    if (value.empty())
      continue;
    if (form_decode(take_until('=', value)) == name)
      return form_decode(value);
  }
  return std::nullopt;
}

using named_values = std::vector<std::pair<std::string, std::string>>;

std::string_view find_named(const named_values& all, std::string_view name) noexcept {
  const auto found = std::ranges::find(all, name, &named_values::value_type::first);
  return found == all.end() ? std::string_view{} : std::string_view{found->second};
}

} // namespace

request::request(std::string_view method, std::string_view target, const std::vector<field>& fields,
                 std::string_view remote_address)
    : request{method, target, fields, remote_address, text::unchecked} {}

request::request(std::string_view method, std::string_view target, const std::vector<field>& fields,
                 std::string_view remote_address, text what)
    : method_size_{static_cast<std::uint32_t>(method.size())}, target_size_{static_cast<std::uint32_t>(target.size())},
      address_size_{static_cast<std::uint32_t>(remote_address.size())} {
  auto size = method.size() + 1 + target.size() + line_end.size() + remote_address.size();
  for (const auto& [name, value] : fields)
    size += name.size() + separator.size() + value.size() + line_end.size();
  head_.reserve(size);
  const auto add = [&](std::string_view part, std::string_view end) {
    what == text::parsed ? void(head_ += part) : append_line_safe(head_, part);
    head_ += end;
  };
  add(method, " ");
  add(target, line_end);
  for (const auto& [name, value] : fields) {
    if (what == text::parsed)
      head_ += name;
    else
      append_field_name(head_, name);
    head_ += separator;
    add(what == text::parsed ? value : trim(value, blank_once_safe), line_end);
  }
  head_ += remote_address;
}

/// What few requests have.
struct request::additions {
  std::vector<std::pair<std::string, std::string>> params;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string body;
  std::shared_ptr<const peer_certificate> certificate;
};

// The sizes refer to the moved members, so they must become 0 with them.
request::request(request&& other) noexcept
    : head_{std::exchange(other.head_, {})}, added_{std::move(other.added_)}, method_size_{std::exchange(other.method_size_, 0U)},
      target_size_{std::exchange(other.target_size_, 0U)}, address_size_{std::exchange(other.address_size_, 0U)} {}

request& request::operator=(request&& other) noexcept {
  auto taken = std::move(other); // first, so that a request may be assigned to itself
  head_.swap(taken.head_);
  added_.swap(taken.added_);
  method_size_ = taken.method_size_;
  target_size_ = taken.target_size_;
  address_size_ = taken.address_size_;
  return *this;
}

// The additions, to be changed: those of this request alone.
request::additions& request::own_additions() {
  if (!added_)
    added_ = std::make_shared<additions>();
  else if (added_.use_count() > 1)
    added_ = std::make_shared<additions>(*added_);
  return *added_;
}

std::string_view request::method() const noexcept {
  return {head_.data(), method_size_};
}

std::string_view request::target() const noexcept {
  if (target_size_ == 0)
    return {};
  return {head_.data() + method_size_ + 1, target_size_};
}

std::string_view request::path() const noexcept {
  auto rest = target();
  return take_until('?', rest);
}

std::string_view request::query_string() const noexcept {
  auto rest = target();
  take_until('?', rest);
  return rest;
}

std::string_view request::param(std::string_view name) const noexcept {
  return added_ ? find_named(added_->params, name) : std::string_view{};
}

std::optional<std::string> request::query(std::string_view name) const {
  return find_in_form(query_string(), name);
}

std::string_view request::body() const noexcept {
  return added_ ? std::string_view{added_->body} : std::string_view{};
}

std::optional<std::string> request::form(std::string_view name) const {
  const auto type = header("Content-Type").value_or("");
  if (!equal_ignoring_case(trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded"))
    return std::nullopt;
  return find_in_form(body(), name);
}

std::string_view request::remote_address() const noexcept {
  return std::string_view{head_}.substr(head_.size() - address_size_);
}

const peer_certificate* request::client_certificate() const noexcept {
  return added_ ? added_->certificate.get() : nullptr;
}

std::optional<std::string_view> request::header(std::string_view name) const noexcept {
  std::optional<std::string_view> result;
  visit_fields(head(), name, [&](std::string_view value) {
    result = value;
    return true;
  });
  return result;
}

std::vector<std::string_view> request::header_all(std::string_view name) const {
  std::vector<std::string_view> result;
  visit_fields(head(), name, [&](std::string_view value) {
    result.push_back(value);
    return false;
  });
  return result;
}

std::vector<request::field> request::fields() const {
  constexpr std::size_t usual = 16;
  std::vector<field> result;
  result.reserve(usual);
  auto rest = head();
  take_until('\n', rest);
  while (!rest.empty()) {
    const auto line = take_until('\n', rest);
    const auto name = line.substr(0, line.find(':'));
    result.emplace_back(name, value_of(line, name.size()));
  }
  return result;
}

std::optional<std::string_view> request::cookie(std::string_view name) const noexcept {
  std::optional<std::string_view> result;
  visit_fields(head(), "cookie", [&](std::string_view value) {
    result = find_cookie(value, name);
    return result.has_value();
  });
  return result;
}

std::string_view request::attribute(std::string_view name) const noexcept {
  return added_ ? find_named(added_->attributes, name) : std::string_view{};
}

void request::set_attribute(std::string name, std::string value) {
  auto& all = own_additions().attributes;
  const auto found = std::ranges::find(all, name, &named_values::value_type::first);
  if (found == all.end())
    all.emplace_back(std::move(name), std::move(value));
  else
    found->second = std::move(value);
}

void request::set_params(std::vector<std::pair<std::string, std::string>> params) {
  if (!params.empty() || added_)
    own_additions().params = std::move(params);
}

void request::set_client_certificate(peer_certificate shown) {
  own_additions().certificate = std::make_shared<const peer_certificate>(std::move(shown));
}

void request::set_body(std::string body) {
  if (!body.empty() || added_)
    own_additions().body = std::move(body);
}

void request::set_remote_address(std::string_view address) {
  std::string changed; // and not by growing, which would reserve twice the size
  changed.reserve(head().size() + address.size());
  changed.append(head()).append(address);
  head_ = std::move(changed);
  address_size_ = static_cast<std::uint32_t>(address.size());
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto byte = percent_byte(text);
    if (!byte && text.front() == '%')
      return std::nullopt;
    result += byte ? *byte : text.front();
    text.remove_prefix(byte ? 3 : 1);
  }
  return result;
}

} // namespace harpia::inline v0
