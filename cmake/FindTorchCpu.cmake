# Imported targets for libtorch as the torch wheel ships it: torch::cpu is libtorch_cpu and libc10.
# find_package(Torch) is not used: it fails without a CUDA toolkit and puts odd directories into
# the run path.
if(TARGET torch::cpu)
  return()
endif()

set(ALLUVIUM_TORCH_ROOT "${ALLUVIUM_DEPS_DIR}/site/torch" CACHE PATH "The torch package's folder")
find_library(TorchCpu_LIBRARY torch_cpu PATHS "${ALLUVIUM_TORCH_ROOT}/lib" NO_DEFAULT_PATH)
find_library(TorchCpu_C10_LIBRARY c10 PATHS "${ALLUVIUM_TORCH_ROOT}/lib" NO_DEFAULT_PATH)
find_path(TorchCpu_INCLUDE_DIR ATen/ATen.h PATHS "${ALLUVIUM_TORCH_ROOT}/include" NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TorchCpu
  REQUIRED_VARS TorchCpu_LIBRARY TorchCpu_C10_LIBRARY TorchCpu_INCLUDE_DIR)

if(TorchCpu_FOUND)
  add_library(torch::c10 SHARED IMPORTED GLOBAL)
  set_target_properties(torch::c10 PROPERTIES IMPORTED_LOCATION "${TorchCpu_C10_LIBRARY}")
  add_library(torch::cpu SHARED IMPORTED GLOBAL)
  set_target_properties(torch::cpu PROPERTIES IMPORTED_LOCATION "${TorchCpu_LIBRARY}")
  # SYSTEM: torch's headers are not held to this project's warnings.
  target_include_directories(torch::cpu SYSTEM INTERFACE "${TorchCpu_INCLUDE_DIR}"
    "${TorchCpu_INCLUDE_DIR}/torch/csrc/api/include")
  target_link_libraries(torch::cpu INTERFACE torch::c10)
  # at::parallel_for is a header: without OpenMP it silently runs on one thread. The wheel brings
  # its own libgomp; a second copy would be a second thread pool.
  target_compile_options(torch::cpu INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>)
  find_file(TorchCpu_GOMP libgomp.so.1 PATHS "${ALLUVIUM_TORCH_ROOT}/lib" NO_DEFAULT_PATH)
  target_link_libraries(torch::cpu INTERFACE $<IF:$<BOOL:${TorchCpu_GOMP}>,${TorchCpu_GOMP},-fopenmp>)
endif()
