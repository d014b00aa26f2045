// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace harpia::test {

/// The other side of permessage-deflate (RFC 7692, 7.2), by another implementation than the library's. It remembers what was before, until
/// it is told to forget; windows are powers of two.
class deflate_peer {
public:
  explicit deflate_peer(int window_to_deflate = 15, int window_to_inflate = 15) {
    deflate_.reset(6, window_to_deflate, 8, boost::beast::zlib::Strategy::normal);
    inflate_.reset(window_to_inflate);
  }

  [[nodiscard]] std::string deflated(std::string_view payload) {
    std::string bytes(deflate_.upper_bound(payload.size()) + 64, '\0');
    boost::beast::zlib::z_params params;
    params.next_in = payload.data();
    params.avail_in = payload.size();
    params.next_out = bytes.data();
    params.avail_out = bytes.size();
    boost::beast::error_code failure;
    deflate_.write(params, boost::beast::zlib::Flush::sync, failure);
    if (failure)
      throw std::runtime_error{"a payload could not be deflated: " + failure.message()};
    bytes.resize(bytes.size() - params.avail_out - tail.size());
    return bytes;
  }

  [[nodiscard]] std::string inflated(std::string bytes) {
    bytes += tail;
    boost::beast::zlib::z_params params;
    params.next_in = bytes.data();
    params.avail_in = bytes.size();
    std::string payload;
    std::array<char, std::size_t{64} << 10> piece;
    do {
      params.next_out = piece.data();
      params.avail_out = piece.size();
      boost::beast::error_code failure;
      inflate_.write(params, boost::beast::zlib::Flush::sync, failure);
      if (failure && failure != boost::beast::zlib::error::need_buffers)
        throw std::runtime_error{"a payload could not be inflated: " + failure.message()};
      payload.append(piece.data(), piece.size() - params.avail_out);
    } while (params.avail_out == 0 || params.avail_in > 0);
    return payload;
  }

  void forget() {
    deflate_.reset();
    inflate_.clear();
  }

private:
  static constexpr std::string_view tail{"\0\0\xff\xff", 4};

  boost::beast::zlib::deflate_stream deflate_;
  boost::beast::zlib::inflate_stream inflate_;
};

} // namespace harpia::test
