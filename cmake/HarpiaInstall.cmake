include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(harpia_config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/harpia")

set(harpia_libraries harpia harpia_testing)
if(NOT BUILD_SHARED_LIBS)
  list(PREPEND harpia_libraries harpia_core)
endif()
# Component runtime: what a program needs to run. Component development: what it needs to be built.
install(
  TARGETS ${harpia_libraries}
  EXPORT harpiaTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/libharpia/include/harpia" "${PROJECT_SOURCE_DIR}/actors/include/harpia"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT development
  FILES_MATCHING
  PATTERN "*.hpp")
install(
  EXPORT harpiaTargets
  NAMESPACE harpia::
  DESTINATION "${harpia_config_dir}"
  COMPONENT development)

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/harpiaConfig.cmake.in" "${PROJECT_BINARY_DIR}/harpiaConfig.cmake"
  INSTALL_DESTINATION "${harpia_config_dir}"
  NO_SET_AND_CHECK_MACRO)
# Below 1.0 a minor release may break its users.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/harpiaConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/harpiaConfig.cmake" "${PROJECT_BINARY_DIR}/harpiaConfigVersion.cmake"
        "${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake" "${CMAKE_CURRENT_LIST_DIR}/FindLibUring.cmake"
  DESTINATION "${harpia_config_dir}"
  COMPONENT development)

# For builds without CMake. The paths are relative to the file's own place, so that what is installed can be moved.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  message(FATAL_ERROR "CMAKE_INSTALL_LIBDIR and CMAKE_INSTALL_INCLUDEDIR must be relative to the prefix")
endif()
file(RELATIVE_PATH harpia_prefix_from_pc "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" harpia_prefix_from_pc "${harpia_prefix_from_pc}")
set(harpia_pc_libs "-lharpia")
set(harpia_core_needs "openssl >= 3.0, zlib, simdjson")
if(HARPIA_HAS_IO_URING)
  string(APPEND harpia_core_needs ", liburing >= 2.3")
endif()
if(BUILD_SHARED_LIBS)
  set(harpia_pc_requires "")
else()
  string(APPEND harpia_pc_libs " -lharpia_core")
  set(harpia_pc_requires "${harpia_core_needs}")
endif()
# CAF 0.17 has no package file.
string(APPEND harpia_pc_libs " -lcaf_core -pthread")
configure_file("${CMAKE_CURRENT_LIST_DIR}/harpia.pc.in" "${PROJECT_BINARY_DIR}/harpia.pc" @ONLY)
install(
  FILES "${PROJECT_BINARY_DIR}/harpia.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
  COMPONENT development)

# What headers refer to, and its neighbours.
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/docs"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  COMPONENT development
  PATTERN "CMakeLists.txt" EXCLUDE)
install(
  FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  COMPONENT development)
install(
  FILES "${PROJECT_SOURCE_DIR}/LICENSE"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  COMPONENT development)
