// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#include "support/compared_readers.hpp"
#include "support/deflate_peer.hpp"
#include "support/random_frames.hpp"
#include "support/raw_client.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <initializer_list>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A session and Boost.Beast, which share no code, make the same of the same bytes. Where they are to differ: compared_readers.cpp.

namespace test = harpia::test;
namespace opcode = harpia::test::opcode;
using harpia::context_takeover;
using test::comparison;
using test::role;
using test::told;
using test::told_list;

namespace {

using namespace std::string_literals;

test::piece_sizes pieces_of(std::size_t size) {
  return [size] { return size; };
}

test::piece_sizes pieces_up_to(std::size_t most, unsigned seed) {
  return [random = std::minstd_rand{seed + 1}, most]() mutable { return random() % most + 1; };
}

void check_alike(const comparison& how, std::string_view frames) {
  for (const auto to_session : {std::string::npos, std::size_t{1}})
    for (const auto to_beast : {std::string::npos, std::size_t{1}}) {
      const auto difference = find_difference(how, frames, pieces_of(to_session), pieces_of(to_beast));
      BOOST_TEST(!difference, difference.value_or(""));
    }
}

/// Frames as the peer of a reader sends them.
struct sender {
  role reader;

  [[nodiscard]] std::string operator()(const test::frame& frame) const {
    return encode_frame(frame, reader == role::server ? std::optional{test::default_mask} : std::nullopt);
  }
  /// With another first byte.
  [[nodiscard]] std::string operator()(unsigned first, const std::string& payload) const {
    auto bytes = (*this)(test::frame{.payload = payload});
    bytes.front() = static_cast<char>(first);
    return bytes;
  }
  /// As its peer sends them.
  [[nodiscard]] std::string wrongly_masked(const test::frame& frame) const {
    return encode_frame(frame, reader == role::server ? std::nullopt : std::optional{test::default_mask});
  }
  /// A header with a length in a form of its own, without a payload.
  [[nodiscard]] std::string header(unsigned first, unsigned form, std::string_view length) const {
    const bool masked = reader == role::server;
    std::string bytes{static_cast<char>(first), static_cast<char>(masked ? form | 0x80U : form)};
    return bytes.append(length).append(masked ? 4 : 0, '\0');
  }
};

constexpr std::array both_roles{role::server, role::client};

harpia::deflate_options deflate_with(context_takeover takeover) {
  return {.server_context_takeover = takeover, .client_context_takeover = takeover, .threshold = 0};
}

/// Frames of messages, some of them compressed, with control frames between; a few break the protocol.
class random_sender {
public:
  random_sender(const comparison& how, std::mt19937& random) : how_{how}, encode_{how.reader}, random_{&random} {}

  std::string operator()(int messages) {
    std::string stream;
    for (int i = 0; i < messages; ++i)
      stream += one_in(40) ? violation() : message();
    return stream;
  }

private:
  bool one_in(unsigned n) { return (*random_)() % n == 0; }

