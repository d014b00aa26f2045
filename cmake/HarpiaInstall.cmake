include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(harpia_config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/harpia")

install(
  TARGETS harpia_core harpia harpia_testing
  EXPORT harpiaTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(
  DIRECTORY "${PROJECT_SOURCE_DIR}/libharpia/include/harpia" "${PROJECT_SOURCE_DIR}/actors/include/harpia"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp")
install(EXPORT harpiaTargets NAMESPACE harpia:: DESTINATION "${harpia_config_dir}")

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/harpiaConfig.cmake.in" "${PROJECT_BINARY_DIR}/harpiaConfig.cmake"
  INSTALL_DESTINATION "${harpia_config_dir}"
  NO_SET_AND_CHECK_MACRO)
# Below 1.0 a minor release may break its users.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/harpiaConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/harpiaConfig.cmake" "${PROJECT_BINARY_DIR}/harpiaConfigVersion.cmake"
        "${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake"
  DESTINATION "${harpia_config_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
