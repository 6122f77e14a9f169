using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <remarks>Operations that write into the tensor and return it.</remarks>
    public partial class Tensor
    {
        public Tensor abs_() => Aten.abs_.InPlace(this, this);
        public Tensor ceil_() => Aten.ceil_.InPlace(this, this);
        public Tensor floor_() => Aten.floor_.InPlace(this, this);
        public Tensor trunc_() => Aten.trunc_.InPlace(this, this);
        public Tensor frac_() => Aten.frac_.InPlace(this, this);
        public Tensor sign_() => Aten.sign_.InPlace(this, this);
        public Tensor sgn_() => Aten.sgn_.InPlace(this, this);
        public Tensor neg_() => Aten.neg_.InPlace(this, this);
        public Tensor exp_() => Aten.exp_.InPlace(this, this);
        public Tensor expm1_() => Aten.expm1_.InPlace(this, this);
        public Tensor log_() => Aten.log_.InPlace(this, this);
        public Tensor log2_() => Aten.log2_.InPlace(this, this);
        public Tensor log10_() => Aten.log10_.InPlace(this, this);
        public Tensor log1p_() => Aten.log1p_.InPlace(this, this);
        public Tensor sqrt_() => Aten.sqrt_.InPlace(this, this);
        public Tensor rsqrt_() => Aten.rsqrt_.InPlace(this, this);
        public Tensor reciprocal_() => Aten.reciprocal_.InPlace(this, this);
        public Tensor sin_() => Aten.sin_.InPlace(this, this);
        public Tensor cos_() => Aten.cos_.InPlace(this, this);
        public Tensor tan_() => Aten.tan_.InPlace(this, this);
        public Tensor asin_() => Aten.asin_.InPlace(this, this);
        public Tensor acos_() => Aten.acos_.InPlace(this, this);
        public Tensor atan_() => Aten.atan_.InPlace(this, this);
        public Tensor sinh_() => Aten.sinh_.InPlace(this, this);
        public Tensor cosh_() => Aten.cosh_.InPlace(this, this);
        public Tensor tanh_() => Aten.tanh_.InPlace(this, this);
        public Tensor asinh_() => Aten.asinh_.InPlace(this, this);
        public Tensor acosh_() => Aten.acosh_.InPlace(this, this);
        public Tensor atanh_() => Aten.atanh_.InPlace(this, this);
        public Tensor sigmoid_() => Aten.sigmoid_.InPlace(this, this);
        public Tensor relu_() => Aten.relu_.InPlace(this, this);
        public Tensor erf_() => Aten.erf_.InPlace(this, this);
        public Tensor erfc_() => Aten.erfc_.InPlace(this, this);
        public Tensor erfinv_() => Aten.erfinv_.InPlace(this, this);
        public Tensor lgamma_() => Aten.lgamma_.InPlace(this, this);
        public Tensor digamma_() => Aten.digamma_.InPlace(this, this);
        public Tensor logical_not_() => Aten.logical_not_.InPlace(this, this);
        public Tensor bitwise_not_() => Aten.bitwise_not_.InPlace(this, this);
        public Tensor silu_() => Aten.silu_.InPlace(this, this);
        public Tensor sub_(Tensor target) => Aten.sub__Tensor.InPlace(this, this, target);
        public Tensor sub_(Scalar target) => Aten.sub__Scalar.InPlace(this, this, target);
        public Tensor mul_(Tensor target) => Aten.mul__Tensor.InPlace(this, this, target);
        public Tensor mul_(Scalar target) => Aten.mul__Scalar.InPlace(this, this, target);
        public Tensor fmod_(Tensor target) => Aten.fmod__Tensor.InPlace(this, this, target);
        public Tensor fmod_(Scalar scalar) => Aten.fmod__Scalar.InPlace(this, this, scalar);
        public Tensor remainder_(Tensor target) => Aten.remainder__Tensor.InPlace(this, this, target);
        public Tensor remainder_(Scalar scalar) => Aten.remainder__Scalar.InPlace(this, this, scalar);
        public Tensor floor_divide_(Tensor other) => Aten.floor_divide__Tensor.InPlace(this, this, other);
        public Tensor floor_divide_(Scalar other) => Aten.floor_divide__Scalar.InPlace(this, this, other);
        public Tensor pow_(Tensor exponent) => Aten.pow__Tensor.InPlace(this, this, exponent);
        public Tensor pow_(Scalar exponent) => Aten.pow__Scalar.InPlace(this, this, exponent);
        public Tensor eq_(Tensor target) => Aten.eq__Tensor.InPlace(this, this, target);
        public Tensor eq_(Scalar target) => Aten.eq__Scalar.InPlace(this, this, target);
        public Tensor ne_(Tensor target) => Aten.ne__Tensor.InPlace(this, this, target);
        public Tensor ne_(Scalar target) => Aten.ne__Scalar.InPlace(this, this, target);
        public Tensor lt_(Tensor target) => Aten.lt__Tensor.InPlace(this, this, target);
        public Tensor lt_(Scalar target) => Aten.lt__Scalar.InPlace(this, this, target);
        public Tensor le_(Tensor target) => Aten.le__Tensor.InPlace(this, this, target);
        public Tensor le_(Scalar target) => Aten.le__Scalar.InPlace(this, this, target);
        public Tensor gt_(Tensor target) => Aten.gt__Tensor.InPlace(this, this, target);
        public Tensor gt_(Scalar target) => Aten.gt__Scalar.InPlace(this, this, target);
        public Tensor ge_(Tensor target) => Aten.ge__Tensor.InPlace(this, this, target);
        public Tensor ge_(Scalar target) => Aten.ge__Scalar.InPlace(this, this, target);
        public Tensor xlogy_(Tensor y) => Aten.xlogy__Tensor.InPlace(this, this, y);
        public Tensor xlogy_(Scalar y) => Aten.xlogy__Scalar_Other.InPlace(this, this, y);
        public Tensor atan2_(Tensor other) => Aten.atan2_.InPlace(this, this, other);
        public Tensor logical_and_(Tensor other) => Aten.logical_and_.InPlace(this, this, other);
        public Tensor logical_or_(Tensor other) => Aten.logical_or_.InPlace(this, this, other);
        public Tensor logical_xor_(Tensor other) => Aten.logical_xor_.InPlace(this, this, other);
        public Tensor bitwise_and_(Tensor other) => Aten.bitwise_and__Tensor.InPlace(this, this, other);
        public Tensor bitwise_or_(Tensor other) => Aten.bitwise_or__Tensor.InPlace(this, this, other);
        public Tensor bitwise_xor_(Tensor other) => Aten.bitwise_xor__Tensor.InPlace(this, this, other);
        public Tensor add_(Tensor target) => Aten.add__Tensor.InPlace(this, this, target);
        public Tensor add_(Tensor target, Scalar alpha) => Aten.add__Tensor.InPlace(this, this, target, alpha);
        public Tensor add_(Scalar scalar) => Aten.add__Scalar.InPlace(this, this, scalar);
        public Tensor add_(Scalar scalar, Scalar alpha) => Aten.add__Scalar.InPlace(this, this, scalar, alpha);
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Aten.div__Tensor.InPlace(this, this, target) : Aten.div__Tensor_mode.InPlace(this, this, target, Name(rounding_mode));
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None
            ? Aten.div__Scalar.InPlace(this, this, target) : Aten.div__Scalar_mode.InPlace(this, this, target, Name(rounding_mode));
        public Tensor clamp_(Scalar min = null, Scalar max = null) => Aten.clamp_.InPlace(this, this, min, max);
        public Tensor clamp_(Tensor min = null, Tensor max = null) => Aten.clamp__Tensor.InPlace(this, this, min, max);
        public Tensor clamp_max_(Scalar max) => Aten.clamp_max_.InPlace(this, this, max);
        public Tensor clamp_min_(Scalar min) => Aten.clamp_min_.InPlace(this, this, min);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.addcmul_.InPlace(this, this, tensor1, tensor2, value);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.addcdiv_.InPlace(this, this, tensor1, tensor2, value);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Aten.addcdiv_.InPlace(this, this, tensor1, tensor2);
        public Tensor lerp_(Tensor end, Tensor weight) => Aten.lerp__Tensor.InPlace(this, this, end, weight);
                public Tensor masked_fill_(Tensor mask, Scalar value) => Aten.masked_fill__Scalar.InPlace(this, this, mask, value);
        internal Tensor elu_(double alpha = 1) => Aten.elu_.InPlace(this, this, alpha);
        public Tensor leaky_relu_(Scalar negative_slope) => Aten.leaky_relu_.InPlace(this, this, negative_slope);
        public Tensor zero_() => Aten.zero_.InPlace(this, this);
        public Tensor fill_(Scalar value) => Aten.fill__Scalar.InPlace(this, this, value);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Aten.copy_.InPlace(this, this, source, nonBlocking);
        public Tensor detach_() => Aten.detach_.InPlace(this, this);
        public Tensor squeeze_(long? dim = null) =>
            dim is null ? Aten.squeeze_.InPlace(this, this) : Aten.squeeze__dim.InPlace(this, this, dim.Value);
        public Tensor unsqueeze_(long dim) => Aten.unsqueeze_.InPlace(this, this, dim);
        public Tensor transpose_(long dim0, long dim1) => Aten.transpose_.InPlace(this, this, dim0, dim1);
        public Tensor tril_(long diagonal = 0) => Aten.tril_.InPlace(this, this, diagonal);
        public Tensor triu_(long diagonal = 0) => Aten.triu_.InPlace(this, this, diagonal);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Aten.index_add_.InPlace(this, this, dim, index, source, alpha);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Aten.index_copy_.InPlace(this, this, dim, index, source);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Aten.index_fill__int_Scalar.InPlace(this, this, dim, index, value);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.scatter__src.InPlace(this, this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Aten.scatter_add_.InPlace(this, this, dim, index, src);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Aten.addmm_.InPlace(this, this, mat1, mat2, beta, alpha);

        public Tensor normal_(double mean = 0.0, double std = 1.0, Generator generator = null) =>
            Aten.normal_.InPlace(this, this, mean, std, generator);
        public Tensor uniform_(double from, double to, Generator generator = null) => Aten.uniform_.InPlace(this, this, from, to, generator);
        public Tensor bernoulli_(double p = 0.5, Generator generator = null) => Aten.bernoulli__float.InPlace(this, this, p, generator);
        public Tensor bernoulli_(Tensor p, Generator generator = null) => Aten.bernoulli__Tensor.InPlace(this, this, p, generator);
        public Tensor exponential_(double lambda = 1.0, Generator generator = null) =>
            Aten.exponential_.InPlace(this, this, lambda, generator);
    }
}
