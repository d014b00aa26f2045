include_guard()

# What our own code is compiled with and a consumer must never inherit.
add_library(harpia_warnings INTERFACE)
target_compile_options(
  harpia_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${HARPIA_WARNINGS_AS_ERRORS}>:-Werror>)

# GCC 12 sees overlaps in std::string that cannot be (https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105329).
target_compile_options(harpia_warnings INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

# GCC collects its garbage from 128 MiB on. With 1 GiB it does so in hardly any file, which takes a tenth off compiling.
target_compile_options(harpia_warnings INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${HARPIA_QUICK_BUILD}>>:--param=ggc-min-heapsize=1048576>)

add_library(harpia_sanitizers INTERFACE)
if(HARPIA_SANITIZE)
  set(harpia_sanitizer_options -fsanitize=${HARPIA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(harpia_sanitizers INTERFACE ${harpia_sanitizer_options})
  # What sanitizers put in makes GCC see uses of what was never set, and bounds that are crossed; its manual says so of -fsanitize.
  target_compile_options(harpia_sanitizers INTERFACE "$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-array-bounds;-Wno-stringop-overflow>")
  target_link_options(harpia_sanitizers INTERFACE ${harpia_sanitizer_options})
endif()

# Without its main function, so that every target of ours can have it; those of test/fuzz add that.
if(HARPIA_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "HARPIA_BUILD_FUZZERS needs Clang, which has libFuzzer; the preset 'fuzz' takes it.")
  endif()
  target_compile_options(harpia_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(harpia_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Gives a target of this project its language level, warnings and sanitizers; every target of ours calls it.
function(harpia_own_target target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:harpia_warnings> $<BUILD_INTERFACE:harpia_sanitizers>)
endfunction()

# The same for a library, of whose symbols others get those that are declared with HARPIA_API.
function(harpia_own_library target)
  harpia_own_target(${target})
  set_target_properties(
    ${target}
    PROPERTIES CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               UNITY_BUILD ${HARPIA_UNITY_BUILD}
               UNITY_BUILD_BATCH_SIZE 9)
endfunction()
