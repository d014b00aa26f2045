// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "record_line.hpp"

#include "input.hpp"

#include <utility>

namespace harpia::fuzz {

namespace {

constexpr std::size_t header_size = 5; // type, version, two of the length

std::size_t length_of(std::string_view record) {
  return static_cast<std::size_t>(static_cast<std::uint8_t>(record[3])) << 8U | static_cast<std::uint8_t>(record[4]);
}

/// The same in two records.
std::string split(std::string_view record, std::size_t place) {
  const auto content = record.substr(header_size);
  std::string both;
  for (const auto part : {content.substr(0, place % (content.size() + 1)), content.substr(place % (content.size() + 1))})
    both.append(record.substr(0, 3))
        .append({static_cast<char>(part.size() >> 8U), static_cast<char>(part.size() & 0xFFU)})
        .append(part);
  return both;
}

} // namespace

void record_line::put(std::string_view records) {
  while (!records.empty()) {
    require(records.size() >= header_size && records.size() - header_size >= length_of(records), "records are put whole");
    const auto record = records.substr(0, header_size + length_of(records));
    records.remove_prefix(record.size());
    put_one(std::string{record});
  }
}

void record_line::put_one(std::string record) {
  if (damages_.empty()) {
    bytes_.append(record).append(std::exchange(late_, {}));
    return;
  }
  is_damaged_ = true;
  const auto [what, place, before] = std::move(damages_.front());
  damages_.pop_front();
  switch (what) {
    case record_damage::kind::flipped: {
      auto& byte = record[place % record.size()];
      byte = static_cast<char>(static_cast<std::uint8_t>(byte) ^ 1U << place % 8);
      break;
    }
    case record_damage::kind::lost: record.clear(); break;
    case record_damage::kind::doubled: record += std::string{record}; break;
    case record_damage::kind::overtaken: late_.append(std::exchange(record, {})); return;
    case record_damage::kind::cut_off: record.resize(place % record.size()); break;
    case record_damage::kind::split: record = split(record, place); break;
    case record_damage::kind::behind_bytes: record.insert(0, before); break;
  }
  bytes_.append(record).append(std::exchange(late_, {}));
}

void record_line::put_late() {
  bytes_ += std::exchange(late_, {});
}

void record_line::take(std::size_t size) {
  taken_ += size;
  if (taken_ > bytes_.size() / 2) {
    bytes_.erase(0, taken_);
    taken_ = 0;
  }
}

} // namespace harpia::fuzz
