using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.SearchSpace;

/// <summary>Options by name; a point of the unit cube has their coordinates in the order of the names.</summary>
public class SearchSpace : OptionBase, IDictionary<string, OptionBase>
{
    private readonly Dictionary<string, OptionBase> _options;
    private readonly Parameter _defaults;

    public SearchSpace() => _options = [];

    /// <summary>What the attributes of a class's members say; <paramref name="defaultOption"/> has the values of members without any.</summary>
    protected SearchSpace(Type typeInfo, Parameter defaultOption = null)
    {
        const BindingFlags Members = BindingFlags.Public | BindingFlags.Instance;
        _options = typeInfo.GetFields(Members).Select(f => (Member: (MemberInfo)f, Type: f.FieldType))
            .Concat(typeInfo.GetProperties(Members).Select(p => (Member: (MemberInfo)p, Type: p.PropertyType)))
            .Select(m => (m.Member.Name, Option: OptionOf(m.Member, m.Type)))
            .Where(m => m.Option != null)
            .ToDictionary(m => m.Name, m => m.Option);
        _defaults = defaultOption;
    }

    public override double[] Default => Ordered.SelectMany(o => o.Value.Default).ToArray();

    public override int?[] Step => Ordered.SelectMany(o => o.Value.Step).ToArray();

    public override int FeatureSpaceDim => _options.Values.Sum(o => o.FeatureSpaceDim);

    // As upstream: in the order of the current culture.
    private IEnumerable<KeyValuePair<string, OptionBase>> Ordered => _options.OrderBy(o => o.Key);

    public override Parameter SampleFromFeatureSpace(double[] feature)
    {
        var sample = Parameter.CreateNestedParameter();
        int start = 0;
        foreach (var (key, option) in Ordered)
        {
            sample[key] = option.SampleFromFeatureSpace(feature[start..(start + option.FeatureSpaceDim)]);
            start += option.FeatureSpaceDim;
        }

        return _defaults == null ? sample : Over(_defaults, sample);
    }

    public override double[] MappingToFeatureSpace(Parameter parameter) =>
        Ordered.SelectMany(o => o.Value.MappingToFeatureSpace(parameter[o.Key])).ToArray();

    public OptionBase this[string key]
    {
        get => _options[key];
        set => _options[key] = value;
    }

    public ICollection<string> Keys => _options.Keys;

    public ICollection<OptionBase> Values => _options.Values;

    public int Count => _options.Count;

    public bool IsReadOnly => false;

    public void Add(string key, OptionBase value) => _options.Add(key, value);

    public void Add(KeyValuePair<string, OptionBase> item) => _options.Add(item.Key, item.Value);

    public bool ContainsKey(string key) => _options.ContainsKey(key);

    public bool Contains(KeyValuePair<string, OptionBase> item) => _options.Contains(item);

    public bool TryGetValue(string key, out OptionBase value) => _options.TryGetValue(key, out value);

    public bool Remove(string key) => _options.Remove(key);

    public bool Remove(KeyValuePair<string, OptionBase> item) => ((IDictionary<string, OptionBase>)_options).Remove(item);

    public void Clear() => _options.Clear();

    public void CopyTo(KeyValuePair<string, OptionBase>[] array, int arrayIndex) =>
        ((IDictionary<string, OptionBase>)_options).CopyTo(array, arrayIndex);

    public IEnumerator<KeyValuePair<string, OptionBase>> GetEnumerator() => _options.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _options.GetEnumerator();

    private static OptionBase OptionOf(MemberInfo member, Type type)
    {
        if (member.GetCustomAttribute<ChoiceAttribute>() is { } choice)
            return new ChoiceOption(choice.Candidates, choice.DefaultValue);
        if (member.GetCustomAttribute<BooleanChoiceAttribute>() is { } flag)
            return new ChoiceOption([true, false], flag.DefaultValue);
        if (member.GetCustomAttribute<NestOptionAttribute>() != null)
            return new SearchSpace(type);
        return member.GetCustomAttribute<RangeAttribute>() is not { } range ? null : range.Min switch
        {
            double min => new UniformDoubleOption(min, (double)range.Max, range.LogBase, (double?)range.Init),
            float min => new UniformSingleOption(min, (float)range.Max, range.LogBase, (float?)range.Init),
            int min => new UniformIntOption(min, (int)range.Max, range.LogBase, (int?)range.Init),
            _ => throw new NotSupportedException($"Member '{member.Name}' has a range of {range.Min.GetType()}."),
        };
    }

    private static Parameter Over(Parameter below, Parameter above)
    {
        if (above == null)
            return below;
        if (below?.ParameterType != ParameterType.Object || above.ParameterType != ParameterType.Object)
            return above;
        var merged = Parameter.CreateNestedParameter();
        foreach (string key in below.Keys.Concat(above.Keys))
            merged[key] = Over(below.TryGetValue(key, out var low) ? low : null, above.TryGetValue(key, out var high) ? high : null);
        return merged;
    }
}

public sealed class SearchSpace<T> : SearchSpace where T : class, new()
{
    public SearchSpace() : base(typeof(T)) { }

    public SearchSpace(T defaultOption) : base(typeof(T), Parameter.FromObject(defaultOption)) { }

    public new T SampleFromFeatureSpace(double[] feature) => base.SampleFromFeatureSpace(feature).AsType<T>();

    public double[] MappingToFeatureSpace(T input) => MappingToFeatureSpace(Parameter.FromObject(input));
}
