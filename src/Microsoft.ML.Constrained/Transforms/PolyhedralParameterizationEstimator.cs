using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>Adds a column with a point of a polyhedron for each row's unconstrained activations.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// | Estimator characteristics | |
/// | -- | -- |
/// | Looks at the training data | No; it checks their schema and finds the polyhedron's vertices, rays and lines |
/// | Input | A vector of `Single` of known size, one slot for each activation |
/// | Output | A vector of `Single` with one slot, of its name, for each variable; a status on request |
/// | Exportable to ONNX | No |
/// | Package | Microsoft.ML.Constrained |
///
/// The output is Vᵀ softmax(α) + Rᵀ|μ| + Lᵀν, which satisfies the constraints whatever the activations, and costs no optimisation.
/// `new PolyhedralParameterization(constraints).ActivationCount` says how many activations there are.
/// ]]></format>
/// </remarks>
/// <seealso cref="PolyhedralParameterization"/>
public sealed class PolyhedralParameterizationEstimator : IEstimator<PolyhedralParameterizationTransformer>
{
    private readonly IHost _host;
    private readonly PolyhedralParameterizationOptions _options;
    private readonly Lazy<PolyhedralParameterization> _parameterization;

    internal PolyhedralParameterizationEstimator(IHostEnvironment environment, PolyhedralParameterizationOptions options)
    {
        _host = environment.Register(PolyhedralParameterizationTransformer.LoaderSignature);
        _options = Check.NotNull(options, nameof(options)).Copy();
        ConstraintSet constraints = _options.Validate();
        _parameterization = new(
            () => new PolyhedralParameterization(constraints, _options.ToSettings()), LazyThreadSafetyMode.ExecutionAndPublication);
    }

    /// <summary>The map, found on first use; it says how many activations the input column must have.</summary>
    /// <exception cref="ArgumentException">A constraint is not linear or depends on a column; the message names it.</exception>
    /// <exception cref="InvalidOperationException">No point satisfies the constraints, or there are too many generators.</exception>
    public PolyhedralParameterization Parameterization => _parameterization.Value;

    private string InputColumnName => _options.InputColumnName ?? _options.OutputColumnName;

    /// <summary>Finds the generators and checks the schema.</summary>
    /// <param name="input">Data whose columns are checked; their rows are not read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type or size; the message names it.</exception>
    /// <exception cref="ArgumentException">A constraint is not linear or depends on a column; the message names it.</exception>
    /// <exception cref="InvalidOperationException">No point satisfies the constraints, or there are too many generators.</exception>
    public PolyhedralParameterizationTransformer Fit(IDataView input)
    {
        Check.NotNull(input, nameof(input));
        var transformer = new PolyhedralParameterizationTransformer(_host, _options, Parameterization);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <summary>The shape of the fitted transformer's output.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type; the message names it.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShapes.RequireSingle(inputSchema, InputColumnName, vector: true, "input");
        return SchemaShapes.With(inputSchema, Promised());
    }

    private IEnumerable<SchemaShape.Column> Promised()
    {
        const SchemaShape.Column.VectorKind Vector = SchemaShape.Column.VectorKind.Vector, Scalar = SchemaShape.Column.VectorKind.Scalar;
        string name = _options.OutputColumnName;
        SchemaShape.Column slots = SchemaShapes.Column(Annotate.SlotNamesKind, Vector, TextDataViewType.Instance);
        yield return SchemaShapes.Column(name, Vector, NumberDataViewType.Single, isKey: false, slots);
        if (!_options.Diagnostics)
            yield break;
        SchemaShape.Column keys = SchemaShapes.Column(Annotate.KeyValuesKind, Vector, TextDataViewType.Instance);
        yield return SchemaShapes.Column(name + "Status", Scalar, NumberDataViewType.UInt32, isKey: true, keys);
    }
}
