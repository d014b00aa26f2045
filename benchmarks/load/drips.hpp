// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include "traffic.hpp"

namespace load {

/// Sockets that send an opening handshake one byte at a time, a byte every half second, beside clients that want to be served. Those
/// that the server answers or closes are opened again. Used by one thread at a time.
class drips {
public:
  /// Connects them all, which takes half a millisecond for each. `window` outlives it.
  drips(const client_settings& settings, std::size_t count, const measured_window& window);

  /// Looks after one of them, if one is late by `lateness`; returns for how long none is.
  nanoseconds turn(nanoseconds lateness);
  /// How many were connected and neither answered nor closed, as the mean over the measured window. Once that is over.
  [[nodiscard]] std::uint64_t mean_in_place() const;

private:
  struct drip {
    std::unique_ptr<byte_stream> stream;
    std::size_t sent = 0; // bytes
  };

  void open(drip& each);
  // Sends the next byte; false if it is not in place.
  bool proceed(drip& each);

  endpoint server_;
  std::string request_;
  std::vector<drip> sockets_;
  const measured_window& window_;
  std::int64_t interval_; // ns from one socket's byte to the next one's
  std::int64_t due_ = 0;
  std::size_t next_ = 0;
  std::uint64_t looks_ = 0; // in the window
  std::uint64_t in_place_ = 0;
};

} // namespace load
