using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>Trains a network whose outputs, a number or a vector of them, satisfy constraints on every row.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// | Trainer characteristics | |
/// | -- | -- |
/// | Machine learning task | Regression, of one number or of a vector; quantile regression |
/// | Is normalization required? | No: features are normalised by the trainer unless `NormalizeFeatures` is false |
/// | Is caching required? | No: the data are read once |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Constrained, and a libtorch package to train (none to score) |
/// | Exportable to ONNX | No |
///
/// | Column | Type |
/// | -- | -- |
/// | Features | A vector of `Single` of known size |
/// | Label | A `Single`, or a vector of `Single` of known size |
/// | one for each `@Column` of the constraints | `Single` |
/// | Score (output) | `Single` where the label is one, otherwise, and for quantiles, a vector with slot names |
///
/// A fully connected network is trained by stochastic gradients through the constraints; the state that does best on rows set aside is
/// kept. The fitted model holds a managed copy of the network.
/// Rows with a NaN or an infinity in a column are left out of training, with one warning. Labels may lie outside the set: scores are
/// then the best that can be had inside it.
///
/// **Monotone and convex features** keep their shape for every model and every input, because weights on the way from them are made
/// non-negative: with all other features fixed the score never falls in an increasing one (never rises in a decreasing one), and is
/// convex in the convex ones taken together. Monotone holds for the numbers that come out, with `ReLU` to the last bit and with
/// other functions up to rounding; convex holds up to rounding.
/// ]]></format>
/// </remarks>
/// <seealso cref="ConstrainedCatalog.ConstrainedRegression(RegressionCatalog.RegressionTrainers, ConstrainedRegressionOptions)"/>
public sealed class ConstrainedRegressionEstimator : IEstimator<ConstrainedRegressionTransformer>
{
    private readonly IHost _host;
    private readonly ConstrainedRegressionOptions _options;
    private readonly TrainingColumn[] _columns;
    private readonly int _seed;

    internal ConstrainedRegressionEstimator(IHostEnvironment environment, ConstrainedRegressionOptions options)
    {
        _host = environment.Register(ConstrainedRegressionTransformer.LoaderSignature);
        _options = Check.NotNull(options, nameof(options)).Copy();
        _options.Validate();

        // Drawn once: fitting again must give the same model.
        _seed = _options.Seed ?? _host.Rand.Next();
        IEnumerable<TrainingColumn> parameters =
            (_options.Constraints?.Columns ?? []).Select(c => new TrainingColumn(c, "right-hand side", TrainingColumnKinds.Scalar));
        _columns =
        [
            new TrainingColumn(_options.FeatureColumnName, "feature", TrainingColumnKinds.Vector),
            new TrainingColumn(_options.LabelColumnName, "label", LabelKinds),
            .. parameters,
        ];
    }

    private TrainingColumnKinds LabelKinds => _options.Levels is not null || _options.HasShapes
        ? TrainingColumnKinds.Scalar
        : TrainingColumnKinds.Scalar | TrainingColumnKinds.Vector;

    /// <summary>Trains a model. Neither the estimator nor its options change: fitting again gives the same model.</summary>
    /// <param name="input">The training data. Rows with a NaN, an infinity or a missing value are left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type or size; the message names it.</exception>
    /// <exception cref="InvalidOperationException">There is no row to learn from, no point satisfies the constraints, or the loss was not finite from the start.</exception>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    public ConstrainedRegressionTransformer Fit(IDataView input)
    {
        Check.NotNull(input, nameof(input));
        if (_options.EffectiveConstraints() is { Columns.Count: 0 } constraints)
        {
            IReadOnlyList<string> conflict = constraints.FindConflict();
            if (conflict.Count > 0)
            {
                throw new InvalidOperationException(
                    $"No point satisfies the constraints of regression '{_options.ScoreColumnName}': " +
                    $"{string.Join(", ", conflict.Select(n => $"'{n}'"))} contradict each other. Loosen or remove one of them.");
            }
        }

        return NetworkTransformer.PlaceOn(_options.Device, new ConstrainedRegressionTransformer(_host, new RegressionTraining(_host, _options, _seed).Train(input, _columns)));
    }

    /// <summary>The shape of the fitted transformer's output.</summary>
    /// <param name="inputSchema">The shape of the training data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        bool vector = _options.Levels is not null;
        foreach (TrainingColumn column in _columns)
        {
            SchemaShape.Column found = TrainingData.Require(inputSchema, column);
            if (column.Name == _options.LabelColumnName && column.Role == "label")
                vector |= found.Kind == SchemaShape.Column.VectorKind.Vector;
        }

        if (!vector && _options.Constraints is { Dimension: not 1 } constraints)
        {
            throw new ArgumentOutOfRangeException(
                nameof(inputSchema),
                $"Schema mismatch for label column '{_options.LabelColumnName}': the constraints have {constraints.Dimension} variables, got Single. Give one variable for each value.");
        }

        return SchemaShapes.With(inputSchema, Promised(vector));
    }

    private IEnumerable<SchemaShape.Column> Promised(bool vector)
    {
        const SchemaShape.Column.VectorKind Vector = SchemaShape.Column.VectorKind.Vector, Scalar = SchemaShape.Column.VectorKind.Scalar;
        string name = _options.ScoreColumnName;
        yield return SchemaShapes.Column(name, vector ? Vector : Scalar, NumberDataViewType.Single, isKey: false, ScoreAnnotations.Promise(slotNames: vector));
        if (_options.RawScoreColumnName is { } raw)
        {
            SchemaShape.Column[] slots = vector ? [SchemaShapes.Column(Annotate.SlotNamesKind, Vector, TextDataViewType.Instance)] : [];
            yield return SchemaShapes.Column(raw, vector ? Vector : Scalar, NumberDataViewType.Single, isKey: false, slots);
        }

        if (!_options.Diagnostics)
            yield break;
        SchemaShape.Column keys = SchemaShapes.Column(Annotate.KeyValuesKind, Vector, TextDataViewType.Instance);
        yield return SchemaShapes.Column(name + "Status", Scalar, NumberDataViewType.UInt32, isKey: true, keys);
    }
}
