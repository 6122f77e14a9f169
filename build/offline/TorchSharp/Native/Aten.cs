namespace TorchSharp.Native;

/// <summary>
/// The operators in use, named as libtorch's schemas are, with '_' for the '.' before an overload. Using another one takes a line
/// here and one where it is called.
/// </summary>
internal static class Aten
{
    internal static readonly Op _unique2 = new("_unique2");
    internal static readonly Op abs = new("abs"), abs_ = new("abs_"), acos = new("acos"), acos_ = new("acos_"), acosh = new("acosh"),
        acosh_ = new("acosh_"), add__Scalar = new("add_.Scalar"), add__Tensor = new("add_.Tensor"), add_Scalar = new("add.Scalar"),
        add_Tensor = new("add.Tensor"), addbmm = new("addbmm"), addcdiv = new("addcdiv"), addcdiv_ = new("addcdiv_"),
        addcmul = new("addcmul"), addcmul_ = new("addcmul_"), addmm = new("addmm"), addmm_ = new("addmm_"), addmv = new("addmv"),
        alias = new("alias"), all = new("all"), all_dim = new("all.dim"), allclose = new("allclose"), amax = new("amax"),
        amin = new("amin"), any = new("any"), any_dim = new("any.dim"), arange = new("arange"), arange_start = new("arange.start"),
        arange_start_step = new("arange.start_step"), argmax = new("argmax"), argmin = new("argmin"), argsort = new("argsort"),
        argwhere = new("argwhere"), as_strided = new("as_strided"), asin = new("asin"), asin_ = new("asin_"), asinh = new("asinh"),
        asinh_ = new("asinh_"), atan = new("atan"), atan2 = new("atan2"), atan2_ = new("atan2_"), atan_ = new("atan_"),
        atanh = new("atanh"), atanh_ = new("atanh_");
    internal static readonly Op baddbmm = new("baddbmm"), batch_norm = new("batch_norm"), bernoulli = new("bernoulli"),
        bernoulli__float = new("bernoulli_.float"), bernoulli__Tensor = new("bernoulli_.Tensor"),
        binary_cross_entropy = new("binary_cross_entropy"), binary_cross_entropy_with_logits = new("binary_cross_entropy_with_logits"),
        bincount = new("bincount"), bitwise_and__Tensor = new("bitwise_and_.Tensor"), bitwise_and_Tensor = new("bitwise_and.Tensor"),
        bitwise_not = new("bitwise_not"), bitwise_not_ = new("bitwise_not_"), bitwise_or__Tensor = new("bitwise_or_.Tensor"),
        bitwise_or_Tensor = new("bitwise_or.Tensor"), bitwise_xor__Tensor = new("bitwise_xor_.Tensor"),
        bitwise_xor_Tensor = new("bitwise_xor.Tensor"), block_diag = new("block_diag"), bmm = new("bmm"),
        broadcast_tensors = new("broadcast_tensors"), broadcast_to = new("broadcast_to");
    internal static readonly Op can_cast = new("can_cast"), cat = new("cat"), ceil = new("ceil"), ceil_ = new("ceil_"),
        cholesky_inverse = new("cholesky_inverse"), cholesky_solve = new("cholesky_solve"), chunk = new("chunk"), clamp = new("clamp"),
        clamp_ = new("clamp_"), clamp__Tensor = new("clamp_.Tensor"), clamp_max = new("clamp_max"), clamp_max_ = new("clamp_max_"),
        clamp_min = new("clamp_min"), clamp_min_ = new("clamp_min_"), clamp_Tensor = new("clamp.Tensor"), clone = new("clone"),
        constant_pad_nd = new("constant_pad_nd"), contiguous = new("contiguous"), conv2d = new("conv2d"),
        conv2d_padding = new("conv2d.padding"), conv_transpose2d_input = new("conv_transpose2d.input"), copy_ = new("copy_"),
        cos = new("cos"), cos_ = new("cos_"), cosh = new("cosh"), cosh_ = new("cosh_"), count_nonzero = new("count_nonzero"),
        count_nonzero_dim_IntList = new("count_nonzero.dim_IntList"), cross_entropy_loss = new("cross_entropy_loss"),
        cummax = new("cummax"), cummin = new("cummin"), cumprod = new("cumprod"), cumsum = new("cumsum");
    internal static readonly Op det = new("det"), detach = new("detach"), detach_ = new("detach_"), diag = new("diag"),
        diag_embed = new("diag_embed"), diagonal = new("diagonal"), diff = new("diff"), digamma = new("digamma"),
        digamma_ = new("digamma_"), dist = new("dist"), div__Scalar = new("div_.Scalar"), div__Scalar_mode = new("div_.Scalar_mode"),
        div__Tensor = new("div_.Tensor"), div__Tensor_mode = new("div_.Tensor_mode"), div_Scalar = new("div.Scalar"),
        div_Scalar_mode = new("div.Scalar_mode"), div_Tensor = new("div.Tensor"), div_Tensor_mode = new("div.Tensor_mode"),
        dot = new("dot"), dropout = new("dropout"), dropout_ = new("dropout_");
    internal static readonly Op einsum = new("einsum"), elu = new("elu"), elu_ = new("elu_"), empty_like = new("empty_like"),
        empty_memory_format = new("empty.memory_format"), eq__Scalar = new("eq_.Scalar"), eq__Tensor = new("eq_.Tensor"),
        eq_Scalar = new("eq.Scalar"), eq_Tensor = new("eq.Tensor"), equal = new("equal"), erf = new("erf"), erf_ = new("erf_"),
        erfc = new("erfc"), erfc_ = new("erfc_"), erfinv = new("erfinv"), erfinv_ = new("erfinv_"), exp = new("exp"), exp2 = new("exp2"),
        exp_ = new("exp_"), expand = new("expand"), expand_as = new("expand_as"), expm1 = new("expm1"), expm1_ = new("expm1_"),
        exponential_ = new("exponential_"), eye_m = new("eye.m");
    internal static readonly Op fill__Scalar = new("fill_.Scalar"), flatten_using_ints = new("flatten.using_ints"), flip = new("flip"),
        floor = new("floor"), floor_ = new("floor_"), floor_divide = new("floor_divide"),
        floor_divide__Scalar = new("floor_divide_.Scalar"), floor_divide__Tensor = new("floor_divide_.Tensor"),
        floor_divide_Scalar = new("floor_divide.Scalar"), fmax = new("fmax"), fmin = new("fmin"), fmod__Scalar = new("fmod_.Scalar"),
        fmod__Tensor = new("fmod_.Tensor"), fmod_Scalar = new("fmod.Scalar"), fmod_Tensor = new("fmod.Tensor"), frac = new("frac"),
        frac_ = new("frac_"), full = new("full"), full_like = new("full_like");
    internal static readonly Op gather = new("gather"), ge__Scalar = new("ge_.Scalar"), ge__Tensor = new("ge_.Tensor"),
        ge_Scalar = new("ge.Scalar"), ge_Tensor = new("ge.Tensor"), gelu = new("gelu"), gt__Scalar = new("gt_.Scalar"),
        gt__Tensor = new("gt_.Tensor"), gt_Scalar = new("gt.Scalar"), gt_Tensor = new("gt.Tensor");
    internal static readonly Op hstack = new("hstack"), huber_loss = new("huber_loss"), hypot = new("hypot");
    internal static readonly Op index_add = new("index_add"), index_add_ = new("index_add_"), index_copy = new("index_copy"),
        index_copy_ = new("index_copy_"), index_fill__int_Scalar = new("index_fill_.int_Scalar"), index_put_ = new("index_put_"),
        index_select = new("index_select"), index_Tensor = new("index.Tensor"), inverse = new("inverse"), is_nonzero = new("is_nonzero"),
        isclose = new("isclose"), isfinite = new("isfinite"), isinf = new("isinf"), isnan = new("isnan"), isneginf = new("isneginf"),
        isposinf = new("isposinf"), item = new("item");
    internal static readonly Op kl_div = new("kl_div"), kron = new("kron"), kthvalue = new("kthvalue");
    internal static readonly Op l1_loss = new("l1_loss"), layer_norm = new("layer_norm"), le__Scalar = new("le_.Scalar"),
        le__Tensor = new("le_.Tensor"), le_Scalar = new("le.Scalar"), le_Tensor = new("le.Tensor"), leaky_relu = new("leaky_relu"),
        leaky_relu_ = new("leaky_relu_"), lerp__Tensor = new("lerp_.Tensor"), lerp_Tensor = new("lerp.Tensor"), lgamma = new("lgamma"),
        lgamma_ = new("lgamma_"), linalg_cholesky = new("linalg_cholesky"), linalg_cholesky_ex = new("linalg_cholesky_ex"),
        linalg_det = new("linalg_det"), linalg_eigh = new("linalg_eigh"), linalg_eigvalsh = new("linalg_eigvalsh"),
        linalg_householder_product = new("linalg_householder_product"), linalg_inv = new("linalg_inv"),
        linalg_inv_ex = new("linalg_inv_ex"), linalg_ldl_factor = new("linalg_ldl_factor"),
        linalg_ldl_factor_ex = new("linalg_ldl_factor_ex"), linalg_ldl_solve = new("linalg_ldl_solve"),
        linalg_lstsq = new("linalg_lstsq"), linalg_lu = new("linalg_lu"), linalg_lu_factor = new("linalg_lu_factor"),
        linalg_lu_solve = new("linalg_lu_solve"), linalg_matrix_norm = new("linalg_matrix_norm"),
        linalg_matrix_norm_str_ord = new("linalg_matrix_norm.str_ord"),
        linalg_matrix_rank_atol_rtol_float = new("linalg_matrix_rank.atol_rtol_float"), linalg_multi_dot = new("linalg_multi_dot"),
        linalg_norm = new("linalg_norm"), linalg_norm_ord_str = new("linalg_norm.ord_str"),
        linalg_pinv_atol_rtol_float = new("linalg_pinv.atol_rtol_float"), linalg_qr = new("linalg_qr"),
        linalg_slogdet = new("linalg_slogdet"), linalg_solve = new("linalg_solve"), linalg_solve_ex = new("linalg_solve_ex"),
        linalg_solve_triangular = new("linalg_solve_triangular"), linalg_svd = new("linalg_svd"), linalg_svdvals = new("linalg_svdvals"),
        linalg_vector_norm = new("linalg_vector_norm"), linear = new("linear"), linspace = new("linspace"), log = new("log"),
        log10 = new("log10"), log10_ = new("log10_"), log1p = new("log1p"), log1p_ = new("log1p_"), log2 = new("log2"),
        log2_ = new("log2_"), log_ = new("log_"), log_sigmoid = new("log_sigmoid"), log_softmax_int = new("log_softmax.int"),
        logaddexp = new("logaddexp"), logical_and = new("logical_and"), logical_and_ = new("logical_and_"),
        logical_not = new("logical_not"), logical_not_ = new("logical_not_"), logical_or = new("logical_or"),
        logical_or_ = new("logical_or_"), logical_xor = new("logical_xor"), logical_xor_ = new("logical_xor_"), logit = new("logit"),
        logspace = new("logspace"), logsumexp = new("logsumexp"), lt__Scalar = new("lt_.Scalar"), lt__Tensor = new("lt_.Tensor"),
        lt_Scalar = new("lt.Scalar"), lt_Tensor = new("lt.Tensor");
    internal static readonly Op masked_fill__Scalar = new("masked_fill_.Scalar"), masked_fill_Scalar = new("masked_fill.Scalar"),
        masked_select = new("masked_select"), matmul = new("matmul"), max = new("max"), max_dim = new("max.dim"),
        maximum = new("maximum"), mean = new("mean"), mean_dim = new("mean.dim"), median = new("median"),
        meshgrid_indexing = new("meshgrid.indexing"), min = new("min"), min_dim = new("min.dim"), minimum = new("minimum"),
        mm = new("mm"), movedim_intlist = new("movedim.intlist"), mse_loss = new("mse_loss"), mul__Scalar = new("mul_.Scalar"),
        mul__Tensor = new("mul_.Tensor"), mul_Scalar = new("mul.Scalar"), mul_Tensor = new("mul.Tensor"),
        multinomial = new("multinomial"), mv = new("mv");
    internal static readonly Op nan_to_num = new("nan_to_num"), narrow = new("narrow"), ne__Scalar = new("ne_.Scalar"),
        ne__Tensor = new("ne_.Tensor"), ne_Scalar = new("ne.Scalar"), ne_Tensor = new("ne.Tensor"), neg = new("neg"), neg_ = new("neg_"),
        new_empty = new("new_empty"), new_full = new("new_full"), new_ones = new("new_ones"), new_zeros = new("new_zeros"),
        nll_loss_nd = new("nll_loss_nd"), nonzero = new("nonzero"), norm_Scalar = new("norm.Scalar"),
        norm_ScalarOpt_dim = new("norm.ScalarOpt_dim"), normal_ = new("normal_"), normal_float_float = new("normal.float_float"),
        normal_Tensor_Tensor = new("normal.Tensor_Tensor"), numpy_T = new("numpy_T");
    internal static readonly Op one_hot = new("one_hot"), ones = new("ones"), ones_like = new("ones_like"), outer = new("outer");
    internal static readonly Op pad = new("pad"), permute = new("permute"), pow__Scalar = new("pow_.Scalar"),
        pow__Tensor = new("pow_.Tensor"), pow_Tensor_Scalar = new("pow.Tensor_Scalar"), pow_Tensor_Tensor = new("pow.Tensor_Tensor"),
        prod = new("prod"), prod_dim_int = new("prod.dim_int"), promote_types = new("promote_types");
    internal static readonly Op quantile = new("quantile");
    internal static readonly Op rand_generator = new("rand.generator"), rand_like = new("rand_like"),
        randint_low_generator = new("randint.low_generator"), randn_generator = new("randn.generator"), randn_like = new("randn_like"),
        randperm_generator = new("randperm.generator"), ravel = new("ravel"), reciprocal = new("reciprocal"),
        reciprocal_ = new("reciprocal_"), relu = new("relu"), relu_ = new("relu_"), remainder__Scalar = new("remainder_.Scalar"),
        remainder__Tensor = new("remainder_.Tensor"), remainder_Scalar = new("remainder.Scalar"),
        remainder_Tensor = new("remainder.Tensor"), repeat = new("repeat"),
        repeat_interleave_self_int = new("repeat_interleave.self_int"),
        repeat_interleave_self_Tensor = new("repeat_interleave.self_Tensor"), reshape = new("reshape"),
        result_type_Tensor = new("result_type.Tensor"), roll = new("roll"), round = new("round"), round_decimals = new("round.decimals"),
        rsqrt = new("rsqrt"), rsqrt_ = new("rsqrt_"), rsub_Scalar = new("rsub.Scalar");
    internal static readonly Op scalar_tensor = new("scalar_tensor"), scatter__src = new("scatter_.src"),
        scatter_add = new("scatter_add"), scatter_add_ = new("scatter_add_"), scatter_src = new("scatter.src"),
        searchsorted_Tensor = new("searchsorted.Tensor"), select_int = new("select.int"), sgn = new("sgn"), sgn_ = new("sgn_"),
        sigmoid = new("sigmoid"), sigmoid_ = new("sigmoid_"), sign = new("sign"), sign_ = new("sign_"), silu = new("silu"),
        silu_ = new("silu_"), sin = new("sin"), sin_ = new("sin_"), sinh = new("sinh"), sinh_ = new("sinh_"),
        slice_Tensor = new("slice.Tensor"), smooth_l1_loss = new("smooth_l1_loss"), softmax_int = new("softmax.int"),
        softplus = new("softplus"), sort_stable = new("sort.stable"), split_Tensor = new("split.Tensor"),
        split_with_sizes = new("split_with_sizes"), sqrt = new("sqrt"), sqrt_ = new("sqrt_"), square = new("square"),
        squeeze = new("squeeze"), squeeze_ = new("squeeze_"), squeeze__dim = new("squeeze_.dim"), squeeze_dim = new("squeeze.dim"),
        stack = new("stack"), std = new("std"), std_dim = new("std.dim"), sub__Scalar = new("sub_.Scalar"),
        sub__Tensor = new("sub_.Tensor"), sub_Scalar = new("sub.Scalar"), sub_Tensor = new("sub.Tensor"), sum = new("sum"),
        sum_dim_IntList = new("sum.dim_IntList");
    internal static readonly Op t = new("t"), take = new("take"), take_along_dim = new("take_along_dim"), tan = new("tan"),
        tan_ = new("tan_"), tanh = new("tanh"), tanh_ = new("tanh_"), tensordot = new("tensordot"), tile = new("tile"),
        to_device = new("to.device"), to_dtype = new("to.dtype"), to_other = new("to.other"), topk = new("topk"), trace = new("trace"),
        transpose_ = new("transpose_"), transpose_int = new("transpose.int"), tril = new("tril"), tril_ = new("tril_"),
        triu = new("triu"), triu_ = new("triu_"), trunc = new("trunc"), trunc_ = new("trunc_");
    internal static readonly Op unbind_int = new("unbind.int"), unfold = new("unfold"), uniform_ = new("uniform_"),
        unique_dim = new("unique_dim"), unsqueeze = new("unsqueeze"), unsqueeze_ = new("unsqueeze_");
    internal static readonly Op var = new("var"), var_dim = new("var.dim"), view = new("view"), vstack = new("vstack");
    internal static readonly Op where_self = new("where.self");
    internal static readonly Op xlogy__Scalar_Other = new("xlogy_.Scalar_Other"), xlogy__Tensor = new("xlogy_.Tensor"),
        xlogy_Scalar_Other = new("xlogy.Scalar_Other"), xlogy_Tensor = new("xlogy.Tensor");
    internal static readonly Op zero_ = new("zero_"), zeros = new("zeros"), zeros_like = new("zeros_like");
}
