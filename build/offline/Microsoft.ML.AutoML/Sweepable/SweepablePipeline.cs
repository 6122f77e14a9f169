using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.AutoML;

/// <summary>
/// Sweepable estimators one after another, some in place of others: its terms are the ways through, each a list of the names of its
/// estimators, of which the search chooses one.
/// </summary>
public class SweepablePipeline : ISweepable<EstimatorChain<ITransformer>>
{
    private const string SchemaOption = "_SCHEMA_", Then = " * ";

    private readonly Dictionary<string, SweepableEstimator> _estimators;
    private readonly string[][] _terms;

    internal SweepablePipeline() : this([], [[]]) { }

    private SweepablePipeline(Dictionary<string, SweepableEstimator> estimators, string[][] terms) => (_estimators, _terms) = (estimators, terms);

    public SearchSpace.SearchSpace SearchSpace
    {
        get
        {
            var space = new SearchSpace.SearchSpace();
            foreach (var (key, estimator) in _estimators)
                space.Add(key, estimator.SearchSpace);
            space.Add(SchemaOption, new ChoiceOption(_terms.Select(t => (object)string.Join(Then, t)).ToArray()));
            return space;
        }
    }

    public Dictionary<string, SweepableEstimator> Estimators => _estimators;

    public EstimatorChain<ITransformer> BuildFromOption(MLContext context, Parameter parameter) => Names(parameter)
        .Aggregate(new EstimatorChain<ITransformer>(), (chain, key) => chain.Append(_estimators[key].BuildFromOption(context, parameter[key])));

    /// <summary>The pipeline with one of the sweepables behind it.</summary>
    public SweepablePipeline Append(params ISweepable<IEstimator<ITransformer>>[] sweepables)
    {
        var estimators = new Dictionary<string, SweepableEstimator>(_estimators);
        var appended = new List<string[]>();
        foreach (var sweepable in sweepables)
        {
            if (sweepable is SweepableEstimator estimator)
            {
                appended.Add([Add(estimator)]);
            }
            else if (sweepable is SweepablePipeline pipeline)
            {
                var names = pipeline._estimators.ToDictionary(e => e.Key, e => Add(e.Value));
                appended.AddRange(pipeline._terms.Select(t => t.Select(n => names[n]).ToArray()));
            }
        }

        return new SweepablePipeline(estimators, _terms.SelectMany(t => appended, (t, a) => t.Concat(a).ToArray()).ToArray());

        string Add(SweepableEstimator added)
        {
            string name = "e" + estimators.Count;
            estimators.Add(name, added);
            return name;
        }
    }

    private static string[] Names(Parameter parameter) => parameter[SchemaOption].AsType<string>().Split(Then);
}
