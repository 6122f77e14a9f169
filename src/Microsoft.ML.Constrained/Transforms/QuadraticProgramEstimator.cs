using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>Adds a column with the solution of one quadratic program for each row.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// | Estimator characteristics | |
/// | -- | -- |
/// | Looks at the training data | No; it checks their schema |
/// | Input | Vectors of `Single` of known size for those of p, h and b that come from columns |
/// | Output | A vector of `Single` with slot names; status, objective and multipliers on request |
/// | Exportable to ONNX | No |
/// | Package | Microsoft.ML.Constrained |
///
/// For each row: minimise ½ zᵀQz + pᵀz subject to Gz ≤ h (multipliers λ ≥ 0) and Az = b (multipliers ν), with Q symmetric
/// positive semidefinite (Amos and Kolter, OptNet, ICML 2017, equation 2). λ and ν are shadow prices: by how much the optimal
/// objective falls for each unit by which a right-hand side is raised.
/// ]]></format>
/// </remarks>
/// <seealso cref="ConstrainedCatalog.QuadraticProgram(TransformsCatalog, QuadraticProgramStageOptions)"/>
public sealed class QuadraticProgramEstimator : IEstimator<QuadraticProgramTransformer>
{
    private readonly IHost _host;
    private readonly QuadraticProgramStageOptions _options;

    internal QuadraticProgramEstimator(IHostEnvironment environment, QuadraticProgramStageOptions options)
    {
        _host = environment.Register(QuadraticProgramTransformer.LoaderSignature);
        _options = Check.NotNull(options, nameof(options)).Copy();
        _options.Validate();
    }

    /// <summary>Checks the program against the schema.</summary>
    /// <param name="input">Data whose columns are checked; their rows are not read.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public QuadraticProgramTransformer Fit(IDataView input)
    {
        Check.NotNull(input, nameof(input));
        var transformer = new QuadraticProgramTransformer(_host, _options);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <summary>The shape of the fitted transformer's output.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach ((string? column, string role) in new[]
        {
            (_options.LinearCostColumnName, "linear cost"),
            (_options.InequalityColumnName, "inequality right-hand side"),
            (_options.EqualityColumnName, "equality right-hand side"),
        })
        {
            if (column is not null)
                SchemaShapes.RequireSingle(inputSchema, column, vector: true, role);
        }

        return SchemaShapes.With(inputSchema, Promised());
    }

    private IEnumerable<SchemaShape.Column> Promised()
    {
        const SchemaShape.Column.VectorKind Vector = SchemaShape.Column.VectorKind.Vector, Scalar = SchemaShape.Column.VectorKind.Scalar;
        NumberDataViewType single = NumberDataViewType.Single;
        SchemaShape.Column slots = SchemaShapes.Column(Annotate.SlotNamesKind, Vector, TextDataViewType.Instance);
        yield return SchemaShapes.Column(_options.OutputColumnName, Vector, single, isKey: false, slots);
        if (!_options.Diagnostics)
            yield break;
        foreach (string name in QuadraticProgramStage.DiagnosticsColumns(_options))
        {
            yield return name[_options.OutputColumnName.Length..] switch
            {
                "Status" => SchemaShapes.Column(
                    name, Scalar, NumberDataViewType.UInt32, isKey: true, SchemaShapes.Column(Annotate.KeyValuesKind, Vector, TextDataViewType.Instance)),
                "Objective" => SchemaShapes.Column(name, Scalar, single),
                _ => SchemaShapes.Column(name, Vector, single, isKey: false, slots),
            };
        }
    }
}
