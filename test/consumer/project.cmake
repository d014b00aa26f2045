# Configures, builds and runs the project in `project_dir`, which finds harpia in `prefix`. `options`: further arguments of cmake, with
# spaces between them.

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

separate_arguments(options UNIX_COMMAND "${options}")
file(REMOVE_RECURSE "${work_dir}")
run(${CMAKE_COMMAND} -S "${project_dir}" -B "${work_dir}" -G "${generator}" -D "CMAKE_CXX_COMPILER=${compiler}" -D
    "CMAKE_BUILD_TYPE=${config}" -D "CMAKE_CXX_FLAGS=${flags}" -D "CMAKE_PREFIX_PATH=${prefix}" -D "harpia_version=${version}"
    ${options})
run(${CMAKE_COMMAND} --build "${work_dir}" --config "${config}")
run(${CMAKE_CTEST_COMMAND} --test-dir "${work_dir}" -C "${config}" --output-on-failure --no-tests=error)
