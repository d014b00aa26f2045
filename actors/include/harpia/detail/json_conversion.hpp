// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

// How types become JSON and back. What stands in no case here is left to Boost.JSON.

namespace harpia::inline v0::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
concept read_by_user = requires(const boost::json::value& from) {
  tag_invoke(boost::json::value_to_tag<T>{}, from);
}
|| requires(const boost::json::value& from) {
  tag_invoke(boost::json::try_value_to_tag<T>{}, from);
};
template <class T>
concept written_by_user = requires(boost::json::value& to, const T& from) {
  tag_invoke(boost::json::value_from_tag{}, to, from);
};

template <class T>
using json_fields = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

/// A struct that Boost.Describe describes.
template <class T>
concept json_struct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

/// A struct with a name for the field "type": `static constexpr std::string_view type = "say";`.
template <class T>
concept tagged = json_struct<T> && requires {
  { *&T::type } -> std::convertible_to<std::string_view>; // of a member that is not static, this is no expression
};

template <class T>
concept json_list = requires(T& list, typename T::value_type element) {
  list.push_back(std::move(element));
  list.begin();
}
&&!std::convertible_to<const T&, std::string_view> && !std::same_as<T, boost::json::array>;

template <class T>
concept json_map = requires(T& map, typename T::mapped_type element) {
  map.emplace(std::string{}, std::move(element));
}
&&std::same_as<typename T::key_type, std::string>;

template <class T>
inline constexpr bool is_tagged_variant = false;
template <tagged... Alternatives>
inline constexpr bool is_tagged_variant<std::variant<Alternatives...>> = true;

/// Reads values of types from JSON. After one that is empty, `failure` says why, with the path of the field.
template <bool RefusesUnknown>
class json_reader {
public:
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  template <class T>
  std::optional<T> read(const boost::json::value& from) {
    if constexpr (is_optional<T>) {
      if (from.is_null())
        return std::optional<T>{std::in_place};
      auto inner = read<typename T::value_type>(from);
      return inner ? std::optional<T>{std::in_place, std::move(*inner)} : std::nullopt;
    } else if constexpr (is_tagged_variant<T>) {
      return read_variant<T>(from);
    } else if constexpr (read_by_user<T>) {
      return read_by_boost<T>(from);
    } else if constexpr (json_struct<T>) {
      return read_struct<T>(from);
    } else if constexpr (json_list<T>) {
      return read_list<T>(from);
    } else if constexpr (json_map<T>) {
      return read_map<T>(from);
    } else {
      return read_by_boost<T>(from);
    }
  }

private:
  template <class T>
  std::optional<T> read_by_boost(const boost::json::value& from) {
    auto value = boost::json::try_value_to<T>(from);
    if (!value)
      return fail("of another type: " + value.error().message());
    return std::move(*value);
  }

  template <class T>
  std::optional<T> read_struct(const boost::json::value& from) {
    const auto* object = from.if_object();
    if (!object)
      return fail("not an object");
    T result{};
    bool is_good = true;
    std::size_t known = 0;
    boost::mp11::mp_for_each<json_fields<T>>([&](auto field) {
      if (!is_good)
        return;
      using type = std::remove_cvref_t<decltype(result.*field.pointer)>;
      const auto* value = object->if_contains(field.name);
      if (value)
        ++known;
      is_good = within("." + std::string{field.name}, [&] {
        if (!value && is_optional<type>)
          return true;
        if (!value)
          return fail("missing").has_value();
        auto read_one = read<type>(*value);
        if (read_one)
          result.*field.pointer = std::move(*read_one);
        return read_one.has_value();
      });
    });
    if constexpr (tagged<T>)
      if (const auto* type = object->if_contains("type"); is_good && type) {
        ++known;
        is_good = within(".type", [&] {
          const auto* text = type->if_string();
          const bool is_right = text && std::string_view{text->data(), text->size()} == std::string_view{T::type};
          return is_right || fail("not '" + std::string{T::type} + "'").has_value();
        });
      }
    if (!is_good)
      return std::nullopt;
    if (RefusesUnknown && known < object->size())
      return refuse_unknown<T>(*object);
    return result;
  }

  template <class T>
  std::nullopt_t refuse_unknown(const boost::json::object& object) {
    for (const auto& [key, value] : object) {
      const std::string_view name{key.data(), key.size()};
      bool is_known = tagged<T> && name == "type";
      boost::mp11::mp_for_each<json_fields<T>>([&](auto field) { is_known = is_known || name == field.name; });
      if (!is_known) {
        path_ += "." + shown(name);
        break;
      }
    }
    fail("unknown");
    return std::nullopt;
  }

