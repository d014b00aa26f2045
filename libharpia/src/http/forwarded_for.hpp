// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/network_address.hpp>
#include <harpia/request.hpp>

#include <string>
#include <string_view>

namespace harpia::inline v0::http {

/// The address of the requesting client behind any number of trusted proxies: the last address in the X-Forwarded-For fields that is
/// not trusted, or the first if all are trusted. Each proxy appends the address of its peer, so a client can forge everything before
/// the last untrusted address. An entry that cannot be parsed ends the search; the proxy that forwarded it counts as the client.
///
/// An address may have a port ("192.0.2.1:80", "[2001:db8::1]:80"), which is not part of the result.
/// @param peer the connection's `remote_address`; it is the result unless it is trusted
[[nodiscard]] std::string client_address(std::string_view peer, const harpia::request& request, const address_set& trusted);

} // namespace harpia::inline v0::http
