// Reverse-mode differentiation: running it, its modes, and functions whose derivative is written in managed code.
#include "shim.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

using namespace ct;
namespace ag = torch::autograd;

CT_API int32_t ct_grad_mode() { return c10::GradMode::is_enabled(); }
CT_API void ct_set_grad_mode(int32_t on) { c10::GradMode::set_enabled(on != 0); }
CT_API int32_t ct_inference_mode() { return c10::InferenceMode::is_enabled(); }
CT_API c10::InferenceMode* ct_inference_mode_enter(int32_t on) { return new c10::InferenceMode(on != 0); }
CT_API void ct_inference_mode_leave(c10::InferenceMode* guard) { delete guard; }
CT_API int32_t ct_anomaly_mode(int32_t* check_nan) {
  *check_nan = ag::AnomalyMode::should_check_nan();
  return ag::AnomalyMode::is_enabled();
}
CT_API void ct_set_anomaly_mode(int32_t on, int32_t check_nan) { ag::AnomalyMode::set_enabled(on != 0, check_nan != 0); }

CT_API int32_t ct_backward(
    Impl** outputs, int64_t output_count, Impl** gradients, int64_t gradient_count, int32_t retain_graph, int32_t create_graph,
    Impl** inputs, int64_t input_count) {
  return guarded([&] {
    ag::backward(
        borrow_all(outputs, output_count), borrow_all(gradients, gradient_count), retain_graph != 0, create_graph != 0,
        borrow_all(inputs, input_count));
  });
}

CT_API int32_t ct_grad(
    Impl** outputs, int64_t output_count, Impl** inputs, int64_t input_count, Impl** gradients, int64_t gradient_count,
    int32_t retain_graph, int32_t create_graph, int32_t allow_unused, Impl** results) {
  return guarded([&] {
    auto found = ag::grad(
        borrow_all(outputs, output_count), borrow_all(inputs, input_count), borrow_all(gradients, gradient_count),
        retain_graph != 0, create_graph != 0, allow_unused != 0);
    for (size_t i = 0; i < found.size(); i++) results[i] = release(found[i]);
  });
}

namespace {

constexpr int64_t kMessage = 1024;

struct Callbacks {
  // Gets the gradients of the outputs (owned), leaves those of the tensor inputs (owned, or null); on failure returns 1 with a text.
  int32_t (*backward)(void* state, void* node, Impl** gradients, int64_t count, Impl** results, int64_t result_count, char* message, int64_t length);
  void (*free)(void* state);
};

struct ManagedNode : ag::Node {
  Callbacks callbacks{};
  void* state = nullptr;
  bool materialize = true;
  std::string title;
  int64_t inputs = 0;
  std::vector<ag::SavedVariable> saved;

  ~ManagedNode() override { callbacks.free(state); }
  std::string name() const override { return title; }
  void release_variables() override {
    for (auto& variable : saved) variable.reset_data();
  }
  ag::variable_list apply(ag::variable_list&& gradients) override {
    std::vector<Impl*> given, found(inputs, nullptr);
    for (size_t i = 0; i < gradients.size(); i++) {
      if (!gradients[i].defined() && materialize) gradients[i] = input_metadata(i).zeros_like();
      given.push_back(release(std::move(gradients[i])));
    }
    char message[kMessage] = {0};
    if (callbacks.backward(state, this, given.data(), given.size(), found.data(), inputs, message, kMessage) != 0)
      throw std::runtime_error(message);
    ag::variable_list results;
    for (Impl* impl : found) results.push_back(impl == nullptr ? at::Tensor() : at::Tensor::wrap_tensor_impl(
        c10::intrusive_ptr<Impl, c10::UndefinedTensorImpl>::reclaim(impl)));
    return results;
  }
};

}  // namespace

// Makes outputs (computed without gradients) the result of a managed function of the inputs. Outputs and saved tensors are
// pointers; each output is replaced by the tensor that stands in the graph. recorded says whether there is a graph at all:
// if not, the state still belongs to the caller.
CT_API int32_t ct_function(
    const char* title, Impl** inputs, int64_t input_count, Impl** outputs, int64_t output_count, const uint8_t* differentiable,
    Impl** saved, int64_t saved_count, int32_t materialize, Callbacks callbacks, void* state, int32_t* recorded) {
  return guarded([&] {
    auto variables = borrow_all(inputs, input_count);
    bool needed = false;
    for (const auto& v : variables) needed = needed || v.requires_grad();
    *recorded = c10::GradMode::is_enabled() && needed;
    if (!*recorded) return;

    auto raw = new ManagedNode();
    raw->title = title;
    raw->inputs = input_count;
    raw->materialize = materialize != 0;
    raw->callbacks = callbacks;
    raw->state = state;
    std::shared_ptr<ag::Node> node(raw, ag::deleteNode);
    node->set_next_edges(ag::collect_next_edges(variables));

    auto plain = borrow_all(outputs, output_count);
    ag::variable_list results;
    for (int64_t i = 0; i < output_count; i++) {
      // A tensor of its own: an output may be an input, or share another function's history.
      at::Tensor result = plain[i].defined() ? plain[i].variable_data() : at::Tensor();
      if (differentiable[i] && result.defined() && ag::isDifferentiableType(result.scalar_type()))
        ag::set_history(result, node);
      else if (result.defined())
        node->add_input_metadata(result);
      else
        node->add_input_metadata(ag::Node::undefined_input());
      results.push_back(result);
    }
    for (const auto& tensor : borrow_all(saved, saved_count)) {
      bool is_output = false;
      at::Tensor kept = tensor;
      for (int64_t i = 0; i < output_count; i++)
        if (plain[i].defined() && plain[i].is_same(tensor)) {
          kept = results[i];
          is_output = differentiable[i] != 0;
        }
      raw->saved.emplace_back(kept, is_output);
    }
    for (int64_t i = 0; i < output_count; i++) outputs[i] = release(results[i]);
  });
}

CT_API int32_t ct_function_saved(void* node, int64_t index, Impl** tensor) {
  return guarded([&] {
    auto* managed = static_cast<ManagedNode*>(static_cast<ag::Node*>(node));
    *tensor = release(managed->saved.at(index).unpack(managed->shared_from_this()));
  });
}
