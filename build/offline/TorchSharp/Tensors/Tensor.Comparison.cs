using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <remarks>Comparisons, tests and logic.</remarks>
    public partial class Tensor
    {
        public Tensor isnan() => Aten.isnan.Call(this);
        public Tensor isinf() => Aten.isinf.Call(this);
        public Tensor isfinite() => Aten.isfinite.Call(this);
        public Tensor isposinf() => Aten.isposinf.Call(this);
        public Tensor isneginf() => Aten.isneginf.Call(this);
        public Tensor eq(Tensor target) => Aten.eq_Tensor.Call(this, target);
        public Tensor eq(Scalar target) => Aten.eq_Scalar.Call(this, target);
        public Tensor ne(Tensor target) => Aten.ne_Tensor.Call(this, target);
        public Tensor ne(Scalar target) => Aten.ne_Scalar.Call(this, target);
        public Tensor lt(Tensor target) => Aten.lt_Tensor.Call(this, target);
        public Tensor lt(Scalar target) => Aten.lt_Scalar.Call(this, target);
        public Tensor le(Tensor target) => Aten.le_Tensor.Call(this, target);
        public Tensor le(Scalar target) => Aten.le_Scalar.Call(this, target);
        public Tensor gt(Tensor target) => Aten.gt_Tensor.Call(this, target);
        public Tensor gt(Scalar target) => Aten.gt_Scalar.Call(this, target);
        public Tensor ge(Tensor target) => Aten.ge_Tensor.Call(this, target);
        public Tensor ge(Scalar target) => Aten.ge_Scalar.Call(this, target);
        public Tensor logical_and(Tensor other) => Aten.logical_and.Call(this, other);
        public Tensor logical_or(Tensor other) => Aten.logical_or.Call(this, other);
        public Tensor logical_xor(Tensor other) => Aten.logical_xor.Call(this, other);
        public Tensor bitwise_and(Tensor other) => Aten.bitwise_and_Tensor.Call(this, other);
        public Tensor bitwise_or(Tensor other) => Aten.bitwise_or_Tensor.Call(this, other);
        public Tensor bitwise_xor(Tensor other) => Aten.bitwise_xor_Tensor.Call(this, other);
        public Tensor equal(Tensor target) => eq(target);
        public Tensor greater(Tensor target) => gt(target);
        public Tensor greater_equal(Tensor target) => ge(target);
        public Tensor less(Tensor target) => lt(target);
        public Tensor less_equal(Tensor target) => le(target);
        public Tensor not_equal(Tensor target) => ne(target);
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Aten.allclose.CallValue(this, target, rtol, atol, equal_nan).Bits != 0;
        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            Aten.isclose.Call(this, other, rtol, atol, nanEqual);

        /// <summary>Equality by value, of all elements at once.</summary>
        public bool Equals(Tensor target) => Aten.equal.CallValue(this, target).Bits != 0;
        public override bool Equals(object obj) => obj is Tensor other && Equals(other);
        public override int GetHashCode() => Handle.GetHashCode();
    }
}