  template <class T>
  std::optional<T> read_variant(const boost::json::value& from) {
    const auto* object = from.if_object();
    if (!object)
      return fail("not an object");
    const auto* type = object->if_contains("type");
    const auto* name = type ? type->if_string() : nullptr;
    if (!name) {
      path_ += ".type";
      return fail(type ? "not a string" : "missing");
    }
    const auto found = read_alternative(static_cast<const T*>(nullptr), from, {name->data(), name->size()});
    if (!found && failure_.empty()) {
      path_ += ".type";
      return fail("none that is known");
    }
    return found;
  }

  template <class... Alternatives>
  std::optional<std::variant<Alternatives...>>
  read_alternative(const std::variant<Alternatives...>*, const boost::json::value& from, std::string_view name) {
    std::optional<std::variant<Alternatives...>> found;
    const auto attempt = [&]<class T>(const T*) {
      if (name != std::string_view{T::type})
        return false;
      if (auto value = read<T>(from))
        found.emplace(std::move(*value));
      return true;
    };
    (void)(attempt(static_cast<const Alternatives*>(nullptr)) || ...);
    return found;
  }

  template <class T>
  std::optional<T> read_list(const boost::json::value& from) {
    const auto* array = from.if_array();
    if (!array)
      return fail("not an array");
    T result;
    for (std::size_t i = 0; i < array->size(); ++i)
      if (!within("[" + std::to_string(i) + "]", [&] {
            auto element = read<typename T::value_type>((*array)[i]);
            if (element)
              result.push_back(std::move(*element));
            return element.has_value();
          }))
        return std::nullopt;
    return result;
  }

  template <class T>
  std::optional<T> read_map(const boost::json::value& from) {
    const auto* object = from.if_object();
    if (!object)
      return fail("not an object");
    T result;
    for (const auto& field : *object) {
      const std::string name{field.key().data(), field.key().size()};
      if (!within("." + shown(name), [&] {
            auto element = read<typename T::mapped_type>(field.value());
            if (element)
              result.emplace(name, std::move(*element));
            return element.has_value();
          }))
        return std::nullopt;
    }
    return result;
  }

  // A name of the peer's, for an error: no longer than a line, and without what would break it.
  static std::string shown(std::string_view name) {
    constexpr std::size_t most = 64;
    std::string text{name.substr(0, most)};
    for (auto& c : text)
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '\'')
        c = '?';
    return name.size() > most ? text + "..." : text;
  }

  // The path stays that of the failure.
  template <class Function>
  bool within(const std::string& step, Function work) {
    const auto before = path_.size();
    path_ += step;
    if (!work())
      return false;
    path_.resize(before);
    return true;
  }

  /// Converts to any empty optional.
  struct nothing {
    template <class T>
    operator std::optional<T>() const noexcept {
      return std::nullopt;
    }
    [[nodiscard]] bool has_value() const noexcept { return false; }
  };
  nothing fail(const std::string& why) {
    failure_ = path_.empty() ? "it is " + why : "'" + path_.substr(path_.front() == '.' ? 1 : 0) + "' is " + why;
    return {};
  }

  std::string path_; // of the value that is being read
  std::string failure_;
};

template <class T>
boost::json::value to_json(const T& from) {
  if constexpr (is_optional<T>) {
    return from ? to_json(*from) : boost::json::value(nullptr);
  } else if constexpr (is_tagged_variant<T>) {
    return std::visit([](const auto& alternative) { return to_json(alternative); }, from);
  } else if constexpr (written_by_user<T>) {
    return boost::json::value_from(from);
  } else if constexpr (json_struct<T>) {
    boost::json::object object;
    if constexpr (tagged<T>)
      object["type"] = std::string_view{T::type};
    boost::mp11::mp_for_each<json_fields<T>>([&](auto field) {
      const auto& value = from.*field.pointer;
      if constexpr (is_optional<std::remove_cvref_t<decltype(value)>>)
        if (!value)
          return;
      object[field.name] = to_json(value);
    });
    return object;
  } else if constexpr (json_list<T>) {
    boost::json::array array;
    for (const auto& element : from)
      array.push_back(to_json<typename T::value_type>(element));
    return array;
  } else if constexpr (json_map<T>) {
    boost::json::object object;
    for (const auto& [key, element] : from)
      object[key] = to_json(element);
    return object;
  } else {
    return boost::json::value_from(from);
  }
}

} // namespace harpia::inline v0::detail
