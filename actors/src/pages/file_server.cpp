// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "pages/file_server.hpp"

#include "pages/file_conditions.hpp"

#include "http/date.hpp"
#include "http/field.hpp"
#include "http/response.hpp"
#include "vocabulary/lower.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace harpia::inline v0::detail {

namespace {

namespace fs = std::filesystem;

std::string_view type_of(const fs::path& file) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 37> types{{
      {".html", "text/html; charset=utf-8"},
      {".htm", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".xml", "application/xml"},
      {".txt", "text/plain; charset=utf-8"},
      {".md", "text/markdown; charset=utf-8"},
      {".csv", "text/csv; charset=utf-8"},
      {".ics", "text/calendar; charset=utf-8"},
      {".vtt", "text/vtt; charset=utf-8"},
      {".pdf", "application/pdf"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".gif", "image/gif"},
      {".webp", "image/webp"},
      {".avif", "image/avif"},
      {".ico", "image/x-icon"},
      {".woff", "font/woff"},
      {".woff2", "font/woff2"},
      {".ttf", "font/ttf"},
      {".otf", "font/otf"},
      {".wasm", "application/wasm"},
      {".mp3", "audio/mpeg"},
      {".ogg", "audio/ogg"},
      {".opus", "audio/ogg"},
      {".wav", "audio/wav"},
      {".mp4", "video/mp4"},
      {".webm", "video/webm"},
      {".zip", "application/zip"},
      {".gz", "application/gzip"},
      {".tar", "application/x-tar"},
  }};
  const auto extension = file.extension().string();
  const auto* found = std::ranges::find_if(types, [&](const auto& type) { return equal_ignoring_case(type.first, extension); });
  return found == types.end() ? "application/octet-stream" : found->second;
}

file_answer refused(int status, std::string_view why) {
  return {.head = http::refuse(status, why)};
}

file_answer not_found() {
  return refused(404, "no such file");
}

/// Whether one may ask for a file of this name: names that begin with a dot are hidden, but for what RFC 8615 puts at the root.
bool is_served(const fs::path& relative) {
  bool first = true;
  for (const auto& part : relative) {
    if (part.native().starts_with('.') && !(first && part == ".well-known"))
      return false;
    first = false;
  }
  return true;
}

/// Where a folder is that was asked for without its slash, which the browser needs in order to resolve what the page refers to. It begins
/// with one slash: two would name another host, and browsers take a backslash for a slash.
std::string with_slash(const request& asked) {
  std::string place = "/";
  const auto path = asked.path();
  for (const char c : path.substr(std::min(path.find_first_not_of('/'), path.size())))
    c == '\\' ? place.append("%5C") : place.append(1, c);
  place.push_back('/');
  if (!asked.query_string().empty())
    place.append("?").append(asked.query_string());
  return place;
}

file_answer redirected(std::string place) {
  auto response = http::refuse(301, place);
  response.headers = {{"Location", std::move(place)}};
  return {.head = std::move(response)};
}

/// What is sent for a name: the file itself, or what was compressed beforehand.
struct representation {
  fs::path file;
  struct ::stat state;
  std::string_view coding = {}; // empty: as it is
};

// Whether it is a file that may be read, and not a symbolic link to one, which may lead out of the folder.
bool is_regular(const fs::path& file, struct ::stat& state) noexcept {
  return ::lstat(file.c_str(), &state) == 0 && S_ISREG(state.st_mode) && ::access(file.c_str(), R_OK) == 0;
}

// Opens a file below a folder; both paths have no symbolic links. One that replaces a part of the path meanwhile is not followed, where the
// kernel can be told so (openat2, since 5.6); elsewhere, the last part is not.
net::unique_fd open_below(const fs::path& root, const fs::path& file) noexcept {
  constexpr std::uint64_t flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const net::unique_fd folder{::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!folder)
    return {};
  const open_how how{.flags = flags, .mode = 0, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
  const auto& path = file.native();
  const auto begin = std::min(path.find_first_not_of('/', root.native().size()), path.size());
  net::unique_fd opened{static_cast<int>(::syscall(SYS_openat2, folder.get(), path.c_str() + begin, &how, sizeof how))};
  if (!opened && (errno == ENOSYS || errno == EPERM))
    opened.reset(::open(path.c_str(), static_cast<int>(flags)));
  return opened;
}

// Opens a file, and looks at what was opened: it may have been replaced meanwhile. @return an empty one if it cannot be read
net::unique_fd open_regular(const fs::path& root, representation& chosen) noexcept {
  auto opened = open_below(root, chosen.file);
  if (opened && (::fstat(opened.get(), &chosen.state) != 0 || !S_ISREG(chosen.state.st_mode))) {
    opened.reset();
    errno = ENOENT;
  }
  return opened;
}

bool is_older(const struct ::stat& one, const struct ::stat& other) noexcept {
  return std::pair{one.st_mtim.tv_sec, one.st_mtim.tv_nsec} < std::pair{other.st_mtim.tv_sec, other.st_mtim.tv_nsec};
}

/// Chooses what lies beside the file, if the client accepts it and it is not older. @return whether there was a choice
bool choose_coding(const request& asked, representation& chosen) {
  bool has_choice = false;
  const auto plain = chosen;
  for (const auto& [coding, ending] : {std::pair{"br", ".br"}, std::pair{"gzip", ".gz"}}) {
    representation other{.file = plain.file.native() + ending, .state = {}, .coding = coding};
    if (!is_regular(other.file, other.state) || is_older(other.state, plain.state))
      continue;
    has_choice = true;
    if (chosen.coding.empty() && accepts_coding(asked, coding))
      chosen = std::move(other);
  }
  return has_choice;
}

} // namespace

