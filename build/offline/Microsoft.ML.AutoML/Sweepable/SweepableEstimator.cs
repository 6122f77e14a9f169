using System;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

public class Estimator
{
    protected Estimator() => Parameter = Parameter.CreateNestedParameter();

    public Parameter Parameter { get; set; }
}

/// <summary>An estimator that depends on what is searched for.</summary>
public class SweepableEstimator : Estimator, ISweepable<IEstimator<ITransformer>>
{
    private readonly Func<MLContext, Parameter, IEstimator<ITransformer>> _factory;

    public SweepableEstimator(Func<MLContext, Parameter, IEstimator<ITransformer>> factory, SearchSpace.SearchSpace ss)
    {
        _factory = factory;
        SearchSpace = ss;
        Parameter = ss.SampleFromFeatureSpace(ss.Default);
    }

    public SearchSpace.SearchSpace SearchSpace { get; set; }

    public virtual IEstimator<ITransformer> BuildFromOption(MLContext context, Parameter param) => _factory(context, param);
}
