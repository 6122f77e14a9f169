// One boxed call through libtorch's dispatcher serves every operator: the managed side names the operator and gives tagged
// arguments, the schema of the libtorch at hand supplies what is missing. So an operator needs no C++ of its own, and the
// same binding works with versions that have appended arguments.
#include "shim.h"

#include <ATen/core/Generator.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <cstdlib>

namespace ct {

enum Kind : int64_t {
  kNone = 0, kTensor = 1, kInt = 2, kDouble = 3, kBool = 4, kInts = 5, kDoubles = 6,
  kTensors = 7, kOptionalTensors = 8, kString = 9, kGenerator = 10, kDevice = 11, kDefault = 12,
};

struct Value {
  int64_t kind;
  int64_t bits;
  int64_t extra;  // length of a list, index of a device
};

static thread_local std::string last_error;
void set_error(const std::string& text) { last_error = text; }

struct Op {
  c10::OperatorHandle handle;
  std::vector<c10::IValue> defaults;
};

static double as_double(int64_t bits) {
  double d;
  std::memcpy(&d, &bits, sizeof d);
  return d;
}

static c10::IValue unpack(const Value& v, const c10::IValue& fallback) {
  switch (v.kind) {
    case kNone: return c10::IValue();
    case kTensor: return c10::IValue(borrow(reinterpret_cast<Impl*>(v.bits)));
    case kInt: return c10::IValue(v.bits);
    case kDouble: return c10::IValue(as_double(v.bits));
    case kBool: return c10::IValue(v.bits != 0);
    case kInts: return c10::IValue(c10::IntArrayRef(reinterpret_cast<const int64_t*>(v.bits), v.extra));
    case kDoubles: return c10::IValue(c10::ArrayRef<double>(reinterpret_cast<const double*>(v.bits), v.extra));
    case kTensors: {
      c10::List<at::Tensor> list;
      list.reserve(v.extra);
      for (int64_t i = 0; i < v.extra; i++) list.push_back(borrow(reinterpret_cast<Impl**>(v.bits)[i]));
      return c10::IValue(std::move(list));
    }
    case kOptionalTensors: {
      c10::impl::GenericList list(c10::OptionalType::create(c10::TensorType::get()));
      list.reserve(v.extra);
      for (int64_t i = 0; i < v.extra; i++) {
        Impl* impl = reinterpret_cast<Impl**>(v.bits)[i];
        list.push_back(impl == nullptr ? c10::IValue() : c10::IValue(borrow(impl)));
      }
      return c10::IValue(std::move(list));
    }
    case kString: return c10::IValue(std::string(reinterpret_cast<const char*>(v.bits), v.extra));
    case kGenerator: return c10::IValue(*reinterpret_cast<at::Generator*>(v.bits));
    case kDevice:
      return c10::IValue(c10::Device(static_cast<c10::DeviceType>(v.bits), static_cast<c10::DeviceIndex>(v.extra)));
    default: return fallback;
  }
}

static Value pack(c10::IValue&& v) {
  if (v.isTensor()) return {kTensor, reinterpret_cast<int64_t>(release(std::move(v).toTensor())), 0};
  if (v.isInt()) return {kInt, v.toInt(), 0};
  if (v.isBool()) return {kBool, v.toBool(), 0};
  if (v.isDouble()) {
    double d = v.toDouble();
    int64_t bits;
    std::memcpy(&bits, &d, sizeof bits);
    return {kDouble, bits, 0};
  }
  if (v.isTensorList()) {
    std::vector<at::Tensor> list = v.toTensorVector();
    auto** impls = static_cast<Impl**>(std::malloc(sizeof(Impl*) * (list.size() + 1)));
    for (size_t i = 0; i < list.size(); i++) impls[i] = release(std::move(list[i]));
    return {kTensors, reinterpret_cast<int64_t>(impls), static_cast<int64_t>(list.size())};
  }
  if (v.isNone()) return {kNone, 0, 0};
  TORCH_CHECK(false, "the binding does not know what to do with a result of type ", v.tagKind());
}

}  // namespace ct

using namespace ct;

CT_API const char* ct_error() { return last_error.c_str(); }

// The operator of a name (aten::add) and overload (Tensor); it lives as long as the process.
CT_API int32_t ct_op(const char* name, const char* overload, Op** op) {
  return guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    std::vector<c10::IValue> defaults;
    for (const auto& argument : handle.schema().arguments())
      defaults.push_back(argument.default_value().has_value() ? *argument.default_value() : c10::IValue());
    *op = new Op{handle, std::move(defaults)};
  });
}

// Calls an operator; results beyond the number asked for are dropped.
CT_API int32_t ct_call(Op* op, const Value* arguments, int64_t count, Value* results, int64_t result_count) {
  return guarded([&] {
    std::vector<c10::IValue> stack;
    const size_t total = op->defaults.size();
    TORCH_CHECK(static_cast<size_t>(count) <= total, op->handle.schema().name(), " takes at most ", total, " arguments, got ", count);
    stack.reserve(total);
    for (int64_t i = 0; i < count; i++) stack.push_back(unpack(arguments[i], op->defaults[i]));
    for (size_t i = count; i < total; i++) stack.push_back(op->defaults[i]);
    op->handle.callBoxed(stack);
    for (int64_t i = 0; i < result_count && i < static_cast<int64_t>(stack.size()); i++) results[i] = pack(std::move(stack[i]));
  });
}

CT_API void ct_free(void* memory) { std::free(memory); }
