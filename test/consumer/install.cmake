# Installs the build tree into a folder of its own, of which nothing may lead back.
file(REMOVE_RECURSE "${prefix}")
execute_process(
  COMMAND ${CMAKE_COMMAND} --install "${build_dir}" --prefix "${prefix}" --config "${config}" COMMAND_ECHO STDOUT
          COMMAND_ERROR_IS_FATAL ANY)

file(GLOB_RECURSE package_files "${prefix}/*.cmake" "${prefix}/*.pc")
if(NOT package_files)
  message(FATAL_ERROR "nothing for CMake or pkg-config was installed")
endif()
foreach(file IN LISTS package_files)
  file(READ "${file}" text)
  foreach(tree IN ITEMS "${source_dir}" "${build_dir}" "${prefix}")
    string(FIND "${text}" "${tree}" position)
    if(NOT position EQUAL -1)
      message(FATAL_ERROR "${file} names ${tree}, so the installed package cannot be moved")
    endif()
  endforeach()
endforeach()