  std::string content(bool is_text) {
    auto payload = one_in(5) ? std::string{} : test::random_payload(*random_, one_in(10) ? 70'000 : 300);
    if (!is_text && !payload.empty())
      payload.back() = '\xff';
    if (is_text && one_in(60))
      payload.append("\xe6\xbc"); // within a character
    return payload;
  }

  std::string message() {
    const bool is_text = one_in(2);
    const bool is_deflated = how_.deflate && !one_in(3);
    auto payload = content(is_text);
    if (is_deflated)
      payload = deflated(payload);
    const auto parts = (*random_)() % 3 + 1;
    std::string frames;
    for (std::size_t i = 0, at = 0; i < parts; ++i) {
      const auto size = i + 1 == parts ? payload.size() - at : (*random_)() % (payload.size() - at + 1);
      frames += encode_({.fin = i + 1 == parts,
                         .rsv1 = i == 0 && is_deflated,
                         .opcode = i > 0     ? opcode::continuation
                                   : is_text ? opcode::text
                                             : opcode::binary,
                         .payload = payload.substr(at, size)});
      at += size;
      if (one_in(3))
        frames += encode_({.opcode = one_in(2) ? opcode::ping : opcode::pong, .payload = test::random_payload(*random_, 120)});
    }
    return frames;
  }

  std::string deflated(const std::string& payload) {
    if (payload.empty())
      return {'\0'}; // RFC 7692, 7.2.3.6
    if (how_.deflate->client_context_takeover == context_takeover::disabled)
      peer_.forget();
    return peer_.deflated(payload);
  }

  std::string violation() {
    switch ((*random_)() % 5) {
      case 0: return encode_((*random_)() % 256, test::random_payload(*random_, 200));
      case 1: return encode_.wrongly_masked({.payload = test::random_payload(*random_, 200)});
      case 2: return encode_({.payload = "\xff" + test::random_payload(*random_, 200)});
      case 3: return encode_({.payload = std::string(how_.max_message + 1, 'x')});
      default:
        return encode_({.opcode = opcode::close, .payload = test::encode_close(4001, test::random_payload(*random_, 120))});
    }
  }

  comparison how_;
  sender encode_;
  std::mt19937* random_;
  test::deflate_peer peer_;
};

template <class Body>
void for_each_comparison(Body body) {
  for (const auto reader : both_roles)
    for (const auto& deflate : {std::optional<harpia::deflate_options>{}, std::optional{deflate_with(context_takeover::disabled)},
                                std::optional{deflate_with(context_takeover::enabled)}})
      for (const auto given : {harpia::websocket::messages::whole, harpia::websocket::messages::in_parts})
        body(comparison{.reader = reader, .max_message = 100'000, .deflate = deflate, .given = given});
}

} // namespace

BOOST_AUTO_TEST_SUITE(against_beast)

BOOST_AUTO_TEST_CASE(the_same_bytes_mean_the_same_to_both_in_whatever_pieces_they_come) {
  unsigned seed = 0;
  for_each_comparison([&](const comparison& how) {
    for (int i = 0; i < 8; ++i) {
      std::mt19937 random{++seed};
      const auto stream = random_sender{how, random}(30);
      for (const std::size_t most : {40, 5000, 1'000'000}) {
        const auto difference = find_difference(how, stream, pieces_up_to(most, seed), pieces_up_to(most, seed + 1));
        BOOST_TEST_REQUIRE(!difference, "seed " << seed << ", pieces of up to " << most << ": " << difference.value_or(""));
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(every_first_byte_of_a_frame_means_the_same_to_both) {
  for_each_comparison([](const comparison& how) {
    const sender encode{how.reader};
    for (unsigned first = 0; first < 256; ++first)
      for (const auto* payload : {"", "\x0f\xa1 a payload"}) { // as a close frame's, 4001
        const auto frame = encode(first, payload);
        const auto next = encode({.opcode = opcode::continuation, .payload = "more"}) + encode({.payload = "and more"});
        const auto difference = find_difference(how, frame + next, pieces_of(1), pieces_of(std::string::npos));
        BOOST_TEST(!difference, "first byte " << first << ": " << difference.value_or(""));
      }
  });
}

BOOST_AUTO_TEST_CASE(close_frames_mean_the_same_to_both) {
  for (const auto reader : both_roles) {
    const comparison how{.reader = reader};
    const sender encode{reader};
    const auto check = [&](const std::string& payload) {
      check_alike(how, encode({.opcode = opcode::close, .payload = payload}) + encode({.payload = "late"}));
    };
    for (const int code : {0,    1,    999,  1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011,  1012,
                           1013, 1014, 1015, 1016, 1100, 2000, 2999, 3000, 3999, 4000, 4001, 4999, 5000, 9999, 65'535})
      for (const auto* reason : {"", "a reason", "ça suffit", "\xff", "half a character \xc3"})
        BOOST_TEST_CONTEXT(code << " " << reason) {
          check(test::encode_close(code, reason));
        }
    check("");
    check("\x03");
    check(test::encode_close(1000, std::string(123, 'x')));
    check(test::encode_close(1000, std::string(124, 'x')));
  }
}

BOOST_AUTO_TEST_CASE(both_refuse_the_same_order_and_masks_of_frames) {
  for (const auto reader : both_roles) {
    const sender encode{reader};
    const auto text = encode({.payload = "text"});
    const auto begun = encode({.fin = false, .payload = "text"});
    const auto more = encode({.fin = false, .opcode = opcode::continuation, .payload = "text"});
    const auto last = encode({.opcode = opcode::continuation, .payload = "text"});
    for (const auto& frames :
         {more, last, begun + text, begun + begun, begun + more + text, begun + last + last, text + last,
          begun + more + last + text, encode.wrongly_masked({.payload = "text"}), encode.wrongly_masked({.opcode = opcode::ping}),
          begun + encode.wrongly_masked({.opcode = opcode::continuation}),
          encode({.opcode = opcode::ping, .payload = std::string(126, 'x')}), encode({.fin = false, .opcode = opcode::ping}),
          begun + encode({.fin = false, .opcode = opcode::close})})
      check_alike({.reader = reader}, frames);
  }
}

BOOST_AUTO_TEST_CASE(both_refuse_the_same_lengths) {
  for (const auto reader : both_roles)
    for (const unsigned first : {0x81U, 0x82U, 0x01U, 0x89U, 0x88U}) {
      const sender encode{reader};
      for (const auto& head :
           {encode.header(first, 126, "\x00\x00"s), encode.header(first, 126, "\x00\x7d"s),
            encode.header(first, 126, "\x00\x7e"s), encode.header(first, 126, "\xff\xff"s),
            encode.header(first, 127, "\x00\x00\x00\x00\x00\x00\x00\x00"s),
            encode.header(first, 127, "\x00\x00\x00\x00\x00\x00\xff\xff"s),
            encode.header(first, 127, "\x00\x00\x00\x00\x00\x01\x00\x00"s),
            encode.header(first, 127, "\x00\x00\x00\x01\x00\x00\x00\x00"s),
            encode.header(first, 127, "\x7f\xff\xff\xff\xff\xff\xff\xff"s),
            encode.header(first, 127, "\x80\x00\x00\x00\x00\x00\x00\x00"s),
            encode.header(first, 127, "\xff\xff\xff\xff\xff\xff\xff\xff"s)})
        for (const std::size_t size : {0, 126, 65'536})
          for (const auto to_session : {std::string::npos, std::size_t{7}}) {
            const comparison how{.reader = reader, .max_message = 70'000};
            const auto frames = encode({.payload = "before"}) + head + std::string(size, 'x');
            const auto difference = find_difference(how, frames, pieces_of(to_session), pieces_of(std::string::npos));
            BOOST_TEST(!difference, difference.value_or(""));
          }
    }
}

BOOST_AUTO_TEST_CASE(both_refuse_a_message_over_the_limit_and_none_that_is_as_long) {
  for (const auto reader : both_roles)
    for (const bool deflates : {false, true}) {
      const sender encode{reader};
      comparison how{.reader = reader, .max_message = 1000};
      if (deflates)
        how.deflate = deflate_with(context_takeover::disabled);
      for (const std::size_t size : {999, 1000, 1001, 5000}) {
        const std::string content(size, 'x');
        const auto payload = deflates ? test::deflate_peer{}.deflated(content) : content;
        const auto half = payload.size() / 2;
        check_alike(how, encode({.rsv1 = deflates, .payload = payload}) + encode({.payload = "behind"}));
        check_alike(how, encode({.fin = false, .rsv1 = deflates, .payload = payload.substr(0, half)})
                             + encode({.opcode = opcode::ping, .payload = "between"})
                             + encode({.opcode = opcode::continuation, .payload = payload.substr(half)}));
      }
    }
}

BOOST_AUTO_TEST_CASE(both_refuse_the_same_texts) {
  for (const auto reader : both_roles)
    for (const bool deflates : {false, true}) {
      const sender encode{reader};
      comparison how{.reader = reader};
      if (deflates)
        how.deflate = deflate_with(context_takeover::disabled);
      for (const auto& text :
           {"\xff"s,
            "\xc0\xaf"s,
            "\xc1\xbf"s,
            "\xed\x9f\xbf"s,
            "\xed\xa0\x80"s,
            "\xee\x80\x80"s,
            "\xf4\x8f\xbf\xbf"s,
            "\xf4\x90\x80\x80"s,
            "\xf0\x8f\xbf\xbf"s,
            "\xf0\x90\x80\x80"s,
            "\xe0\x9f\xbf"s,
            "\xe0\xa0\x80"s,
            "\xf5\x80\x80\x80"s,
            "\xc3"s,
            "\xe2\x82"s,
            "\xf0\x9f\x98"s,
            "ok \x80"s,
            "\xc3("s,
            "\xe2(\x82"s,
            "é漢\xf0\x9f\x98\x80"s,
            "\0"s}) {
        const auto payload = deflates ? test::deflate_peer{}.deflated(text) : text;
        for (std::size_t at = 0; at <= payload.size(); ++at)
          check_alike(
              how, encode({.fin = false, .rsv1 = deflates, .payload = payload.substr(0, at)})
                       + encode({.opcode = opcode::continuation, .payload = payload.substr(at)}) + encode({.payload = "behind"}));
      }
    }
}

BOOST_AUTO_TEST_CASE(a_difference_that_is_no_deliberate_one_is_found) {
  const told_list text{{told::event::text, "a"}, {told::event::lost}};
  const told_list other{{told::event::text, "b"}, {told::event::lost}};
  const told_list binary{{told::event::binary, "a"}, {told::event::lost}};
  const told_list closed{{told::event::closed, "a", 1000}};
  const told_list closed_otherwise{{told::event::closed, "a", 1001}};
  const told_list refused{{told::event::failed, "", 1002}};
  const told_list too_big{{told::event::failed, "", 1009}};
  const told_list invalid{{told::event::failed, "", 1007}};
  const std::vector lists{text, other, binary, closed, closed_otherwise, refused, too_big, invalid, told_list{}};
  for (const auto& sessions : lists)
    for (const auto& beasts : lists)
      BOOST_TEST(find_difference(comparison{}, "", sessions, beasts).has_value() == (sessions != beasts));
}

BOOST_AUTO_TEST_CASE(a_deliberate_difference_is_none_for_the_case_that_it_was_made_for) {
  const auto failed = [](int code, test::fault why) {
    return told_list{{.what = told::event::failed, .code = code, .why = why}};
  };
  const auto refused = failed(1002, test::fault::frame);
  const auto invalid = failed(1007, test::fault::text);
  const auto too_big = failed(1009, test::fault::size);
  const told_list closed_5000{{told::event::closed, "", 5000}};
  const told_list closed_1014{{told::event::closed, "", 1014}};
  const told_list cut_off{{told::event::text, "\xc3"}, {told::event::lost}};
  const auto long_length = sender{role::server}.header(0x81, 127, "\x80\x00\x00\x00\x00\x00\x00\x00"s);
  const auto is_allowed = [](const told_list& sessions, const told_list& beasts, std::string_view frames = "") {
    return !find_difference(comparison{}, frames, sessions, beasts);
  };
  BOOST_TEST(is_allowed(refused, too_big, long_length));
  BOOST_TEST(!is_allowed(refused, too_big));
  BOOST_TEST(is_allowed(refused, closed_5000));
  BOOST_TEST(!is_allowed(closed_5000, refused));
  BOOST_TEST(is_allowed(closed_1014, failed(1002, test::fault::close_code)));
  BOOST_TEST(!is_allowed(closed_1014, refused));
  BOOST_TEST(is_allowed(invalid, failed(1002, test::fault::close_reason)));
  BOOST_TEST(!is_allowed(invalid, refused));
  BOOST_TEST(is_allowed(invalid, cut_off));
  BOOST_TEST(!is_allowed(cut_off, invalid));
  BOOST_TEST(is_allowed(refused, {{told::event::lost}}));
  BOOST_TEST(!is_allowed({{told::event::lost}}, refused));
}

BOOST_AUTO_TEST_SUITE_END()
