// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/network_address.hpp>
#include <harpia/request.hpp>

#include <string>
#include <string_view>

namespace harpia::http {

/// The address of the client that asked, through any number of proxies that are trusted: the last in the fields X-Forwarded-For that
/// is not one of them, or the first if all are. Each proxy has added whom it heard, so what stands before that anybody may have made
/// up. What cannot be read ends the search, and the proxy that passed it on counts as the client.
///
/// An address may have a port ("192.0.2.1:80", "[2001:db8::1]:80"), which is left out.
/// @param peer the connection's `remote_address`; what it is unless it is trusted itself
[[nodiscard]] std::string client_address(std::string_view peer, const request& asked, const address_set& trusted);

} // namespace harpia::http
