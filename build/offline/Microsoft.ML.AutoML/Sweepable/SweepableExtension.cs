using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

public static class SweepableExtension
{
    public static SweepablePipeline Append(this IEstimator<ITransformer> estimator, SweepableEstimator estimator1) =>
        new SweepablePipeline().Append(Fixed(estimator)).Append(estimator1);

    public static SweepablePipeline Append(this IEstimator<ITransformer> estimator, params SweepableEstimator[] estimators) =>
        new SweepablePipeline().Append(Fixed(estimator)).Append(estimators);

    public static SweepablePipeline Append(this IEstimator<ITransformer> estimator, SweepablePipeline pipeline) =>
        new SweepablePipeline().Append(Fixed(estimator)).Append(pipeline);

    public static SweepablePipeline Append(this SweepablePipeline pipeline, IEstimator<ITransformer> estimator) =>
        pipeline.Append(Fixed(estimator));

    public static SweepablePipeline Append(this SweepableEstimator estimator, SweepablePipeline estimator1) =>
        new SweepablePipeline().Append(estimator).Append(estimator1);

    public static SweepablePipeline Append(this SweepableEstimator estimator, IEstimator<ITransformer> estimator1) =>
        new SweepablePipeline().Append(estimator).Append(Fixed(estimator1));

    public static SweepablePipeline Append(this SweepableEstimator estimator, params SweepableEstimator[] estimators) =>
        new SweepablePipeline().Append(estimator).Append(estimators);

    private static SweepableEstimator Fixed(IEstimator<ITransformer> estimator) =>
        new((_, _) => estimator, new SearchSpace.SearchSpace());
}
