// Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
#pragma once

#include <harpia/detail/endpoint.hpp>
#include <harpia/export.hpp>
#include <harpia/handlers.hpp>
#include <harpia/middleware.hpp>
#include <harpia/page.hpp>
#include <harpia/route_options.hpp>
#include <harpia/typed_handlers.hpp>

#include <concepts>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace harpia {

namespace detail {
class server;
struct route_set;
} // namespace detail

template <class Data>
class connection;

/// A function that returns the first behaviour of a connection.
template <class Make, class Data>
concept behaviour_of = std::invocable < const Make&,
        connection<Data>
* > ;

namespace detail {
template <class Data, class Make>
std::shared_ptr<const endpoint> make_behaviour_endpoint(handlers<Data> callbacks, Make make);
}

/// The data of a route without data.
struct no_data {};

/// A set of routes under a common prefix, to be mounted on an app or on another router.
///
/// A pattern is a path of segments: a literal, `:name` (one segment, not empty) or a final `*` (the rest, which may be empty).
/// The most specific pattern matches, segment by segment: literal, then `:name`, then `*`. A path matches with or without a
/// trailing slash.
///
/// *Errors* Every function throws `std::invalid_argument` naming the pattern if it is malformed or taken.
///
/// *Thread safety* None.
class HARPIA_API router {
public:
  /// @param prefix is put before every pattern, for example "/api"; may contain `:name` segments
  explicit router(std::string_view prefix = {});
  router(router&&) noexcept;
  router& operator=(router&&) noexcept;
  ~router();

  /// Adds a WebSocket route. Each of its connections has a `Data` of its own. Without `options` the defaults of the app apply.
  template <class Data = no_data>
  router& ws(std::string_view pattern, handlers<Data> callbacks) {
    return add_ws(pattern, detail::make_endpoint(std::move(callbacks)), std::nullopt);
  }
  template <class Data = no_data>
  router& ws(std::string_view pattern, handlers<Data> callbacks, route_options options) {
    return add_ws(pattern, detail::make_endpoint(std::move(callbacks)), std::move(options));
  }

  /// Adds a WebSocket route whose connections are actors. `make(harpia::connection<Data>*)` returns their first behaviour.
  /// <harpia/actors.hpp> must be included.
  template <class Data = no_data, behaviour_of<Data> Make>
  router& ws(std::string_view pattern, Make make, std::optional<route_options> options = {}) {
    return ws<Data>(pattern, handlers<Data>{}, std::move(make), std::move(options));
  }
  /// As above, with callbacks too: an event goes to its callback if there is one, otherwise to the behaviour.
  template <class Data = no_data, behaviour_of<Data> Make>
  router& ws(std::string_view pattern, handlers<Data> callbacks, Make make, std::optional<route_options> options = {}) {
    return add_ws(pattern, detail::make_behaviour_endpoint(std::move(callbacks), std::move(make)), std::move(options));
  }

  /// Puts a middleware around the WebSocket routes and pages that are added or mounted from now on: around all of them, or those below
  /// `prefix`, which may be the pattern of one route.
  ///
  /// Layers are entered in the order of their declaration. The layers of a router that mounts another are outside of the layers
  /// of the mounted one.
  router& use(middleware layer) { return use({}, std::move(layer)); }
  router& use(std::string_view prefix, middleware layer);
  /// As above, with a middleware of its own for each connection.
  router& use(middleware_factory make) { return use({}, std::move(make)); }
  router& use(std::string_view prefix, middleware_factory make);

  /// Adds a WebSocket route with messages of the codec's type, see `typed_handlers`.
  template <class Data = no_data, codec Codec>
  router& ws(std::string_view pattern, Codec codec, typed_handlers<Data, typename Codec::message_type> callbacks) {
    return add_ws(pattern, detail::make_endpoint<Data>(std::move(codec), std::move(callbacks)), std::nullopt);
  }
  template <class Data = no_data, codec Codec>
  router& ws(std::string_view pattern, Codec codec, typed_handlers<Data, typename Codec::message_type> callbacks,
             route_options options) {
    return add_ws(pattern, detail::make_endpoint<Data>(std::move(codec), std::move(callbacks)), std::move(options));
  }

  /// Adds a page: answers requests of a method on `pattern`. A path may have a page and a WebSocket at once.
  ///
  /// A page for GET answers HEAD too. OPTIONS is answered with the methods that a path has, and any other method with 405, unless there
  /// is a page for them.
  router& http(std::string_view method, std::string_view pattern, page_handler handler, const page_options& options = {});
  router& get(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("GET", pattern, std::move(handler), options);
  }
  router& post(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("POST", pattern, std::move(handler), options);
  }
  router& put(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("PUT", pattern, std::move(handler), options);
  }
  router& patch(std::string_view pattern, page_handler handler, const page_options& options = {}) {
    return http("PATCH", pattern, std::move(handler), options);
  }
  router& del(std::string_view pattern, page_handler handler, const page_options& options = {}) {
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
  router& serve_files(std::string_view prefix, const std::filesystem::path& folder, file_options options = {});

  /// Mounts the routes that `other` has at this moment. A router may be mounted several times under different prefixes.
  router& routes(const router& other);
  router& routes(std::string_view prefix, const router& other);

private:
  friend class detail::server;
  router& add_ws(std::string_view pattern, std::shared_ptr<const detail::endpoint> target, std::optional<route_options> options);

  std::string prefix_;
  std::unique_ptr<detail::route_set> set_;
};

} // namespace harpia
