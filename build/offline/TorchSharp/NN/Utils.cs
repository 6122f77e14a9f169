using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients so that their norm, taken as one vector's, is at most max_norm; gives the norm before.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using (no_grad())
                using (NewDisposeScope())
                {
                    Tensor[] gradients = tensors.Select(p => p.grad).Where(g => g is not null).ToArray();
                    if (gradients.Length == 0)
                        return 0;
                    double total = linalg.vector_norm(stack(gradients.Select(g => linalg.vector_norm(g, norm_type))), norm_type).ToDouble();
                    double factor = max_norm / (total + 1e-6);
                    if (factor < 1)
                        foreach (Tensor gradient in gradients)
                            gradient.mul_(factor);
                    return total;
                }
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using (no_grad())
                    foreach (Parameter parameter in tensors)
                    {
                        using Tensor gradient = parameter.grad;
                        gradient?.clamp_(-clip_value, clip_value);
                    }
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return scope.MoveToOuter(cat(tensors.Select(p => p.view(-1)).ToArray()));
            }

            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using (no_grad())
                using (NewDisposeScope())
                {
                    long at = 0;
                    foreach (Parameter parameter in tensors)
                    {
                        parameter.copy_(vec.narrow(0, at, parameter.numel()).view(parameter.shape));
                        at += parameter.numel();
                    }
                }
            }
        }
    }
}
