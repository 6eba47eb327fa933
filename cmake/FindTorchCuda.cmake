# torch::cuda: libtorch_cuda and libc10_cuda of the torch wheel that FindTorchCpu found. The CPU-only
# install has them too, without the libraries that they need to load.
if(TARGET torch::cuda)
  return()
endif()
find_package(TorchCpu REQUIRED)

find_library(TorchCuda_LIBRARY torch_cuda PATHS "${ALLUVIUM_TORCH_ROOT}/lib" NO_DEFAULT_PATH)
find_library(TorchCuda_C10_LIBRARY c10_cuda PATHS "${ALLUVIUM_TORCH_ROOT}/lib" NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TorchCuda
  REQUIRED_VARS TorchCuda_LIBRARY TorchCuda_C10_LIBRARY)

if(TorchCuda_FOUND)
  add_library(torch::c10_cuda SHARED IMPORTED GLOBAL)
  set_target_properties(torch::c10_cuda PROPERTIES IMPORTED_LOCATION "${TorchCuda_C10_LIBRARY}")
  add_library(torch::cuda SHARED IMPORTED GLOBAL)
  set_target_properties(torch::cuda PROPERTIES IMPORTED_LOCATION "${TorchCuda_LIBRARY}")
  target_link_libraries(torch::cuda INTERFACE torch::c10_cuda torch::cpu)
endif()
