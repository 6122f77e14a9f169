using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>A tensor that a module learns. It takes the given tensor over, whose handle is invalid afterwards.</summary>
    public class Parameter : Tensor
    {
        public Parameter(Tensor data, bool requires_grad = true) : base(data.DecoupleFromNativeHandle())
        {
            if (requires_grad || this.requires_grad)
                this.requires_grad = requires_grad;
        }
    }
}
