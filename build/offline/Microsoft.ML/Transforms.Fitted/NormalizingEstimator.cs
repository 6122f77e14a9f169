using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Fits a scale (and an offset) to each slot of columns of Single or Double.</summary>
public sealed class NormalizingEstimator : IEstimator<NormalizingTransformer>
{
    internal static class Defaults
    {
        public const bool EnsureZeroUntouched = true;
        public const bool MeanVarCdf = false;
        public const long MaximumExampleCount = 1000000000;
    }

    internal abstract class ColumnOptionsBase
    {
        public readonly string Name;
        public readonly string InputColumnName;
        public readonly long MaximumExampleCount;

        private protected ColumnOptionsBase(string name, string inputColumnName, long maximumExampleCount)
        {
            Contracts.CheckNonEmpty(name, nameof(name));
            Contracts.CheckParam(maximumExampleCount > 1, nameof(maximumExampleCount), "Must be greater than 1");
            Name = name;
            InputColumnName = inputColumnName ?? name;
            MaximumExampleCount = maximumExampleCount;
        }

        internal abstract NormalizerFunction Function<T>(DataViewType type, SlotStatistics<T> statistics)
            where T : struct, IFloatingPointIeee754<T>;
    }

    internal abstract class ControlZeroColumnOptionsBase : ColumnOptionsBase
    {
        public readonly bool EnsureZeroUntouched;

        private protected ControlZeroColumnOptionsBase(string outputColumnName, string inputColumnName, long maximumExampleCount,
            bool ensureZeroUntouched)
            : base(outputColumnName, inputColumnName, maximumExampleCount) => EnsureZeroUntouched = ensureZeroUntouched;

        private protected NormalizerFunction Affine<T>(DataViewType type, int slots, Func<int, (T Scale, T Offset)> fit)
            where T : struct, IFloatingPointIeee754<T>
        {
            var fitted = Enumerable.Range(0, slots).Select(fit).ToArray();
            return new AffineFunction<T>(type, Array.ConvertAll(fitted, f => f.Scale), EnsureZeroUntouched ? null
                : Array.ConvertAll(fitted, f => f.Offset));
        }
    }

    internal sealed class MinMaxColumnOptions : ControlZeroColumnOptionsBase
    {
        public MinMaxColumnOptions(string outputColumnName, string inputColumnName = null,
            long maximumExampleCount = Defaults.MaximumExampleCount,
            bool ensureZeroUntouched = Defaults.EnsureZeroUntouched)
            : base(outputColumnName, inputColumnName, maximumExampleCount, ensureZeroUntouched) { }

        internal override NormalizerFunction Function<T>(DataViewType type, SlotStatistics<T> statistics) =>
            Affine(type, statistics.Slots, slot =>
        {
            var (least, greatest) = statistics.Range(slot);
            if (!(greatest > least))
                return (T.Zero, T.Zero);
            if (EnsureZeroUntouched)
                return (T.One / T.Max(T.Abs(greatest), T.Abs(least)), T.Zero);
            var scale = T.One / (greatest - least);
            return (scale, scale == T.Zero ? T.Zero : least);
        });
    }

    internal sealed class MeanVarianceColumnOptions : ControlZeroColumnOptionsBase
    {
        public readonly bool UseCdf;

        public MeanVarianceColumnOptions(string outputColumnName, string inputColumnName = null,
            long maximumExampleCount = Defaults.MaximumExampleCount,
            bool ensureZeroUntouched = Defaults.EnsureZeroUntouched, bool useCdf = Defaults.MeanVarCdf)
            : base(outputColumnName, inputColumnName, maximumExampleCount, ensureZeroUntouched) => UseCdf = useCdf;

        internal override NormalizerFunction Function<T>(DataViewType type, SlotStatistics<T> statistics)
        {
            if (UseCdf)
            {
                var spreads = Enumerable.Range(0, statistics.Slots).Select(statistics.Spread).ToArray();
                return new CdfFunction<T>(type, Array.ConvertAll(spreads, s => s.Variance == 0 ? T.Zero : T.CreateChecked(s.Mean)),
                    Array.ConvertAll(spreads, s => T.CreateChecked(Math.Sqrt(s.Variance))));
            }
            return Affine(type, statistics.Slots, slot =>
            {
                var (mean, variance) = statistics.Spread(slot);
                if (variance == 0)
                    return (T.Zero, T.Zero);
                if (EnsureZeroUntouched)
                    return (T.One / T.CreateChecked(Math.Sqrt(variance + mean * mean)), T.Zero);
                var scale = T.One / T.CreateChecked(Math.Sqrt(variance));
                return (scale, scale == T.Zero ? T.Zero : T.CreateChecked(mean));
            });
        }
    }

    private readonly IHost _host;
    private readonly ColumnOptionsBase[] _columns;

    internal NormalizingEstimator(IHostEnvironment env, params ColumnOptionsBase[] columns)
    {
        Contracts.CheckValue(env, nameof(env));
        _host = env.Register(nameof(NormalizingEstimator));
        Contracts.CheckValue(columns, nameof(columns));
        _columns = columns.ToArray();
    }

    public NormalizingTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return NormalizingTransformer.Train(_host, input, _columns);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        var result = inputSchema.ToDictionary(c => c.Name);
        foreach (var column in _columns)
        {
            if (!inputSchema.TryFindColumn(column.InputColumnName, out var input))
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", column.InputColumnName);
            if (input.Kind == SchemaShape.Column.VectorKind.VariableVector)
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", column.InputColumnName, "known-size vector or scalar",
                    input.GetTypeString());
            if (!input.ItemType.Equals(NumberDataViewType.Single) && !input.ItemType.Equals(NumberDataViewType.Double))
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", column.InputColumnName,
                    "vector or scalar of Single or Double", input.GetTypeString());
            var annotations = new List<SchemaShape.Column>
            {
                new(AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false),
            };
            if (input.Annotations.TryFindColumn(AnnotationUtils.Kinds.SlotNames, out var slotNames))
                annotations.Add(slotNames);
            result[column.Name] = new SchemaShape.Column(column.Name, input.Kind, input.ItemType, input.IsKey,
                new SchemaShape(annotations));
        }
        return new SchemaShape(result.Values);
    }
}
