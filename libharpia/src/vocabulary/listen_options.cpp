// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include <harpia/listen_options.hpp>

#include "vocabulary/refuse_option.hpp"

#include <harpia/network_address.hpp>

#include <cstddef>
#include <stdexcept>

namespace harpia::inline v0 {

namespace {

constexpr unsigned max_mode = 0777;
constexpr std::size_t max_unix_path = 107; // sockaddr_un::sun_path on Linux, less its final NUL
constexpr unsigned max_threads = 1024;

void refuse_both(bool given, const std::string& option, const std::string& instead) {
  if (given)
    refuse_option("Cannot specify both '" + option + "' and '" + instead + "'");
}

void refuse_tcp(const listen_options& options, const std::string& instead) {
  refuse_both(options.port.has_value(), "port", instead);
  refuse_both(!options.hostname.empty(), "hostname", instead);
  refuse_both(options.reuse_port == reuse_port::yes, "reuse_port", instead);
}

void refuse_nul(const char* option, const std::string& value) {
  if (const auto at = value.find('\0'); at != std::string::npos)
    refuse_option(std::string{"'"} + option + "' must not hold a NUL byte, but has one after '" + value.substr(0, at) + "'");
}

void refuse_malformed(const std::vector<std::string>& proxies) {
  try {
    (void)address_set{proxies};
  } catch (const std::invalid_argument& malformed) {
    refuse_option(std::string{"In 'trusted_proxies', "} + malformed.what());
  }
}

} // namespace

void validate(const listen_options& options) {
  if (!options.unix.empty())
    refuse_tcp(options, "unix");
  if (options.service_socket) {
    refuse_tcp(options, "service_socket");
    refuse_both(!options.unix.empty(), "unix", "service_socket");
  }
  if (options.unix_mode && options.unix.empty())
    refuse_option("'unix_mode' is for a 'unix' socket only");
  if (options.unix_mode.value_or(0) > max_mode)
    refuse_option("'unix_mode' must not exceed 0777");
  refuse_nul("unix", options.unix);
  refuse_nul("hostname", options.hostname);
  if (options.unix.size() > max_unix_path)
    refuse_option("'unix' must not exceed " + std::to_string(max_unix_path) + " bytes, but '" + options.unix + "' has "
                  + std::to_string(options.unix.size()));
  validate(options.tls);
  refuse_malformed(options.trusted_proxies);
  if (options.threads > max_threads)
    refuse_option("'threads' must not exceed " + std::to_string(max_threads) + ", but is " + std::to_string(options.threads));
}

} // namespace harpia::inline v0
