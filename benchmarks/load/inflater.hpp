// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace load {

/// Inflates messages of permessage-deflate without context takeover (RFC 7692, section 7.2.2). One for all clients of a thread.
class inflater {
public:
  inflater();
  ~inflater();
  /// The result is valid until the next call. Throws `std::runtime_error` if `message` is no deflate stream or inflates to more
  /// than `limit` bytes.
  std::string_view inflate(std::string& message, std::size_t limit);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace load
