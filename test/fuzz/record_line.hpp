// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace harpia::fuzz {

/// What happens to a record on its way.
struct record_damage {
  enum class kind { flipped, lost, doubled, overtaken, cut_off, split, behind_bytes };

  kind what;
  std::size_t place = 0;  // in the record, counted round and round: of what is flipped, or where it is cut
  std::string bytes = {}; // what comes before it
};

/// The way of TLS records from one end to the other, on which something may happen to them.
class record_line {
public:
  /// For the next record that nothing is going to happen to yet.
  void damage_next(record_damage what) { damages_.push_back(std::move(what)); }

  /// Takes whole records (RFC 8446, 5.1).
  void put(std::string_view records);
  /// What is no record comes as it is.
  void put_bytes(std::string_view bytes) { bytes_ += bytes; }
  /// A record that was to be overtaken, and was not yet, comes now.
  void put_late();

  /// What has arrived.
  [[nodiscard]] std::string_view bytes() const noexcept { return std::string_view{bytes_}.substr(taken_); }
  void take(std::size_t size);

  /// Something happened to a record.
  [[nodiscard]] bool is_damaged() const noexcept { return is_damaged_; }

private:
  void put_one(std::string record);

  std::deque<record_damage> damages_;
  std::string late_; // the record that is to be overtaken
  std::string bytes_;
  std::size_t taken_ = 0;
  bool is_damaged_ = false;
};

} // namespace harpia::fuzz
