// What a tensor is, and the few things about tensors, generators, devices and threads that are no operators.
#include "shim.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/ScalarTypeToTypeMeta.h>
#include <torch/version.h>
#include <mutex>

using namespace ct;

struct Info {
  int64_t dtype, device_type, device_index, dim, numel, element_size, storage_offset;
  const int64_t* sizes;
  const int64_t* strides;
  int32_t requires_grad, is_leaf, is_contiguous, is_sparse;
};

CT_API void ct_tensor_release(Impl* impl) {
  c10::intrusive_ptr<Impl, c10::UndefinedTensorImpl>::reclaim(impl);
}

CT_API void ct_tensor_retain(Impl* impl) { borrow(impl).unsafeReleaseTensorImpl(); }

CT_API int32_t ct_tensor_info(Impl* impl, Info* info) {
  return guarded([&] {
    at::Tensor t = borrow(impl);
    bool strided = t.layout() == c10::kStrided;
    *info = Info{
        static_cast<int64_t>(t.scalar_type()), static_cast<int64_t>(t.device().type()), t.device().index(), t.dim(), t.numel(),
        static_cast<int64_t>(t.dtype().itemsize()), strided ? t.storage_offset() : 0,
        t.sizes().data(), strided ? t.strides().data() : nullptr,
        t.requires_grad(), t.is_leaf(), strided && t.is_contiguous(), !strided};
  });
}

CT_API int32_t ct_tensor_data(Impl* impl, void** data) {
  return guarded([&] { *data = borrow(impl).data_ptr(); });
}

CT_API int32_t ct_tensor_from_blob(
    void* data, const int64_t* sizes, int64_t dim, int32_t dtype, void (*free_data)(void*), void* state, Impl** result) {
  return guarded([&] {
    auto options = at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype));
    *result = release(at::from_blob(
        data, c10::IntArrayRef(sizes, dim), [free_data, state](void*) { free_data(state); }, options));
  });
}

CT_API int32_t ct_tensor_grad(Impl* impl, Impl** grad) {
  return guarded([&] { *grad = release(borrow(impl).grad()); });
}

CT_API int32_t ct_tensor_set_grad(Impl* impl, Impl* grad) {
  return guarded([&] { borrow(impl).mutable_grad() = borrow(grad); });
}

CT_API int32_t ct_tensor_set_requires_grad(Impl* impl, int32_t on) {
  return guarded([&] { borrow(impl).set_requires_grad(on != 0); });
}

CT_API int32_t ct_tensor_retain_grad(Impl* impl) {
  return guarded([&] { borrow(impl).retain_grad(); });
}

// Generators. A new one is a copy of the device's default generator with a seed of its own, which needs no device library.
CT_API int32_t ct_generator_new(int32_t device_type, int32_t device_index, uint64_t seed, at::Generator** result) {
  return guarded([&] {
    c10::Device device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index));
    at::Generator copy = at::globalContext().defaultGenerator(device).clone();
    copy.set_current_seed(seed);
    *result = new at::Generator(std::move(copy));
  });
}

CT_API int32_t ct_generator_default(at::Generator** result) {
  return guarded([&] { *result = new at::Generator(at::globalContext().defaultGenerator(c10::Device(c10::kCPU))); });
}

CT_API void ct_generator_delete(at::Generator* generator) { delete generator; }

CT_API int32_t ct_generator_set_seed(at::Generator* generator, uint64_t seed) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(seed);
  });
}

// A seed that nobody could foresee, which the generator then has.
CT_API int32_t ct_generator_seed(at::Generator* generator, uint64_t* seed) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    *seed = generator->seed();
  });
}

CT_API int32_t ct_generator_initial_seed(at::Generator* generator, uint64_t* seed) {
  return guarded([&] { *seed = generator->current_seed(); });
}

CT_API int32_t ct_generator_get_state(at::Generator* generator, Impl** state) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    *state = release(generator->get_state());
  });
}

CT_API int32_t ct_generator_set_state(at::Generator* generator, Impl* state) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(borrow(state));
  });
}

CT_API int32_t ct_manual_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

CT_API int32_t ct_cuda_device_count(int64_t* count) {
  return guarded([&] { *count = at::hasCUDA() ? static_cast<int64_t>(at::getNumGPUs()) : 0; });
}

CT_API int32_t ct_cuda_synchronize(int64_t device) {
  return guarded([&] { at::detail::getCUDAHooks().deviceSynchronize(device); });
}

CT_API int32_t ct_get_num_threads() { return at::get_num_threads(); }
CT_API int32_t ct_set_num_threads(int32_t count) {
  return guarded([&] { at::set_num_threads(count); });
}
CT_API int32_t ct_get_num_interop_threads() { return at::get_num_interop_threads(); }
CT_API int32_t ct_set_num_interop_threads(int32_t count) {
  return guarded([&] { at::set_num_interop_threads(count); });
}

CT_API int32_t ct_get_default_dtype() { return static_cast<int32_t>(c10::typeMetaToScalarType(c10::get_default_dtype())); }
CT_API int32_t ct_set_default_dtype(int32_t dtype) {
  return guarded([&] { c10::set_default_dtype(c10::scalarTypeToTypeMeta(static_cast<c10::ScalarType>(dtype))); });
}

CT_API const char* ct_version() { return TORCH_VERSION; }
