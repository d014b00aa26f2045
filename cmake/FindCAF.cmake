# Finds the C++ Actor Framework where it comes without a CMake package, as the 0.17 series of Debian and Ubuntu does.
#
# Components: core (also when none is named). Targets: CAF::core. Variables: CAF_FOUND, CAF_VERSION.
# Hints: CMAKE_PREFIX_PATH, CAF_ROOT.

find_package(Threads QUIET)
find_path(CAF_INCLUDE_DIR NAMES caf/actor_system.hpp)
find_library(CAF_CORE_LIBRARY NAMES caf_core)
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY)

unset(CAF_VERSION)
if(CAF_INCLUDE_DIR AND EXISTS "${CAF_INCLUDE_DIR}/caf/config.hpp")
  # One number, major * 10000 + minor * 100 + patch.
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" _caf_version REGEX "^#define CAF_VERSION [0-9]+$")
  if(_caf_version MATCHES "([0-9]+)$")
    math(EXPR _caf_major "${CMAKE_MATCH_1} / 10000")
    math(EXPR _caf_minor "${CMAKE_MATCH_1} / 100 % 100")
    math(EXPR _caf_patch "${CMAKE_MATCH_1} % 100")
    set(CAF_VERSION "${_caf_major}.${_caf_minor}.${_caf_patch}")
  endif()
  unset(_caf_version)
endif()

if(CAF_INCLUDE_DIR AND CAF_CORE_LIBRARY AND Threads_FOUND)
  set(CAF_core_FOUND TRUE)
endif()

include(FindPackageHandleStandardArgs)
set(_caf_reason)
if(NOT CAF_INCLUDE_DIR OR NOT CAF_CORE_LIBRARY)
  set(_caf_reason
      REASON_FAILURE_MESSAGE
      "The C++ Actor Framework is missing. On Debian and Ubuntu install libcaf-dev, elsewhere set CAF_ROOT to its prefix.")
endif()
find_package_handle_standard_args(
  CAF
  REQUIRED_VARS CAF_CORE_LIBRARY CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION
  HANDLE_VERSION_RANGE HANDLE_COMPONENTS
  ${_caf_reason})
unset(_caf_reason)

if(CAF_FOUND AND NOT TARGET CAF::core)
  add_library(CAF::core UNKNOWN IMPORTED)
  set_target_properties(
    CAF::core PROPERTIES IMPORTED_LOCATION "${CAF_CORE_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}"
                         INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