file_server::file_server(const fs::path& folder, file_options options) : options_{std::move(options)} {
  std::error_code failure;
  folder_ = fs::absolute(folder, failure);
  if (failure || !fs::is_directory(folder_, failure))
    throw std::invalid_argument{"cannot serve files from '" + folder.string() + "': it is no directory"};
  if (!http::is_field("Cache-Control", options_.cache_control))
    throw std::invalid_argument{"'cache_control' holds a control character"};
}

file_answer file_server::answer(const request& asked) const {
  const auto tail = asked.param("*");
  const auto relative = fs::path{tail}.relative_path();
  if (tail.find('\0') != std::string_view::npos || !is_served(relative))
    return not_found();
  std::error_code failure;
  const auto root = fs::canonical(folder_, failure);
  if (failure)
    return not_found();
  auto file = fs::canonical(root / relative, failure);
  // A symbolic link may point anywhere. Its target must be below the root.
  const auto is_below_root = [&] { return std::ranges::mismatch(root, file).in1 == root.end(); };
  if (failure || !is_below_root())
    return not_found();
  const bool asks_for_folder = asked.path().ends_with('/');
  const bool is_folder = fs::is_directory(file, failure);
  if (is_folder) {
    file = fs::canonical(file / "index.html", failure);
    if (failure || !is_below_root())
      return not_found();
    if (!asks_for_folder)
      return redirected(with_slash(asked));
  } else if (asks_for_folder) {
    return not_found();
  }

  representation chosen{.file = file, .state = {}};
  if (!is_regular(file, chosen.state))
    return not_found();
  const auto plain = chosen;
  const bool has_choice = choose_coding(asked, chosen);
  file_answer result;
  if (asked.method() != "HEAD") {
    auto opened = open_regular(root, chosen);
    if (!opened && !chosen.coding.empty()) {
      chosen = plain;
      opened = open_regular(root, chosen);
    }
    if (!opened && (errno == EMFILE || errno == ENFILE)) {
      auto busy = refused(503, "no more files can be opened at the moment");
      busy.head.headers = {{"Retry-After", "5"}};
      return busy;
    }
    if (!opened)
      return not_found();
    result.body = file_part{.file = std::move(opened), .from = 0, .size = 0};
  }

  const auto size = static_cast<std::uint64_t>(chosen.state.st_size);
  const validators known{entity_tag(chosen.state, chosen.coding), chosen.state.st_mtim.tv_sec};
  if (is_not_meant(asked, known))
    return refused(412, "the file is another version");
  auto& headers = result.head.headers;
  headers = {{"ETag", known.tag}, {"Last-Modified", http::date(known.changed)}, {"X-Content-Type-Options", "nosniff"}};
  if (!options_.cache_control.empty())
    headers.emplace_back("Cache-Control", options_.cache_control);
  if (has_choice)
    headers.emplace_back("Vary", "Accept-Encoding");
  if (is_unchanged(asked, known)) {
    result.head.status = 304;
    result.body.reset();
    return result;
  }
  headers.emplace_back("Accept-Ranges", "bytes");
  if (!chosen.coding.empty())
    headers.emplace_back("Content-Encoding", chosen.coding);
  result.head.content_type = type_of(file);
  const auto wanted = wanted_range(asked, known, size);
  if (wanted.kind == byte_range::unsatisfiable) {
    auto refusal = refused(416, "the file has " + std::to_string(size) + " bytes");
    refusal.head.headers = {{"Content-Range", "bytes */" + std::to_string(size)}};
    return refusal;
  }
  if (wanted.kind == byte_range::part) {
    result.head.status = 206;
    headers.emplace_back("Content-Range", "bytes " + std::to_string(wanted.from) + "-"
                                              + std::to_string(wanted.from + wanted.size - 1) + "/" + std::to_string(size));
  }
  result.length = wanted.size;
  if (result.body) {
    result.body->from = wanted.from;
    result.body->size = wanted.size;
  }
  return result;
}

} // namespace harpia::inline v0::detail
