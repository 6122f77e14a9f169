using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>Adds a column with each row's vector moved to the nearest point of a constraint set.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// | Estimator characteristics | |
/// | -- | -- |
/// | Looks at the training data | No; it checks their schema and the constraints |
/// | Input | A vector of `Single` of known size, or one `Single` column for each variable; a `Single` column for each `@Column` that a right-hand side refers to |
/// | Output | A vector of `Single` with slot names; diagnostics on request |
/// | Exportable to ONNX | No |
/// | Package | Microsoft.ML.Constrained |
///
/// For a row y the output is the z that minimises ½ Σ wᵢ(zᵢ − yᵢ)² among the points of the set. Closed forms are used where
/// the set has one, an exact dual active-set method for linear rows, and an interior-point method for intersections with balls
/// and cones.
/// ]]></format>
/// </remarks>
/// <seealso cref="ConstrainedCatalog.ConstrainedProjection(TransformsCatalog, string, string, ConstraintSet)"/>
public sealed class ConstrainedProjectionEstimator : IEstimator<ConstrainedProjectionTransformer>
{
    private readonly IHost _host;
    private readonly ConstrainedProjectionOptions _options;
    private readonly ConstraintSet _constraints;

    internal ConstrainedProjectionEstimator(IHostEnvironment environment, ConstrainedProjectionOptions options)
    {
        _host = environment.Register(ConstrainedProjectionTransformer.LoaderSignature);
        _options = Check.NotNull(options, nameof(options)).Copy();
        _constraints = _options.Validate();
    }

    /// <summary>Checks the constraints against the schema, and against each other where they do not depend on the row.</summary>
    /// <param name="input">Data whose columns are checked; their rows are not read.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    /// <exception cref="InvalidOperationException">No point satisfies the constraints; the message names a conflicting subset.</exception>
    public ConstrainedProjectionTransformer Fit(IDataView input)
    {
        Check.NotNull(input, nameof(input));
        var transformer = new ConstrainedProjectionTransformer(_host, _options);
        transformer.GetOutputSchema(input.Schema);
        if (_constraints.Columns.Count == 0)
        {
            IReadOnlyList<string> conflict = _constraints.FindConflict();
            if (conflict.Count > 0)
            {
                throw new InvalidOperationException(
                    $"No point satisfies the constraints of projection '{_options.OutputColumnName}': " +
                    $"{string.Join(", ", conflict.Select(n => $"'{n}'"))} contradict each other. Loosen or remove one of them.");
            }
        }

        return transformer;
    }

    /// <summary>The shape of the fitted transformer's output.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (_options.InputColumnName is { } name)
        {
            SchemaShapes.RequireSingle(inputSchema, name, vector: true, "input");
        }
        else
        {
            foreach (string variable in _constraints.Variables)
                SchemaShapes.RequireSingle(inputSchema, variable, vector: false, "input");
        }

        foreach (string column in _constraints.Columns)
            SchemaShapes.RequireSingle(inputSchema, column, vector: false, "right-hand side");
        return SchemaShapes.With(inputSchema, Promised());
    }

    private IEnumerable<SchemaShape.Column> Promised()
    {
        const SchemaShape.Column.VectorKind Vector = SchemaShape.Column.VectorKind.Vector, Scalar = SchemaShape.Column.VectorKind.Scalar;
        NumberDataViewType single = NumberDataViewType.Single;
        SchemaShape.Column slots = SchemaShapes.Column(Annotate.SlotNamesKind, Vector, TextDataViewType.Instance);
        SchemaShape.Column keys = SchemaShapes.Column(Annotate.KeyValuesKind, Vector, TextDataViewType.Instance);
        string name = _options.OutputColumnName;
        yield return SchemaShapes.Column(name, Vector, single, isKey: false, slots);
        if (!_options.Diagnostics)
            yield break;
        yield return SchemaShapes.Column(name + "Status", Scalar, NumberDataViewType.UInt32, isKey: true, keys);
        yield return SchemaShapes.Column(name + "Distance", Scalar, single);
        yield return SchemaShapes.Column(name + "Violation", Scalar, single);
        if (_constraints.Constraints.Count > 0)
            yield return SchemaShapes.Column(name + "ShadowPrices", Vector, single, isKey: false, slots);
    }
}
