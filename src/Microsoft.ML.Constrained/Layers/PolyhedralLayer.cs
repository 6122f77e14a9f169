using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// A layer whose output lies in a polyhedron by construction: y = Vᵀ softmax(α) + Rᵀ|μ| + Lᵀν over its vertices, rays and lines
/// (Frerix, Nießner, Cremers, "Homogeneous Linear Inequality Constraints for Neural Network Activations", 2020, for cones; vertices by
/// the usual lifting). No problem is solved, in training or later; gradients are autograd's.
/// </summary>
/// <remarks>
/// <para>
/// What follows from the constraints is found once, by <see cref="PolyhedralParameterization"/>, whose <c>Map</c> gives the same points
/// without tensors. Blocks of variables that share no constraint are evaluated apart: O(d) a row where rows do not overlap.
/// </para>
/// <para>
/// The work is done in the type of the input, so float32 points keep the constraints to the rounding of float32. A line has one
/// coefficient of either sign, where the released code has two rays.
/// </para>
/// <para>
/// State: <c>weight</c> (activations × d) and <c>bias</c> where <see cref="PolyhedralLayerOptions.InputSize"/> is set, <c>batch_norm</c>
/// where asked for. The generators are no state.
/// </para>
/// </remarks>
public sealed class PolyhedralLayer : nn.Module<Tensor, Tensor>
{
    private const string Weight = "weight", Bias = "bias";

    private readonly DeviceConstants<ParameterizationTensors> _constants;
    private readonly BatchNorm1d? _batchNorm;
    private readonly bool _isLinear;
    private readonly int _boxAfterEpoch;

    /// <summary>A layer for the set that constraints state.</summary>
    /// <param name="constraints">Linear constraints whose right-hand sides refer to no columns.</param>
    /// <param name="options">Settings; defaults where null.</param>
    /// <exception cref="ArgumentException">A constraint is not linear or depends on a column, or an option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">No point satisfies the constraints, or there are too many generators.</exception>
    public PolyhedralLayer(ConstraintSet constraints, PolyhedralLayerOptions? options = null)
        : this(new PolyhedralParameterization(constraints, options?.Settings), options, ownSettings: true)
    {
    }

    /// <summary>A layer for a parameterisation that exists already.</summary>
    /// <param name="parameterization">What maps activations to points.</param>
    /// <param name="options">Settings; defaults where null.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or <see cref="PolyhedralLayerOptions.Settings"/> are given.</exception>
    public PolyhedralLayer(PolyhedralParameterization parameterization, PolyhedralLayerOptions? options = null)
        : this(parameterization ?? throw new ArgumentNullException(nameof(parameterization)), options, ownSettings: false)
    {
    }

    private PolyhedralLayer(PolyhedralParameterization parameterization, PolyhedralLayerOptions? options, bool ownSettings)
        : base(nameof(PolyhedralLayer))
    {
        options ??= new();
        options.Validate();
        if (!ownSettings && options.Settings is not null)
            throw new ArgumentException($"'{nameof(options.Settings)}' are those of the parameterisation: set them when it is made.", nameof(options));
        Parameterization = parameterization;
        _boxAfterEpoch = options.BoxAfterEpoch;
        _constants = new DeviceConstants<ParameterizationTensors>(Constants);
        InputSize = options.InputSize > 0 ? options.InputSize : parameterization.ActivationCount;
        if (options.BatchNorm)
            register_module("batch_norm", _batchNorm = nn.BatchNorm1d(InputSize));
        _isLinear = options.InputSize > 0;
        if (!_isLinear)
            return;
        using DisposeScope scope = NewDisposeScope();
        register_parameter(Weight, new Parameter(Uniform(parameterization.ActivationCount, InputSize, options.Seed)));
        register_parameter(Bias, new Parameter(zeros(parameterization.ActivationCount)));
    }

    /// <summary>The map of activations to points.</summary>
    public PolyhedralParameterization Parameterization { get; }

    /// <summary>Values of an input row.</summary>
    public int InputSize { get; }

    /// <summary>The epoch of training that the caller is in, for <see cref="PolyhedralLayerOptions.BoxAfterEpoch"/>.</summary>
    public int Epoch { get; set; }

    /// <summary>Maps rows into the polyhedron.</summary>
    /// <param name="input">… × <see cref="InputSize"/>, float32 or float64.</param>
    /// <returns>… × dimension.</returns>
    /// <exception cref="ArgumentException">The shape or type does not fit.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"'input' is of type {input.dtype}; expected Float32 or Float64.");
        long[] shape = input.shape;
        if (shape.Length == 0 || shape[^1] != InputSize)
            throw new ArgumentException($"'input' has the shape [{string.Join(", ", shape)}]; expected {InputSize} values in the last dimension.");
        using DisposeScope scope = NewDisposeScope();
        Tensor x = input.reshape(shape[..^1].Aggregate(1L, (product, length) => product * length), InputSize);
        if (_batchNorm is not null)
            x = _batchNorm.call(x);
        if (_isLinear)
            x = nn.functional.linear(x, get_parameter(Weight)!, get_parameter(Bias)!);
        Tensor points = _constants.For(x.dtype, x.device).Map(x);
        if (Parameterization.BoxRadius is { } radius && (!training || Epoch > _boxAfterEpoch))
            points = Scaled(points, radius);
        return scope.MoveToOuter(points.reshape([.. shape[..^1], Parameterization.Dimension]));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _constants.Dispose();
        base.Dispose(disposing);
    }

    private static Tensor Uniform(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)((2 * random.NextDouble() - 1) / columns);
        return tensor(values).reshape(rows, columns);
    }

    /// <summary>y / max(1, |y|∞ / r); no gradient from the division where that is 1.</summary>
    private static Tensor Scaled(Tensor points, double radius)
    {
        Tensor ratio = points.abs().amax([-1], true) / radius;
        return points / where(ratio > 1, ratio, ones_like(ratio));
    }

    private (ParameterizationTensors Value, Tensor?[] Tensors) Constants(ScalarType type, Device device)
    {
        var made = new ParameterizationTensors(Parameterization, type, device);
        return (made, [.. made.Constants]);
    }
}
