// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/detail/endpoint.hpp>
#include <harpia/handlers.hpp>
#include <harpia/middleware.hpp>
#include <harpia/page.hpp>
#include <harpia/route_options.hpp>

#include <concepts>
#include <filesystem>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace harpia::inline v0 {

class router;

/// How routes are declared, the same for `app` and `router`.
///
/// A pattern is a path of segments: a literal, `:name` (one segment, not empty) or a final `*` (the rest, which may be empty).
/// The most specific pattern matches, segment by segment: literal, then `:name`, then `*`. A path matches with or without a
/// trailing slash.
///
/// *Errors* Every function throws `std::invalid_argument` naming the pattern if it is malformed or taken, or the option that is wrong.
///
/// *Thread safety* None.
template <class Self>
class route_declarations {
public:
  /// Adds a WebSocket route. Each of its connections has a `Data` of its own. What `options` do not set is inherited.
  template <class Data = no_data>
  Self& ws(std::string_view pattern, handlers<Data> handled, route_options options = {}) {
    return add_ws(pattern, detail::make_endpoint(std::move(handled)), std::move(options));
  }
  /// As above, with messages of the codec's type.
  template <class Data = no_data, codec Codec>
  Self& ws(std::string_view pattern, Codec codec, handlers<Data, typename Codec::message_type> handled,
           route_options options = {}) {
    return add_ws(pattern, detail::make_endpoint<Data>(std::move(codec), std::move(handled)), std::move(options));
  }
  /// Adds a WebSocket route whose connections are actors: `make(harpia::connection<Data>*)` returns their first behaviour. The same
  /// as `{.behaviour = make}`. <harpia/actors.hpp> must be included.
  template <class Data = no_data, detail::behaves Make>
  Self& ws(std::string_view pattern, Make make, route_options options = {}) {
    return ws<Data>(pattern, detail::behave_as<Data, message_view>(std::move(make)), std::move(options));
  }
  /// As above, with a behaviour that receives messages of the codec's type.
  template <class Data = no_data, codec Codec, detail::behaves Make>
  Self& ws(std::string_view pattern, Codec codec, Make make, route_options options = {}) {
    return ws<Data>(pattern, std::move(codec), detail::behave_as<Data, typename Codec::message_type>(std::move(make)),
                    std::move(options));
  }

  /// Sets what WebSocket routes inherit that are added or mounted from now on. A route has its own options first, then those of its
  /// router, then those of the router that this one is mounted on, and last the app's (`app_options::route`). Called again, it changes
  /// those fields that it sets.
  Self& defaults(const route_options& options);

  /// Puts a middleware around the WebSocket routes and pages that are added or mounted from now on: around all of them, or those below
  /// `prefix`, which may be the pattern of one route.
  ///
  /// Layers are entered in the order of their declaration. The layers of a router that mounts another are outside of the layers
  /// of the mounted one.
  Self& use(middleware layer) { return use({}, std::move(layer)); }
  Self& use(std::string_view prefix, middleware layer);
  /// As above, with a middleware of its own for each connection.
  Self& use(middleware_factory make) { return use({}, std::move(make)); }
  Self& use(std::string_view prefix, middleware_factory make);

  /// Adds a page: answers requests of a method on `pattern`. A path may have a page and a WebSocket at once.
  ///
  /// A page for GET answers HEAD too. OPTIONS is answered with the methods that a path has, and any other method with 405, unless there
  /// is a page for them.
  Self& http(std::string_view method, std::string_view pattern, page_handler handler, const page_options& options = {});
  Self& get(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("GET", pattern, std::move(handler), options);
  }
  Self& post(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("POST", pattern, std::move(handler), options);
  }
  Self& put(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("PUT", pattern, std::move(handler), options);
  }
  Self& patch(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("PATCH", pattern, std::move(handler), options);
  }
  Self& del(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("DELETE", pattern, std::move(handler), options);
  }

  /// Serves the files below `folder` under `prefix`.
  ///
  /// "/" and folders serve their `index.html`; a folder that is asked for without its slash is redirected. Unknown files get 404, as do
  /// `..`, names that begin with a dot except `.well-known`, and symbolic links that lead out of the folder. `folder` itself may be a
  /// symbolic link, which is followed for each request.
  ///
  /// Browsers may ask whether a file has changed (ETag, Last-Modified), and for one range of it. A file that was compressed beforehand
  /// and lies beside it, with the ending `.br` or `.gz`, is sent in its place to clients that accept it. Files are sent from where the
  /// system has them, as fast as the client takes them; none is held in memory.
  ///
  /// *Errors* Throws `std::invalid_argument` if `folder` is not a directory, and naming the option that is wrong.
  Self& serve_files(std::string_view prefix, const std::filesystem::path& folder, file_options options = {});

  /// Mounts the routes that `other` has at this moment. A router may be mounted several times under different prefixes.
  Self& routes(const router& other) { return routes({}, other); }
  Self& routes(std::string_view prefix, const router& other);

protected:
  route_declarations() = default;
  route_declarations(const route_declarations&) = default;
  route_declarations& operator=(const route_declarations&) = default;
  ~route_declarations() = default;

private:
  Self& add_ws(std::string_view pattern, std::shared_ptr<const detail::endpoint> served, route_options options);

  [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }
  [[nodiscard]] router& target() {
    if constexpr (std::is_same_v<Self, router>)
      return self();
    else
      return self().root();
  }
};

} // namespace harpia::inline v0
