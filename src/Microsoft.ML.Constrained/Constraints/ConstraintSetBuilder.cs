using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>Collects constraints into a set: gives automatic names, refuses double ones, numbers the columns.</summary>
internal sealed class ConstraintSetBuilder
{
    private readonly VariableSpace _space;
    private readonly List<Constraint> _constraints;
    private readonly List<string> _columns;
    private readonly Dictionary<string, int> _columnIndices = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _repeats = new(StringComparer.Ordinal);

    public ConstraintSetBuilder(VariableSpace space, IReadOnlyList<Constraint>? constraints = null, IReadOnlyList<string>? columns = null)
    {
        _space = space;
        _constraints = constraints is null ? [] : [.. constraints];
        _columns = columns is null ? [] : [.. columns];
        foreach (Constraint constraint in _constraints)
            _names.Add(constraint.Name);
        for (int i = 0; i < _columns.Count; i++)
            _columnIndices.Add(_columns[i], i);
    }

    /// <exception cref="ArgumentException">Other variables, a name twice, or too many constraints or columns.</exception>
    public void Add(Constraint constraint)
    {
        if (!constraint.Space.Equals(_space))
        {
            throw new ArgumentException(
                $"Constraint '{constraint}' is over the variables {Preview(constraint.Space)} but the set is over {Preview(_space)}. " +
                "State it over the set's own variables.");
        }

        if (_constraints.Count == ConstraintLimits.Constraints)
            throw new ArgumentException($"A constraint set has at most {ConstraintLimits.Constraints} constraints.");
        string name = constraint.HasAutomaticName ? AutomaticName(constraint) : constraint.Name;
        Add(constraint, name);
    }

    /// <summary>Adds under the stored name even where it was derived from the text, so that saved sets keep their names.</summary>
    public void Add(Constraint constraint, string name)
    {
        if (!_names.Add(name))
            throw new ArgumentException($"Two constraints are named '{name}'. Give one of them another name.");
        foreach (Bound side in constraint.RightHandSides)
        {
            foreach (string column in side.ColumnSpan)
            {
                if (!_columnIndices.TryAdd(column, _columns.Count))
                    continue;
                if (_columns.Count == ConstraintLimits.Columns)
                    throw TooManyColumns();
                _columns.Add(column);
            }
        }

        _constraints.Add(constraint.Attach(name, constraint.HasAutomaticName, _columnIndices));
    }

    private static ArgumentException TooManyColumns() =>
        new($"The right-hand sides of a constraint set use at most {ConstraintLimits.Columns} columns. Compute some of them before.");

    public ConstraintSet Build() => new(_space, _constraints.ToArray(), _columns.ToArray());

    /// <summary>The text itself: the most telling title of a diagnostics column. A text too long for that gives way to the place in the
    /// set.</summary>
    private string AutomaticName(Constraint constraint)
    {
        string text = constraint.Text;
        string stem = text.Length <= ConstraintLimits.AutomaticNameLength ? text : $"c{_constraints.Count + 1}";
        string name = stem;
        // Where it stopped last time, so that many equal constraints do not take the square of their number.
        int repeat = _repeats.GetValueOrDefault(stem, 1);
        while (_names.Contains(name))
            name = $"{stem} ({++repeat})";
        _repeats[stem] = repeat;
        return name;
    }

    private static string Preview(VariableSpace space) =>
        string.Join(", ", space.Names.Take(5)) + (space.Count > 5 ? $", … ({space.Count} in all)" : "");
}
