// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

/// How the functions that a program gives to the library must be callable, one sentence for each, which compilers print. See `callback`.
namespace harpia::inline v0::detail::rules {

struct upgrade {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'upgrade' must be callable as upgrade(auto& request)");
  }
};
struct open {
  static constexpr bool may_suspend = true;
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'open' must be callable as open(auto& ws)");
  }
};
struct message {
  static constexpr bool may_suspend = true;
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'message' must be callable as message(auto& ws, harpia::message_view message)");
  }
};
struct typed_message {
  static constexpr bool may_suspend = true;
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'message' must be callable as message(auto& ws, const M& message), "
                        "where M is the message_type of the route's codec");
  }
};
struct message_part {
  static constexpr bool may_suspend = true;
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'message_part' must be callable as "
                        "message_part(auto& ws, harpia::message_view part, harpia::last_part last)");
  }
};
struct no_message_part {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "a route with a codec cannot have the handler 'message_part'");
  }
};
struct call {
  static constexpr bool may_suspend = true;
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits,
                  "the handler 'call' must be callable as call(auto& ws, harpia::message_view request, harpia::reply answer)");
  }
};
struct close {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits,
                  "the handler 'close' must be callable as close(auto& ws, harpia::close_code code, std::string_view reason)");
  }
};
struct drain {
  static constexpr bool may_suspend = true;
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'drain' must be callable as drain(auto& ws)");
  }
};
struct dropped {
  static constexpr bool may_suspend = true;
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'dropped' must be callable as dropped(auto& ws, std::size_t count, std::size_t bytes)");
  }
};
struct error {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'error' must be callable as error(auto& ws, const harpia::error& what)");
  }
};
struct ping {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'ping' must be callable as ping(auto& ws, std::string_view payload)");
  }
};
struct pong {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the handler 'pong' must be callable as pong(auto& ws, std::string_view payload)");
  }
};

struct layer_upgrade {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the layer's 'upgrade' must be callable as upgrade(harpia::upgrade_base& request)");
  }
};
struct layer_http {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the layer's 'http' must be callable as http(harpia::page_request& request)");
  }
};
struct layer_open {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the layer's 'open' must be callable as open(harpia::socket_base& ws)");
  }
};
struct layer_message {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits,
                  "the layer's 'message' must be callable as message(harpia::socket_base& ws, harpia::message_view message, "
                  "const harpia::next_handler& next)");
  }
};
struct layer_message_part {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the layer's 'message_part' must be callable as message_part(harpia::socket_base& ws, "
                        "harpia::message_view part, harpia::last_part last, const harpia::next_part_handler& next)");
  }
};
struct layer_send {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the layer's 'send' must be callable as send(harpia::socket_base& ws, harpia::message_view message, "
                        "const harpia::next_sender& next) and return a harpia::send_status");
  }
};
struct layer_close {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the layer's 'close' must be callable as close(harpia::socket_base& ws, harpia::close_code code, "
                        "std::string_view reason)");
  }
};

struct on_receipt {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "'on_receipt' must be callable as on_receipt(const harpia::receipt& sum)");
  }
};
struct on_reply {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the function for a reply must be callable as on_reply(harpia::message_view reply)");
  }
};
struct on_call_error {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the function for a call's failure must be callable as on_error(const harpia::call_error& why)");
  }
};

struct log {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "'log' must be callable as log(const harpia::log_record& record)");
  }
};

struct members {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the function for a group's members must be callable as then(std::vector<harpia::handle> all)");
  }
};
struct posted {
  static constexpr bool may_suspend = true;
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "a function for 'post' must be callable as function(auto& ws)");
  }
};
struct timer {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the function of a timer must be callable without arguments");
  }
};
struct closing {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "'closing' must be callable as closing(harpia::app& app)");
  }
};
struct visit {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the function for each connection must be callable as visit(harpia::socket_base& ws)");
  }
};
struct done {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the function for the end must be callable without arguments");
  }
};
struct found {
  template <bool Fits>
  static constexpr void check() {
    static_assert(Fits, "the function for a connection must be callable as then(harpia::handle found)");
  }
};

} // namespace harpia::inline v0::detail::rules
