using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>
/// Restates constraints over classes and groups of classes, named in any order, as constraints over the classes in the order of the
/// label's keys, with the simplex among them.
/// </summary>
internal sealed class ClassConstraints
{
    /// <summary>The name of the simplex.</summary>
    private const string Simplex = "probabilities";

    private readonly string[] _classes;
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, string[]> _groups;
    private readonly Dictionary<string, int[]> _members = new(StringComparer.Ordinal);

    private ClassConstraints(IReadOnlyList<string> classes, IReadOnlyDictionary<string, string[]>? groups)
    {
        _classes = [.. classes];
        _groups = groups ?? new Dictionary<string, string[]>();
        for (int i = 0; i < _classes.Length; i++)
            _indices[_classes[i]] = i;
        foreach (string group in _groups.Keys)
        {
            if (_indices.ContainsKey(group))
                throw new InvalidOperationException($"Group '{group}' has the name of a class. Give it another one.");
            Members(group, []);
        }
    }

    /// <param name="labelColumnName">The label, for messages.</param>
    /// <param name="classes">The classes in order.</param>
    /// <param name="constraints">Constraints over all of them, and over any groups; null for none.</param>
    /// <param name="groups">Names of unions of classes; null for none.</param>
    /// <exception cref="InvalidOperationException">A name is unknown, a class is missing, or a constraint cannot be stated of groups.</exception>
    public static ConstraintSet Create(
        string labelColumnName, IReadOnlyList<string> classes, ConstraintSet? constraints, IReadOnlyDictionary<string, string[]>? groups)
    {
        ConstraintSet set;
        try
        {
            // Where nothing refers to classes, any text may be the name of one.
            bool nameless = constraints is null && classes.Any(c => NameText.Refusal(c) is not null);
            set = nameless ? ConstraintSet.Over(classes.Count) : ConstraintSet.Over([.. classes]);
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException(
                $"The classes of label column '{labelColumnName}' cannot be named in constraints: {e.Message}", e);
        }

        var stated = new ClassConstraints(classes, groups);
        if (constraints is not null)
        {
            stated.CheckNames(labelColumnName, constraints);
            foreach (Constraint constraint in constraints.Constraints)
                set = stated.Restate(set, constraints, constraint);
            if (set.Constraints.Any(c => c.Kind == ConstraintKind.Simplex && c.Variables.Count == set.Dimension && c.RightHandSides[0] == 1))
                return set;
        }

        return set.Constraints.Any(c => c.Name == Simplex) ? set.Simplex() : set.Simplex().WithName(Simplex);
    }

    private void CheckNames(string label, ConstraintSet constraints)
    {
        string[] unknown = [.. constraints.Variables.Where(v => !_indices.ContainsKey(v) && !_groups.ContainsKey(v))];
        if (unknown.Length > 0)
        {
            throw new InvalidOperationException(
                $"The constraints have the variables {List(unknown)}, which are no class of label column '{label}'"
                + $"{(_groups.Count > 0 ? " and no group" : "")}. Its classes are {List(_classes)}.");
        }

        string[] missing = [.. _classes.Where(c => constraints.IndexOf(c) < 0)];
        if (missing.Length > 0)
        {
            throw new InvalidOperationException(
                $"The constraints have no variable for {List(missing)} of label column '{label}'. Name every class in ConstraintSet.Over, in any order.");
        }
    }

