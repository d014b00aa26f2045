# Finds liburing from 2.3 on, which comes without a CMake package and, before 2.4, without a version in its headers.
#
# Target: LibUring::LibUring. Variable: LibUring_FOUND. Hints: CMAKE_PREFIX_PATH, LibUring_ROOT.

find_path(LibUring_INCLUDE_DIR NAMES liburing.h)
find_library(LibUring_LIBRARY NAMES uring)
mark_as_advanced(LibUring_INCLUDE_DIR LibUring_LIBRARY)

# 2.3 is where this came with the headers.
unset(LibUring_IS_RECENT)
if(EXISTS "${LibUring_INCLUDE_DIR}/liburing/io_uring.h")
  file(STRINGS "${LibUring_INCLUDE_DIR}/liburing/io_uring.h" LibUring_IS_RECENT REGEX "IORING_SETUP_DEFER_TASKRUN")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibUring
  REQUIRED_VARS LibUring_LIBRARY LibUring_INCLUDE_DIR LibUring_IS_RECENT
  REASON_FAILURE_MESSAGE "liburing from 2.3 on is missing. On Debian and Ubuntu install liburing-dev.")

if(LibUring_FOUND AND NOT TARGET LibUring::LibUring)
  add_library(LibUring::LibUring UNKNOWN IMPORTED)
  set_target_properties(LibUring::LibUring PROPERTIES IMPORTED_LOCATION "${LibUring_LIBRARY}"
                                                      INTERFACE_INCLUDE_DIRECTORIES "${LibUring_INCLUDE_DIR}")
endif()
