using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Constrained;

/// <summary>What a tuner proposed, in words.</summary>
internal static class ParameterText
{
    /// <summary>Names and values of what was chosen, such as <c>e1.LearningRate=0.003, e1.Layers=2</c>; numbers to four digits.</summary>
    public static string Of(Parameter parameter) => string.Join(", ", Leaves(Chosen(parameter), ""));

    /// <summary>Of a pipeline's parameters those of the estimators that are in use.</summary>
    private static Parameter Chosen(Parameter parameter) =>
        parameter.ParameterType == ParameterType.Object && parameter.TryGetValue(TrialPipeline.SearchSpaceKey, out Parameter pipeline)
            ? pipeline
            : parameter;

    private static IEnumerable<string> Leaves(Parameter parameter, string path)
    {
        if (parameter.ParameterType != ParameterType.Object)
            return [$"{path}={Value(parameter)}"];
        string[]? used = parameter.TryGetValue("_SCHEMA_", out Parameter schema) ? schema.AsType<string>().Split(" * ") : null;
        return ((IEnumerable<KeyValuePair<string, Parameter>>)parameter)
            .Where(p => used is null || used.Contains(p.Key))
            .SelectMany(p => Leaves(p.Value, path.Length == 0 ? p.Key : path + "." + p.Key));
    }

    private static string Value(Parameter parameter) => parameter.ParameterType == ParameterType.Number
        ? parameter.AsType<double>().ToString("G4", CultureInfo.InvariantCulture)
        : parameter.ToString().Trim('"');
}
