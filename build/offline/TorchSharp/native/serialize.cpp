// A single tensor in libtorch's own file format.
#include "shim.h"

#include <torch/serialize.h>

using namespace ct;

CT_API int32_t ct_tensor_save(Impl* impl, const char* path) {
  return guarded([&] { torch::save(borrow(impl), std::string(path)); });
}

CT_API int32_t ct_tensor_load(const char* path, Impl** result) {
  return guarded([&] {
    at::Tensor tensor;
    torch::load(tensor, std::string(path));
    *result = release(tensor);
  });
}
