include_guard()

# Debian packages of a shared build, by `cpack -G DEB`: one to run programs with and one to build them with.
set(harpia_runtime_package "libharpia${HARPIA_SOVERSION}")
set(harpia_development_package "libharpia-dev")

set(CPACK_PACKAGE_NAME harpia)
set(CPACK_PACKAGE_VENDOR "The harpia authors")
set(CPACK_PACKAGE_CONTACT "The harpia authors <harpia@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_OUTPUT_FILE_PREFIX "${PROJECT_BINARY_DIR}/packages")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL runtime development)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME "${harpia_runtime_package}")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
    "harpia is a WebSocket server framework for C++20 in which every connection
is an actor of the C++ Actor Framework.
.
This package has what programs need to run.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME "${harpia_development_package}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${harpia_runtime_package} (= ${PROJECT_VERSION}), libcaf-dev (>= 0.17.6), libcaf-dev (<< 0.18)")
# For the components testing and json.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "libssl-dev (>= 3.0)")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libboost-json-dev (>= 1.81) | libboost-json1.81-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "harpia is a WebSocket server framework for C++20 in which every connection
is an actor of the C++ Actor Framework.
.
This package has headers, the test kit, files for CMake and pkg-config, and
the documentation.")

# What Debian's policy (12.5, 12.7) wants in each package. Not for `cmake --install`, which names no component.
file(READ "${PROJECT_SOURCE_DIR}/LICENSE" license)
string(STRIP "${license}" license)
string(REPLACE "\n\n" "\n.\n" license "${license}")
string(REPLACE "\n" "\n " license "${license}")
set(harpia_debian "${PROJECT_BINARY_DIR}/debian")
file(
  WRITE "${harpia_debian}/copyright"
  "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: harpia

Files: *
Copyright: 2026 The harpia authors
License: BSL-1.0
 ${license}
")
# Debian's policy, 8.1.1.
file(WRITE "${harpia_debian}/triggers" "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${harpia_debian}/triggers")
string(TIMESTAMP harpia_now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${harpia_debian}/changelog"
     "harpia (${PROJECT_VERSION}) unstable; urgency=medium

  * Release ${PROJECT_VERSION}: see CHANGELOG.md in the documentation of ${harpia_development_package}.

 -- ${CPACK_PACKAGE_CONTACT}  ${harpia_now}
")
execute_process(COMMAND gzip --best --no-name --force "${harpia_debian}/changelog" COMMAND_ERROR_IS_FATAL ANY)
foreach(component IN ITEMS runtime development)
  install(
    FILES "${harpia_debian}/copyright" "${harpia_debian}/changelog.gz"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/${harpia_${component}_package}"
    COMPONENT ${component}
    EXCLUDE_FROM_ALL)
endforeach()

include(CPack)
