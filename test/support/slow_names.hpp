// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

namespace harpia::test {

/// While one exists, the system's resolver does not answer for names that end with ".slow.test". At its end it answers 127.0.0.1.
/// Takes the place of getaddrinfo in the whole program, for which "two.addresses.test" has the addresses 127.0.0.1 and 127.0.0.2.
class slow_names {
public:
  slow_names();
  ~slow_names();
  slow_names(const slow_names&) = delete;
  slow_names& operator=(const slow_names&) = delete;

  /// How many threads ask at this moment.
  [[nodiscard]] int asking() const;
  /// How many questions there were.
  [[nodiscard]] int asked() const;
};

} // namespace harpia::test
