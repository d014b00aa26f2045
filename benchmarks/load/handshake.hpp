// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "byte_stream.hpp"

#include <string>
#include <string_view>

namespace load {

/// Whether clients offer permessage-deflate without context takeover (RFC 7692).
enum class offer { nothing, deflate };

/// The request of RFC 6455, section 4.1. Its key is always the same, which no server can know.
std::string upgrade_request(const endpoint& server, std::string_view path, offer offered);

/// Throws `std::runtime_error` that quotes the response, unless `head` (up to its empty line) accepts that request, with the
/// extension if it was offered.
void check_upgrade_response(std::string_view head, offer offered);

} // namespace load
