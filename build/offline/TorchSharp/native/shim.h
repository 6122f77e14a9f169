// The C interface between the managed binding and libtorch. Every function returns 0, or 1 with a message that
// ct_error() hands out: no C++ exception may reach a managed frame. A tensor crosses as its TensorImpl*, with one
// reference that the receiver owns when it is a result; a null pointer is an undefined tensor.
#pragma once

#include <ATen/core/TensorBody.h>
#include <c10/core/TensorImpl.h>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#define CT_API extern "C" __attribute__((visibility("default")))

namespace ct {

void set_error(const std::string& text);

// Runs the body and turns whatever it throws into an error text.
template <class Body>
int32_t guarded(Body&& body) noexcept {
  try {
    body();
    return 0;
  } catch (const c10::Error& e) {
    set_error(e.what_without_backtrace());
  } catch (const std::exception& e) {
    set_error(e.what());
  } catch (...) {
    set_error("libtorch threw something that is no exception");
  }
  return 1;
}

using Impl = c10::TensorImpl;

inline at::Tensor borrow(Impl* impl) {
  if (impl == nullptr) return at::Tensor();
  return at::Tensor(c10::intrusive_ptr<Impl, c10::UndefinedTensorImpl>::reclaim_copy(impl));
}

inline Impl* release(at::Tensor tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

inline std::vector<at::Tensor> borrow_all(Impl** impls, int64_t count) {
  std::vector<at::Tensor> list;
  list.reserve(count);
  for (int64_t i = 0; i < count; i++) list.push_back(borrow(impls[i]));
  return list;
}

}  // namespace ct
