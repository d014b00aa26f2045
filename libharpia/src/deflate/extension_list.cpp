// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "deflate/extension_list.hpp"

#include "vocabulary/token.hpp"

#include <algorithm>

namespace harpia::inline v0::deflate {

namespace {

class reader {
public:
  explicit reader(std::string_view field) noexcept : rest_{field} {}

  [[nodiscard]] bool at_end() noexcept {
    skip_blanks();
    return rest_.empty();
  }

  /// Consumes `c` if it is the next character. @return whether it was
  bool take(char c) noexcept {
    skip_blanks();
    if (!rest_.starts_with(c))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Consumes a token. Empty if there is none.
  std::string_view take_token() noexcept {
    skip_blanks();
    const auto end = std::ranges::find_if_not(rest_, is_token_char);
    const auto token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(token.size());
    return token;
  }

  /// Consumes a token, quoted or not. The content of the quotes must be a token (RFC 6455, 9.1). Empty if there is none.
  std::string take_value() {
    if (!take('"'))
      return std::string{take_token()};
    std::string value;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\')
        rest_.remove_prefix(1);
      if (rest_.empty() || !is_token_char(rest_.front()))
        return {};
      value += rest_.front();
      rest_.remove_prefix(1);
    }
    return take('"') ? value : std::string{};
  }

private:
  void skip_blanks() noexcept { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::string_view rest_;
};

} // namespace

std::optional<std::vector<extension>> read_extensions(std::string_view field) {
  std::vector<extension> found;
  reader from{field};
  while (!from.at_end()) {
    if (from.take(','))
      continue; // lists may have empty elements (RFC 9110, 5.6.1.2)
    auto& [name, parameters] = found.emplace_back();
    name = from.take_token();
    if (name.empty())
      return std::nullopt;
    while (from.take(';')) {
      auto& [parameter, value] = parameters.emplace_back(from.take_token(), std::nullopt);
      if (parameter.empty())
        return std::nullopt;
      if (from.take('=') && (value = from.take_value())->empty())
        return std::nullopt;
    }
    if (!from.at_end() && !from.take(','))
      return std::nullopt;
  }
  return found;
}

} // namespace harpia::inline v0::deflate
