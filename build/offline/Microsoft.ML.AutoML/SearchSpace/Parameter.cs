using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.SearchSpace.Converter;

namespace Microsoft.ML.SearchSpace;

public enum ParameterType
{
    Integer = 0,
    Number = 1,
    Bool = 2,
    String = 3,
    Object = 4,
    Array = 5,
}

/// <summary>
/// What a tuner proposes: a value, or values by name. It turns into an object of any class by way of JSON, so through properties only.
/// </summary>
[JsonConverter(typeof(ParameterConverter))]
public sealed class Parameter : IDictionary<string, Parameter>, IEquatable<Parameter>, IEqualityComparer<Parameter>
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly object _value;

    private Parameter(object value, ParameterType type) => (_value, ParameterType) = (value, type);

    public static Parameter FromDouble(double value) => new(value, ParameterType.Number);

    public static Parameter FromFloat(float value) => new(value, ParameterType.Number);

    public static Parameter FromLong(long value) => new(value, ParameterType.Integer);

    public static Parameter FromInt(int value) => new(value, ParameterType.Integer);

    public static Parameter FromString(string value) => new(value, ParameterType.String);

    public static Parameter FromBool(bool value) => new(value, ParameterType.Bool);

    public static Parameter FromEnum<T>(T value) where T : struct, Enum => FromString(Enum.GetName(value));

    public static Parameter FromIEnumerable<T>(IEnumerable<T> values) => new(values, ParameterType.Array);

    public static Parameter FromObject<T>(T value) where T : class => FromObject(value, typeof(T));

    public static Parameter CreateNestedParameter(params KeyValuePair<string, Parameter>[] parameters)
    {
        var nested = new Parameter(new Dictionary<string, Parameter>(), ParameterType.Object);
        foreach (var (key, value) in parameters)
            nested[key] = value;
        return nested;
    }

    internal object Value => _value;

    public ParameterType ParameterType { get; }

    public int Count => ParameterType == ParameterType.Object ? Members.Count : 1;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => Members.Keys;

    ICollection<Parameter> IDictionary<string, Parameter>.Values => Members.Values;

    private Dictionary<string, Parameter> Members => (Dictionary<string, Parameter>)_value;

    public Parameter this[string key]
    {
        get => Members[key];
        set => Members[key] = value;
    }

    /// <summary>The value itself where it has the type, else what becomes of its JSON.</summary>
    public T AsType<T>() => _value is T value ? value : JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(_value, s_json), s_json);

    public void Add(string key, Parameter value) => Members.Add(key, value);

    public void Add(KeyValuePair<string, Parameter> item) => Members.Add(item.Key, item.Value);

    public bool TryGetValue(string key, out Parameter value) => Members.TryGetValue(key, out value);

    public bool ContainsKey(string key) => Members.ContainsKey(key);

    public bool Contains(KeyValuePair<string, Parameter> item) => Members.Contains(item);

    public bool Remove(string key) => Members.Remove(key);

    public bool Remove(KeyValuePair<string, Parameter> item) => ((IDictionary<string, Parameter>)Members).Remove(item);

    public void Clear() => Members.Clear();

    public void CopyTo(KeyValuePair<string, Parameter>[] array, int arrayIndex) =>
        ((IDictionary<string, Parameter>)Members).CopyTo(array, arrayIndex);

    IEnumerator<KeyValuePair<string, Parameter>> IEnumerable<KeyValuePair<string, Parameter>>.GetEnumerator() => Members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => Members.GetEnumerator();

    public bool Equals(Parameter other) => other is not null && (ReferenceEquals(this, other) || ToString() == other.ToString());

    public bool Equals(Parameter x, Parameter y) => x.GetHashCode() == y.GetHashCode();

    public override int GetHashCode() => ToString().GetHashCode();

    public int GetHashCode(Parameter obj) => obj.GetHashCode();

    public override string ToString() => JsonSerializer.Serialize(this);

    private static Parameter FromObject(object value, Type type)
    {
        switch (value)
        {
            case int number:
                return FromInt(number);
            case long number:
                return FromLong(number);
            case double number:
                return FromDouble(number);
            case float number:
                return FromFloat(number);
            case string text:
                return FromString(text);
            case bool flag:
                return FromBool(flag);
            case IEnumerable values:
                return new Parameter(values, ParameterType.Array);
            case Enum name:
                return FromString(Enum.GetName(name.GetType(), name));
        }

        var nested = CreateNestedParameter();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanRead && p.CanWrite))
        {
            if (property.GetValue(value) is { } member && FromObject(member, property.PropertyType) is { Count: not 0 } parameter)
                nested[property.Name] = parameter;
        }

        return nested;
    }
}
