// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/export.hpp>
#include <harpia/route_declarations.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace harpia::inline v0 {

namespace detail {
class server;
struct layer;
struct route_set;
} // namespace detail

/// A set of routes under a common prefix, to be mounted on an app or on another router.
///
/// *Thread safety* None.
class HARPIA_API router : public route_declarations<router> {
public:
  /// @param prefix is put before every pattern, for example "/api"; may contain `:name` segments
  explicit router(std::string_view prefix = {});
  router(router&&) noexcept;
  router& operator=(router&&) noexcept;
  ~router();

private:
  friend class detail::server;
  template <class Self>
  friend class route_declarations;

  void declare_ws(std::string_view pattern, std::shared_ptr<const detail::endpoint> target, route_options options);
  void declare_defaults(const route_options& options);
  void declare_layer(std::string_view prefix, middleware layer);
  void declare_layer(std::string_view prefix, middleware_factory make);
  void declare_page(std::string_view method, std::string_view pattern, page_handler handler, const page_options& options);
  void declare_files(std::string_view prefix, const std::filesystem::path& folder, file_options options);
  void mount(std::string_view prefix, const router& other);

  std::string prefix_;
  std::unique_ptr<detail::route_set> set_;
};

template <class Self>
Self& route_declarations<Self>::add_ws(std::string_view pattern, std::shared_ptr<const detail::endpoint> served,
                                       route_options options) {
  target().declare_ws(pattern, std::move(served), std::move(options));
  return self();
}

template <class Self>
Self& route_declarations<Self>::defaults(const route_options& options) {
  target().declare_defaults(options);
  return self();
}

template <class Self>
Self& route_declarations<Self>::use(std::string_view prefix, middleware layer) {
  target().declare_layer(prefix, std::move(layer));
  return self();
}

template <class Self>
Self& route_declarations<Self>::use(std::string_view prefix, middleware_factory make) {
  target().declare_layer(prefix, std::move(make));
  return self();
}

template <class Self>
Self& route_declarations<Self>::http(std::string_view method, std::string_view pattern, page_handler handler,
                                     const page_options& options) {
  target().declare_page(method, pattern, std::move(handler), options);
  return self();
}

template <class Self>
Self& route_declarations<Self>::serve_files(std::string_view prefix, const std::filesystem::path& folder, file_options options) {
  target().declare_files(prefix, folder, std::move(options));
  return self();
}

template <class Self>
Self& route_declarations<Self>::routes(std::string_view prefix, const router& other) {
  target().mount(prefix, other);
  return self();
}

} // namespace harpia::inline v0
