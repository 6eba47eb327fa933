# Language level, warnings and build-wide habits; every target links alluvium_settings.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(ALLUVIUM_CCACHE ccache)
if(ALLUVIUM_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      "${ALLUVIUM_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_C_COMPILER_LAUNCHER})
  # Lets ccache reuse objects compiled against a precompiled header.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
endif()

add_library(alluvium_settings INTERFACE)
# Not CMAKE_SOURCE_DIR: tests/gpu is a project of its own.
target_include_directories(alluvium_settings INTERFACE "${CMAKE_CURRENT_LIST_DIR}/..")
target_compile_definitions(alluvium_settings INTERFACE
  ALLUVIUM_VERSION="${PROJECT_VERSION}")
target_compile_options(alluvium_settings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor>)
# g++ 12 warns about std::string's own copy loops (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(alluvium_settings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(ALLUVIUM_SANITIZE)
  target_compile_options(alluvium_settings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined -fno-omit-frame-pointer -g>)
  target_link_options(alluvium_settings INTERFACE -fsanitize=address,undefined)
endif()
if(ALLUVIUM_FUZZ)
  # Which lines an input reaches guides the fuzzer to the next one.
  target_compile_options(alluvium_settings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link>)
endif()

# alluvium_room(NAME SOURCES...): one static library per room.
function(alluvium_room name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC alluvium_settings)
endfunction()
