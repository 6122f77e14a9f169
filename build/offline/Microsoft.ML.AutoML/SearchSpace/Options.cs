using System;
using System.Linq;

namespace Microsoft.ML.SearchSpace.Option;

/// <summary>Something to choose, seen by tuners as a point of a unit cube.</summary>
public abstract class OptionBase
{
    protected OptionBase() { }

    public abstract double[] MappingToFeatureSpace(Parameter value);

    public abstract Parameter SampleFromFeatureSpace(double[] values);

    public abstract int FeatureSpaceDim { get; }

    /// <summary>Where a search may start.</summary>
    public virtual double[] Default { get; protected set; }

    /// <summary>Into how many parts a grid divides each dimension; null: as the grid likes.</summary>
    public abstract int?[] Step { get; }
}

public abstract class UniformNumericOption : OptionBase
{
    public UniformNumericOption(double min, double max, bool logBase = false)
    {
        (Min, Max, LogBase) = (min, max, logBase);
        Default = [0];
    }

    public double Min { get; }

    public double Max { get; }

    public bool LogBase { get; }

    public override int FeatureSpaceDim => 1;

    public override int?[] Step => [null];

    public override double[] MappingToFeatureSpace(Parameter param)
    {
        double x = param.AsType<double>();
        if (!LogBase)
            return [x / (Max - Min) - Min / (Max - Min)];
        double range = Math.Log(Max) - Math.Log(Min);
        return [Math.Log(x) / range - Math.Log(Min) / range];
    }

    public override Parameter SampleFromFeatureSpace(double[] values) =>
        Parameter.FromDouble(LogBase ? Min * Math.Pow(Max / Min, values[0]) : Min + (Max - Min) * values[0]);
}

public sealed class UniformDoubleOption : UniformNumericOption
{
    public UniformDoubleOption(double min, double max, bool logBase = false, double? defaultValue = null) : base(min, max, logBase)
    {
        if (defaultValue is { } value)
            Default = MappingToFeatureSpace(Parameter.FromDouble(value));
    }
}

public sealed class UniformSingleOption : UniformNumericOption
{
    public UniformSingleOption(float min, float max, bool logBase = false, float? defaultValue = null) : base(min, max, logBase)
    {
        if (defaultValue is { } value)
            Default = MappingToFeatureSpace(Parameter.FromFloat(value));
    }

    public override double[] MappingToFeatureSpace(Parameter param) => base.MappingToFeatureSpace(Parameter.FromDouble(param.AsType<float>()));

    public override Parameter SampleFromFeatureSpace(double[] values) =>
        Parameter.FromFloat((float)base.SampleFromFeatureSpace(values).AsType<double>());
}

public sealed class UniformIntOption : UniformNumericOption
{
    public UniformIntOption(int min, int max, bool logBase = false, int? defaultValue = null) : base(min, max, logBase)
    {
        if (defaultValue is { } value)
            Default = MappingToFeatureSpace(Parameter.FromInt(value));
    }

    public override double[] MappingToFeatureSpace(Parameter param) => base.MappingToFeatureSpace(Parameter.FromDouble(param.AsType<int>()));

    public override Parameter SampleFromFeatureSpace(double[] values) =>
        Parameter.FromInt(Convert.ToInt32(Math.Floor(base.SampleFromFeatureSpace(values).AsType<double>())));
}

public sealed class ChoiceOption : OptionBase
{
    private readonly UniformSingleOption _index;

    public ChoiceOption(params object[] choices)
    {
        Choices = choices.Distinct().Select(Parameter.FromObject).ToArray();
        _index = new UniformSingleOption(0, Choices.Length);
        Default = new double[FeatureSpaceDim];
    }

    public ChoiceOption(object[] choices, object defaultChoice) : this(choices)
    {
        if (defaultChoice != null)
            Default = MappingToFeatureSpace(Parameter.FromObject(defaultChoice));
    }

    public Parameter[] Choices { get; }

    /// <summary>None where there is nothing to choose.</summary>
    public override int FeatureSpaceDim => Choices.Length == 1 ? 0 : 1;

    public override int?[] Step => [Choices.Length];

    public override double[] MappingToFeatureSpace(Parameter param) =>
        FeatureSpaceDim == 0 ? [] : _index.MappingToFeatureSpace(Parameter.FromInt(Array.IndexOf(Choices, param)));

    public override Parameter SampleFromFeatureSpace(double[] values) => values.Length == 0
        ? Choices[0]
        : Choices[Math.Min(Convert.ToInt32(Math.Floor(_index.SampleFromFeatureSpace(values).AsType<float>())), Choices.Length - 1)];
}
