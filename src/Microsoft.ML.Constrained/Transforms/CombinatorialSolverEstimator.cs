using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>Adds a column with the best decision for each row's costs: a path, an assignment, a choice of items, a tour.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// | Estimator characteristics | |
/// | -- | -- |
/// | Looks at the training data | No; it checks their schema |
/// | Input | A vector of `Single` of known size, one cost for each entry of a decision |
/// | Output | A vector of `Single` with slot names; status and total cost on request |
/// | Exportable to ONNX | No |
/// | Package | Microsoft.ML.Constrained |
///
/// For each row with the costs w: y(w) = argmin (or argmax) of ⟨w, y⟩ over the solver's finite set, exactly. Negative costs, where the
/// solver takes none, and NaN give the row a status and the declared policy; other rows are not touched.
/// ]]></format>
/// </remarks>
/// <seealso cref="ICombinatorialSolver"/>
public sealed class CombinatorialSolverEstimator : IEstimator<CombinatorialSolverTransformer>
{
    private readonly IHost _host;
    private readonly CombinatorialSolverOptions _options;

    internal CombinatorialSolverEstimator(IHostEnvironment environment, CombinatorialSolverOptions options)
    {
        _host = environment.Register(CombinatorialSolverTransformer.LoaderSignature);
        _options = Check.NotNull(options, nameof(options)).Copy();
        _options.Validate();
    }

    /// <summary>Checks the schema.</summary>
    /// <param name="input">Data whose columns are checked; their rows are not read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The cost column is missing or of another type or size; the message names it.</exception>
    public CombinatorialSolverTransformer Fit(IDataView input)
    {
        Check.NotNull(input, nameof(input));
        var transformer = new CombinatorialSolverTransformer(_host, _options);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <summary>The shape of the fitted transformer's output.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">The cost column is missing or of another type; the message names it.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShapes.RequireSingle(inputSchema, _options.CostColumnName, vector: true, "cost");
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
        yield return SchemaShapes.Column(name + "Objective", Scalar, NumberDataViewType.Single);
    }
}
