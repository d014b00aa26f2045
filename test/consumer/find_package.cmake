# Installs the build tree into a folder of its own, then configures, builds and runs a project that finds harpia there.

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(prefix "${work_dir}/prefix")
file(REMOVE_RECURSE "${work_dir}")
run(${CMAKE_COMMAND} --install "${build_dir}" --prefix "${prefix}" --config "${config}")

file(GLOB_RECURSE package_files "${prefix}/*.cmake")
foreach(file IN LISTS package_files)
  file(READ "${file}" text)
  foreach(tree IN ITEMS "${source_dir}" "${build_dir}")
    string(FIND "${text}" "${tree}" position)
    if(NOT position EQUAL -1)
      message(FATAL_ERROR "${file} names ${tree}, so the installed package cannot be moved")
    endif()
  endforeach()
endforeach()

set(flags)
if(sanitize)
  set(flags "-fsanitize=${sanitize}")
endif()
run(${CMAKE_COMMAND} -S "${project_dir}" -B "${work_dir}/build" -G "${generator}" -D "CMAKE_CXX_COMPILER=${compiler}"
    -D "CMAKE_BUILD_TYPE=${config}" -D "CMAKE_CXX_FLAGS=${flags}" -D "CMAKE_PREFIX_PATH=${prefix}" -D "harpia_version=${version}")
run(${CMAKE_COMMAND} --build "${work_dir}/build" --config "${config}")
run(${CMAKE_CTEST_COMMAND} --test-dir "${work_dir}/build" -C "${config}" --output-on-failure --no-tests=error)
