using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <remarks>Elementwise functions that give a new tensor.</remarks>
    public partial class Tensor
    {
        public Tensor abs() => Aten.abs.Call(this);
        public Tensor ceil() => Aten.ceil.Call(this);
        public Tensor floor() => Aten.floor.Call(this);
        public Tensor trunc() => Aten.trunc.Call(this);
        public Tensor frac() => Aten.frac.Call(this);
        public Tensor sign() => Aten.sign.Call(this);
        public Tensor sgn() => Aten.sgn.Call(this);
        public Tensor neg() => Aten.neg.Call(this);
        public Tensor exp() => Aten.exp.Call(this);
        public Tensor exp2() => Aten.exp2.Call(this);
        public Tensor expm1() => Aten.expm1.Call(this);
        public Tensor log() => Aten.log.Call(this);
        public Tensor log2() => Aten.log2.Call(this);
        public Tensor log10() => Aten.log10.Call(this);
        public Tensor log1p() => Aten.log1p.Call(this);
        public Tensor sqrt() => Aten.sqrt.Call(this);
        public Tensor rsqrt() => Aten.rsqrt.Call(this);
        public Tensor square() => Aten.square.Call(this);
        public Tensor reciprocal() => Aten.reciprocal.Call(this);
        public Tensor sin() => Aten.sin.Call(this);
        public Tensor cos() => Aten.cos.Call(this);
        public Tensor tan() => Aten.tan.Call(this);
        public Tensor asin() => Aten.asin.Call(this);
        public Tensor acos() => Aten.acos.Call(this);
        public Tensor atan() => Aten.atan.Call(this);
        public Tensor sinh() => Aten.sinh.Call(this);
        public Tensor cosh() => Aten.cosh.Call(this);
        public Tensor tanh() => Aten.tanh.Call(this);
        public Tensor asinh() => Aten.asinh.Call(this);
        public Tensor acosh() => Aten.acosh.Call(this);
        public Tensor atanh() => Aten.atanh.Call(this);
        public Tensor sigmoid() => Aten.sigmoid.Call(this);
        public Tensor relu() => Aten.relu.Call(this);
        public Tensor erf() => Aten.erf.Call(this);
        public Tensor erfc() => Aten.erfc.Call(this);
        public Tensor erfinv() => Aten.erfinv.Call(this);
        public Tensor lgamma() => Aten.lgamma.Call(this);
        public Tensor digamma() => Aten.digamma.Call(this);
        public Tensor logical_not() => Aten.logical_not.Call(this);
        public Tensor bitwise_not() => Aten.bitwise_not.Call(this);
        public Tensor silu() => Aten.silu.Call(this);
        public Tensor sub(Tensor target) => Aten.sub_Tensor.Call(this, target);
        public Tensor sub(Scalar target) => Aten.sub_Scalar.Call(this, target);
        public Tensor mul(Tensor target) => Aten.mul_Tensor.Call(this, target);
        public Tensor mul(Scalar target) => Aten.mul_Scalar.Call(this, target);
        public Tensor fmod(Tensor target) => Aten.fmod_Tensor.Call(this, target);
        public Tensor fmod(Scalar scalar) => Aten.fmod_Scalar.Call(this, scalar);
        public Tensor remainder(Tensor target) => Aten.remainder_Tensor.Call(this, target);
        public Tensor remainder(Scalar scalar) => Aten.remainder_Scalar.Call(this, scalar);
        public Tensor floor_divide(Tensor other) => Aten.floor_divide.Call(this, other);
        public Tensor floor_divide(Scalar other) => Aten.floor_divide_Scalar.Call(this, other);
        public Tensor pow(Tensor exponent) => Aten.pow_Tensor_Tensor.Call(this, exponent);
        public Tensor pow(Scalar exponent) => Aten.pow_Tensor_Scalar.Call(this, exponent);
        public Tensor xlogy(Tensor y) => Aten.xlogy_Tensor.Call(this, y);
        public Tensor xlogy(Scalar y) => Aten.xlogy_Scalar_Other.Call(this, y);
        public Tensor maximum(Tensor other) => Aten.maximum.Call(this, other);
        public Tensor minimum(Tensor other) => Aten.minimum.Call(this, other);
        public Tensor fmax(Tensor other) => Aten.fmax.Call(this, other);
        public Tensor fmin(Tensor other) => Aten.fmin.Call(this, other);
        public Tensor atan2(Tensor other) => Aten.atan2.Call(this, other);
        public Tensor hypot(Tensor other) => Aten.hypot.Call(this, other);
        public Tensor logaddexp(Tensor other) => Aten.logaddexp.Call(this, other);
        public Tensor negative() => neg();
        public Tensor absolute() => abs();

        public Tensor add(Tensor target) => Aten.add_Tensor.Call(this, target);
        public Tensor add(Tensor target, Scalar alpha) => Aten.add_Tensor.Call(this, target, alpha);
        public Tensor add(Scalar scalar) => Aten.add_Scalar.Call(this, scalar);
        public Tensor add(Scalar scalar, Scalar alpha) => Aten.add_Scalar.Call(this, scalar, alpha);
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Aten.div_Tensor.Call(this, target) : Aten.div_Tensor_mode.Call(this, target, Name(rounding_mode));
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Aten.div_Scalar.Call(this, target) : Aten.div_Scalar_mode.Call(this, target, Name(rounding_mode));
        public Tensor true_divide(Tensor other) => div(other);
        public Tensor true_divide(Scalar other) => div(other);
        public Tensor round(long decimals = 0L) => decimals == 0 ? Aten.round.Call(this) : Aten.round_decimals.Call(this, decimals);
        public Tensor clamp(Scalar min = null, Scalar max = null) => Aten.clamp.Call(this, min, max);
        public Tensor clamp(Tensor min = null, Tensor max = null) => Aten.clamp_Tensor.Call(this, min, max);
        public Tensor clip(Scalar min = null, Scalar max = null) => clamp(min, max);
        public Tensor clamp_max(Scalar max) => Aten.clamp_max.Call(this, max);
        public Tensor clamp_min(Scalar min) => Aten.clamp_min.Call(this, min);
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.addcmul.Call(this, tensor1, tensor2, value);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.addcdiv.Call(this, tensor1, tensor2, value);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Aten.addcdiv.Call(this, tensor1, tensor2);
        public Tensor lerp(Tensor end, Tensor weight) => Aten.lerp_Tensor.Call(this, end, weight);
        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) => Aten.nan_to_num.Call(this, nan, posinf, neginf);
        public Tensor logit(double? eps = null) => Aten.logit.Call(this, eps);
        internal Tensor softplus(double beta = 1, double threshold = 20) => Aten.softplus.Call(this, beta, threshold);
        public Tensor gelu() => Aten.gelu.Call(this);
        internal Tensor elu(double alpha = 1) => Aten.elu.Call(this, alpha);
        public Tensor leaky_relu(Scalar negative_slope) => Aten.leaky_relu.Call(this, negative_slope);
        public Tensor log_sigmoid() => Aten.log_sigmoid.Call(this);
        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.softmax_int.Call(this, dim, dtype);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.log_softmax_int.Call(this, dim, dtype);

        private static string Name(RoundingMode mode) => mode == RoundingMode.floor ? "floor" : "trunc";
    }
}
