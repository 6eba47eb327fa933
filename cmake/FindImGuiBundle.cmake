# Dear ImGui (docking), ImPlot and portable-file-dialogs from the sources that the set-up unpacked,
# over Debian's GLFW:
#   imgui::headers      what code that draws compiles against
#   imgui::imgui        ImGui, ImPlot and the GLFW and OpenGL 3 backends; for the shipped program
#   imgui::with_hooks   the same with test hooks compiled in, and the ImGui test engine. For tests
#                       only: the engine's licence is not that of the program.
# A program links exactly one of the last two.
if(TARGET imgui::imgui)
  return()
endif()

set(ALLUVIUM_IMGUI_ROOT "${ALLUVIUM_DEPS_DIR}/imgui-bundle/external" CACHE PATH
    "The folder `external` of the imgui-bundle source package")
find_path(ImGuiBundle_IMGUI_DIR imgui.h
  PATHS "${ALLUVIUM_IMGUI_ROOT}/imgui/imgui" NO_DEFAULT_PATH)
find_path(ImGuiBundle_IMPLOT_DIR implot.h
  PATHS "${ALLUVIUM_IMGUI_ROOT}/implot/implot" NO_DEFAULT_PATH)
find_path(ImGuiBundle_DIALOGS_DIR portable_file_dialogs.h
  PATHS "${ALLUVIUM_IMGUI_ROOT}/portable_file_dialogs/portable_file_dialogs" NO_DEFAULT_PATH)
find_path(ImGuiBundle_TEST_ENGINE_DIR imgui_te_engine.h NO_DEFAULT_PATH
  PATHS "${ALLUVIUM_IMGUI_ROOT}/imgui_test_engine/imgui_test_engine/imgui_test_engine")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ImGuiBundle
  REQUIRED_VARS ImGuiBundle_IMGUI_DIR ImGuiBundle_IMPLOT_DIR ImGuiBundle_DIALOGS_DIR)
if(NOT ImGuiBundle_FOUND)
  return()
endif()
find_package(glfw3 3.3 REQUIRED)
find_package(OpenGL REQUIRED COMPONENTS OpenGL EGL)
find_package(Freetype REQUIRED)

# SYSTEM: these headers are not held to this project's warnings.
add_library(imgui_headers INTERFACE)
target_include_directories(imgui_headers SYSTEM INTERFACE "${ImGuiBundle_IMGUI_DIR}"
  "${ImGuiBundle_IMPLOT_DIR}" "${ImGuiBundle_DIALOGS_DIR}")
# Without this list ImPlot compiles each plot for ten number types, which takes two minutes.
target_compile_definitions(imgui_headers INTERFACE
  "IMPLOT_CUSTOM_NUMERIC_TYPES=(float)(double)" IMGUI_ENABLE_FREETYPE
  IMGUI_DISABLE_OBSOLETE_FUNCTIONS IMGUI_USE_WCHAR32)
add_library(imgui::headers ALIAS imgui_headers)

# Test hooks are compiled into ImGui's core alone; the rest is compiled once for both.
set(imgui_core imgui.cpp imgui_draw.cpp imgui_stacklayout.cpp imgui_tables.cpp imgui_widgets.cpp)
set(imgui_around misc/cpp/imgui_stdlib.cpp misc/freetype/imgui_freetype.cpp
    backends/imgui_impl_glfw.cpp backends/imgui_impl_opengl3.cpp)
set(implot_sources implot.cpp implot_items.cpp)
list(TRANSFORM imgui_core PREPEND "${ImGuiBundle_IMGUI_DIR}/")
list(TRANSFORM imgui_around PREPEND "${ImGuiBundle_IMGUI_DIR}/")
list(TRANSFORM implot_sources PREPEND "${ImGuiBundle_IMPLOT_DIR}/")

add_library(alluvium_imgui_around OBJECT ${imgui_around} ${implot_sources})
target_link_libraries(alluvium_imgui_around PUBLIC imgui_headers
  PRIVATE glfw OpenGL::OpenGL Freetype::Freetype)
target_compile_options(alluvium_imgui_around PRIVATE -w)

function(alluvium_imgui_library name)
  add_library(${name} STATIC ${ARGN} $<TARGET_OBJECTS:alluvium_imgui_around>)
  target_link_libraries(${name} PUBLIC imgui_headers
    PRIVATE glfw OpenGL::OpenGL Freetype::Freetype ${CMAKE_DL_LIBS})
  target_compile_options(${name} PRIVATE -w)
endfunction()

alluvium_imgui_library(alluvium_imgui ${imgui_core})
add_library(imgui::imgui ALIAS alluvium_imgui)

if(ImGuiBundle_TEST_ENGINE_DIR)
  # Built only when a test program asks for it. The binding to Python stays out.
  file(GLOB test_engine_sources "${ImGuiBundle_TEST_ENGINE_DIR}/*.cpp")
  list(FILTER test_engine_sources EXCLUDE REGEX "python_gil")
  alluvium_imgui_library(alluvium_imgui_with_hooks EXCLUDE_FROM_ALL
    ${imgui_core} ${test_engine_sources})
  target_include_directories(alluvium_imgui_with_hooks SYSTEM PUBLIC
    "${ImGuiBundle_TEST_ENGINE_DIR}" "${ImGuiBundle_TEST_ENGINE_DIR}/..")
  target_compile_definitions(alluvium_imgui_with_hooks PUBLIC IMGUI_ENABLE_TEST_ENGINE
    IMGUI_TEST_ENGINE_ENABLE_COROUTINE_STDTHREAD_IMPL=1 IMGUI_TEST_ENGINE_ENABLE_STD_FUNCTION=1
    IMGUI_TEST_ENGINE_ENABLE_CAPTURE=0)
  add_library(imgui::with_hooks ALIAS alluvium_imgui_with_hooks)
endif()
