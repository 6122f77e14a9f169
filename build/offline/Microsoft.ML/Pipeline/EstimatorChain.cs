using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Estimators that are fitted one after another, each on what the ones before it made of the data. Immutable.</summary>
public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>>
    where TLastTransformer : class, ITransformer
{
    private readonly (IEstimator<ITransformer> Estimator, TransformerScope Scope, bool CacheAfter)[] _links;
    public readonly IEstimator<TLastTransformer> LastEstimator;

    public EstimatorChain() => _links = [];

    internal EstimatorChain((IEstimator<ITransformer>, TransformerScope, bool)[] links)
    {
        _links = links;
        LastEstimator = _links[^1].Estimator as IEstimator<TLastTransformer>;
    }

    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        var fitted = new ITransformer[_links.Length];
        for (int i = 0; i < fitted.Length; i++)
        {
            fitted[i] = _links[i].Estimator.Fit(input);
            input = fitted[i].Transform(input);
            if (_links[i].CacheAfter && i < fitted.Length - 1)
                input = new CacheDataView(input, null);
        }
        return new TransformerChain<TLastTransformer>(fitted, _links.Select(l => l.Scope));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return _links.Aggregate(inputSchema, (schema, link) => link.Estimator.GetOutputSchema(schema));
    }

    public EstimatorChain<TNewTrans> Append<TNewTrans>(IEstimator<TNewTrans> estimator,
        TransformerScope scope = TransformerScope.Everything)
        where TNewTrans : class, ITransformer
    {
        Contracts.CheckValue(estimator, nameof(estimator));
        return new EstimatorChain<TNewTrans>([.. _links, ((IEstimator<ITransformer>)estimator, scope, false)]);
    }

    public EstimatorChain<TLastTransformer> AppendCacheCheckpoint(IHostEnvironment env)
    {
        Contracts.CheckValue(env, nameof(env));
        if (_links.Length == 0 || _links[^1].CacheAfter)
            return this;
        return new EstimatorChain<TLastTransformer>([.. _links[..^1], (_links[^1].Estimator, _links[^1].Scope, true)]);
    }
}
