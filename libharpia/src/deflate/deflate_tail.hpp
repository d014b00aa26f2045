// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <string_view>

namespace harpia::inline v0::deflate {

/// RFC 7692, 7.2.1 and 7.2.2: the end of a message's compressed bytes, which is not sent.
inline constexpr std::string_view deflate_tail{"\x00\x00\xff\xff", 4};

} // namespace harpia::inline v0::deflate
