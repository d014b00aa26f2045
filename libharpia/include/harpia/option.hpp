// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>

#include <chrono>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

namespace detail {

template <class T>
inline constexpr bool is_duration = false;
template <class Count, class Unit>
inline constexpr bool is_duration<std::chrono::duration<Count, Unit>> = true;

/// What a list of that type may be made of.
template <class Element, class List>
concept element_of = requires {
  typename List::value_type;
}
&&std::is_convertible_v<const Element&, typename List::value_type>;

} // namespace detail

/// A field of a struct of options. It knows whether it was set: one that was not is inherited from whoever has set it around, and has its
/// default otherwise.
///
/// It is set by a value, `.max_payload = 1 << 20`, and read as one. `{}` is no value: it leaves the field unset. A list that is to be empty
/// although there is one to inherit is an empty vector.
template <class T>
class option {
public:
  using value_type = T;

  /// Not set. Its value is that of the type.
  constexpr option() = default;
  /// Not set, with a default.
  [[nodiscard]] static constexpr option unset(T fallback) { return option{std::move(fallback), false}; }

  /// Set.
  template <class Value = T>
    requires(!std::is_same_v<std::remove_cvref_t<Value>, option>)
  constexpr option(Value&& value)
      : value_{converted(std::forward<Value>(value))}, is_set_{true}, is_out_of_range_{is_outside(value)} {}
  template <detail::element_of<T> Element>
  constexpr option(std::initializer_list<Element> elements) : option{T(elements.begin(), elements.end()), true} {}

  [[nodiscard]] constexpr bool is_set() const noexcept { return is_set_; }
  [[nodiscard]] constexpr const T& get() const noexcept { return value_; }
  constexpr operator const T&() const noexcept { return value_; }
  /// Whether it was set to a number that its type does not have, such as a negative size. `validate` refuses that.
  [[nodiscard]] constexpr bool is_out_of_range() const noexcept { return is_out_of_range_; }

private:
  constexpr option(T value, bool is_set) : value_{std::move(value)}, is_set_{is_set} {}

  template <class Value>
  static constexpr T converted(Value&& value) {
    constexpr bool fits = std::is_convertible_v<Value, T>;
    static_assert(!detail::is_duration<T> || fits,
                  "an option that is a time needs a unit: 30s or 500ms, with 'using namespace std::chrono_literals'");
    static_assert(detail::is_duration<T> || fits, "this option cannot have a value of this type");
    static_assert(!std::is_integral_v<T> || !std::is_floating_point_v<std::remove_cvref_t<Value>>,
                  "this option is a whole number");
    if constexpr (!fits)
      return T{};
    else if constexpr (std::is_arithmetic_v<T>)
      return static_cast<T>(value);
    else
      return std::forward<Value>(value);
  }

  template <class Value>
  static constexpr bool is_outside([[maybe_unused]] const Value& value) {
    if constexpr (std::is_integral_v<T> && std::is_integral_v<Value>)
      return !std::in_range<T>(+value); // of a type that has no letters and truth values
    else
      return false;
  }

  T value_{};
  bool is_set_ = false;
  bool is_out_of_range_ = false;
};

} // namespace harpia::inline v0
