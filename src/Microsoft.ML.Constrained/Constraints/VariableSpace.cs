using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>The variables that a set speaks of: their names, in order.</summary>
internal sealed class VariableSpace : IEquatable<VariableSpace>
{
    private readonly string[] _names;
    private readonly Dictionary<string, int> _indices;

    /// <exception cref="ArgumentException">No variable, too many, a name that cannot be used, or a name twice.</exception>
    public VariableSpace(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            throw new ArgumentException("A constraint set needs at least one variable; none was given.");
        if (names.Count > ConstraintLimits.Variables)
            throw new ArgumentException($"A constraint set has at most {ConstraintLimits.Variables} variables; {names.Count} were given.");
        _names = new string[names.Count];
        _indices = new Dictionary<string, int>(names.Count, StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            _names[i] = NameText.Check(names[i], $"variable {i}");
            if (!_indices.TryAdd(names[i], i))
                throw new ArgumentException($"Variable '{names[i]}' is given twice, at {_indices[names[i]]} and {i}. Names must differ.");
        }

        Names = Array.AsReadOnly(_names);
    }

    public int Count => _names.Length;

    public IReadOnlyList<string> Names { get; }

    public int IndexOf(string name) => _indices.TryGetValue(name, out int index) ? index : -1;

    /// <summary>The variable as it stands in a text.</summary>
    public string Quoted(int index) => NameText.Quote(_names[index]);

    /// <summary>The indices of the names in the order given; all variables where no name is given.</summary>
    /// <exception cref="ArgumentException">A name that is no variable, or one given twice.</exception>
    public int[] Resolve(IReadOnlyList<string>? names, string what)
    {
        if (names is null || names.Count == 0)
            return Enumerable.Range(0, Count).ToArray();
        int[] indices = new int[names.Count];
        HashSet<int> seen = [];
        for (int i = 0; i < indices.Length; i++)
        {
            indices[i] = Resolve(names[i], what);
            if (!seen.Add(indices[i]))
                throw new ArgumentException($"{what} names the variable '{names[i]}' twice. Name each variable once.");
        }

        return indices;
    }

    /// <exception cref="ArgumentException">The name is no variable.</exception>
    public int Resolve(string name, string what)
    {
        ArgumentNullException.ThrowIfNull(name);
        int index = IndexOf(name);
        return index >= 0 ? index : throw new ArgumentException($"{what} names '{name}'. {Unknown(name)}");
    }

    /// <summary>What to say about a name that is no variable.</summary>
    public string Unknown(string name)
    {
        string hint = NameText.Nearest(name, _names) is { } near ? $" Did you mean '{near}'?" : "";
        string list = string.Join(", ", _names.Take(8)) + (Count > 8 ? $", … ({Count} in all)" : "");
        return $"'{name}' is not a variable of the set.{hint} Variables: {list}.";
    }

    /// <summary><c>*</c> for all of them in order, else the quoted names with commas between.</summary>
    public string ListText(ReadOnlySpan<int> variables)
    {
        if (IsAll(variables))
            return "*";
        string[] parts = new string[variables.Length];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = Quoted(variables[i]);
        return string.Join(", ", parts);
    }

    public bool IsAll(ReadOnlySpan<int> variables)
    {
        if (variables.Length != Count)
            return false;
        for (int i = 0; i < variables.Length; i++)
        {
            if (variables[i] != i)
                return false;
        }

        return true;
    }

    public bool Equals(VariableSpace? other) =>
        ReferenceEquals(this, other) || (other is not null && _names.AsSpan().SequenceEqual(other._names));

    public override bool Equals(object? obj) => Equals(obj as VariableSpace);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (string name in _names)
            hash.Add(name, StringComparer.Ordinal);
        return hash.ToHashCode();
    }
}