    private ConstraintSet Restate(ConstraintSet set, ConstraintSet source, Constraint constraint)
    {
        string[] names = [.. constraint.Variables.Select(v => source.Variables[v])];
        IReadOnlyList<Bound> sides = constraint.RightHandSides;
        if (constraint is LinearConstraint linear)
            return set.Linear(null, Row(names, linear.Coefficients), sides[0], sides[1]).WithName(constraint.Name);
        if (!names.Any(_groups.ContainsKey))
            return Renamed(set, source, constraint, names).WithName(constraint.Name);
        switch (constraint)
        {
            case BoundsConstraint bounds:
                for (int k = 0; k < names.Length; k++)
                {
                    int side = bounds.IsUniform ? 0 : 2 * k;
                    set = set.Linear(null, Row([names[k]], [1]), sides[side], sides[side + 1]).WithName(NameOf(constraint, names.Length, names[k]));
                }

                return set;
            case MonotoneConstraint monotone:
                double sign = monotone.IsIncreasing ? 1 : -1;
                for (int k = 1; k < names.Length; k++)
                {
                    set = set.Linear(null, Row([names[k - 1], names[k]], [-sign, sign]), 0, double.PositiveInfinity)
                        .WithName(NameOf(constraint, names.Length - 1, names[k]));
                }

                return set;
            default:
                throw new InvalidOperationException(
                    $"Constraint '{constraint.Name}' of kind {constraint.Kind} names the group '{names.First(_groups.ContainsKey)}'. Groups may stand in linear "
                    + "constraints, bounds and orders; name classes here.");
        }
    }

    /// <summary>The same constraint over the same names in another set.</summary>
    private static ConstraintSet Renamed(ConstraintSet set, ConstraintSet source, Constraint constraint, string[] names)
    {
        IReadOnlyList<Bound> sides = constraint.RightHandSides;
        return constraint switch
        {
            BoundsConstraint { IsUniform: true } => set.Bounds(sides[0], sides[1], names),
            BoundsConstraint => set.Bounds([.. sides.Where((_, k) => k % 2 == 0)], [.. sides.Where((_, k) => k % 2 == 1)], names),
            SimplexConstraint { IsCapped: true } => set.CappedSimplex(sides[0], sides[1], names),
            SimplexConstraint => set.Simplex(sides[0], names),
            MonotoneConstraint { IsIncreasing: true } => set.Increasing(names),
            MonotoneConstraint => set.Decreasing(names),
            BallConstraint { Height: >= 0 } cone => set.SecondOrderCone(source.Variables[cone.Height], sides[0], cone.Centre, names[..^1]),
            BallConstraint ball => set.Ball(ball.NormKind, sides[0], ball.Centre, names),
            _ => throw new NotSupportedException($"Constraints of kind {constraint.Kind} are not known."),
        };
    }

    private static string NameOf(Constraint constraint, int count, string variable) => count == 1 ? constraint.Name : $"{constraint.Name} ({variable})";

    /// <summary>Coefficients of all classes; a group's goes to each of its classes.</summary>
    private double[] Row(string[] names, ReadOnlySpan<double> coefficients)
    {
        double[] row = new double[_classes.Length];
        for (int k = 0; k < names.Length; k++)
        {
            foreach (int member in _indices.TryGetValue(names[k], out int index) ? [index] : _members[names[k]])
                row[member] += coefficients[k];
        }

        return row;
    }

    /// <summary>The classes in a group, each once.</summary>
    private int[] Members(string group, List<string> path)
    {
        if (_members.TryGetValue(group, out int[]? known))
            return known;
        if (path.Contains(group))
            throw new InvalidOperationException($"Group '{group}' is a member of itself ({string.Join(" > ", path)} > {group}). Take one of them out.");
        path.Add(group);
        var found = new SortedSet<int>();
        foreach (string member in _groups[group])
        {
            if (_indices.TryGetValue(member, out int index))
                found.Add(index);
            else if (_groups.ContainsKey(member))
                found.UnionWith(Members(member, path));
            else
                throw new InvalidOperationException($"Group '{group}' has the member '{member}', which is neither a class nor a group. The classes are {List(_classes)}.");
        }

        path.RemoveAt(path.Count - 1);
        return _members[group] = [.. found];
    }

    private static string List(string[] names) =>
        string.Join(", ", names.Take(10).Select(n => $"'{n}'")) + (names.Length > 10 ? $", … ({names.Length} in all)" : "");
}
