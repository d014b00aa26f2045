// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "pages/file_server.hpp"

#include "http/response.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace harpia::detail {

namespace {

namespace fs = std::filesystem;

// A page's files are small. Larger files belong on a web server.
constexpr std::uintmax_t max_file_size = std::uintmax_t{64} << 20;

std::string_view type_of(const fs::path& file) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 18> types{{
      {".html", "text/html; charset=utf-8"},
      {".htm", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".txt", "text/plain; charset=utf-8"},
      {".md", "text/markdown; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".gif", "image/gif"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".wasm", "application/wasm"},
  }};
  const auto extension = file.extension().string();
  const auto* found = std::find_if(types.begin(), types.end(), [&](const auto& type) { return type.first == extension; });
  return found == types.end() ? "application/octet-stream" : found->second;
}

// The file that `tail` names below `root`; nothing if the name is refused or there is no such file.
std::optional<fs::path> find_file(const fs::path& root, std::string_view tail) {
  if (tail.find('\0') != std::string_view::npos)
    return std::nullopt;
  const auto relative = fs::path{tail}.relative_path();
  for (const auto& part : relative)
    if (part.native().starts_with('.'))
      return std::nullopt;
  std::error_code failure;
  auto file = fs::canonical(root / relative, failure);
  if (!failure && fs::is_directory(file, failure))
    file = fs::canonical(file / "index.html", failure);
  if (failure || !fs::is_regular_file(file, failure))
    return std::nullopt;
  // A symbolic link may point anywhere. Its target must be below the root.
  if (std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first != root.end())
    return std::nullopt;
  return file;
}

} // namespace

http_handler make_file_handler(const fs::path& folder) {
  std::error_code failure;
  const auto root = fs::canonical(folder, failure);
  if (failure || !fs::is_directory(root))
    throw std::invalid_argument{"cannot serve files from '" + folder.string() + "': it is no directory"};
  return [root](const harpia::request& request) -> http_response {
    const auto file = find_file(root, request.param("*"));
    std::error_code unreadable;
    if (!file || fs::file_size(*file, unreadable) > max_file_size)
      return http::refuse(404, "no such file");
    std::ifstream stream{*file, std::ios::binary};
    if (!stream)
      return http::refuse(404, "no such file");
    return {
        .body = {std::istreambuf_iterator<char>{stream}, {}},
        .content_type = std::string{type_of(*file)},
        .headers = {{"Cache-Control", "no-cache"}, {"X-Content-Type-Options", "nosniff"}},
    };
  };
}

} // namespace harpia::detail
