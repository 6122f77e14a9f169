using System;
using System.Collections.Generic;
using System.Globalization;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>A polyhedron by its half-spaces and hyperplanes: <c>{y : a·y ≤ b for each inequality, e·y = f for each equality}</c>.</summary>
public sealed class HalfspaceSet
{
    private readonly List<(double[] Normal, double Offset)> _inequalities = [], _equalities = [];

    /// <summary>The whole space of the given dimension.</summary>
    /// <param name="dimension">n, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is below 1.</exception>
    public HalfspaceSet(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        Dimension = dimension;
    }

    /// <summary>The linear rows of a constraint set for the given values of its columns.</summary>
    /// <param name="constraints">The set; balls in the L1 or L2 norm and second-order cones have no place here.</param>
    /// <param name="parameters">One value for each of <see cref="ConstraintSet.Columns"/>.</param>
    /// <exception cref="ArgumentException">The set has a curved constraint, or the number of parameters is wrong.</exception>
    public HalfspaceSet(ConstraintSet constraints, ReadOnlySpan<double> parameters = default)
        : this((constraints ?? throw new ArgumentNullException(nameof(constraints))).Dimension)
    {
        ConstraintSystem system = constraints.Lower();
        if (!system.IsPolyhedral)
        {
            string name = constraints.Constraints[system.Norms[0].Owner].Name;
            throw new ArgumentException($"Constraint '{name}' is not linear, so the set has no finite set of generators.", nameof(constraints));
        }

        if (parameters.Length != system.ParameterCount)
        {
            throw new ArgumentException(
                $"{parameters.Length} values were given for the columns {string.Join(", ", constraints.Columns)}; expected {system.ParameterCount}.", nameof(parameters));
        }

        var lower = new double[system.RowCount];
        var upper = new double[system.RowCount];
        system.EvaluateBounds(parameters, lower, upper);
        for (int i = 0; i < lower.Length; i++)
        {
            if (lower[i] == upper[i])
            {
                AddEquality(system.Row(i), lower[i]);
                continue;
            }

            if (!double.IsPositiveInfinity(upper[i]))
                AddInequality(system.Row(i), upper[i]);
            if (!double.IsNegativeInfinity(lower[i]))
                AddInequality(Array.ConvertAll(system.Row(i).ToArray(), v => -v), -lower[i]);
        }
    }

    /// <summary>n, the dimension of the space.</summary>
    public int Dimension { get; }

    /// <summary>The inequalities a·y ≤ b, as (a, b).</summary>
    public IReadOnlyList<(double[] Normal, double Offset)> Inequalities => _inequalities;

    /// <summary>The equalities e·y = f, as (e, f).</summary>
    public IReadOnlyList<(double[] Normal, double Offset)> Equalities => _equalities;

    /// <summary>Adds a·y ≤ b.</summary>
    /// <param name="normal">a, n finite values.</param>
    /// <param name="offset">b, finite.</param>
    /// <returns>This set.</returns>
    /// <exception cref="ArgumentException">A wrong length, a NaN or an infinity.</exception>
    public HalfspaceSet AddInequality(ReadOnlySpan<double> normal, double offset)
    {
        _inequalities.Add((Check(normal, offset), offset));
        return this;
    }

    /// <summary>Adds e·y = f.</summary>
    /// <param name="normal">e, n finite values.</param>
    /// <param name="offset">f, finite.</param>
    /// <returns>This set.</returns>
    /// <exception cref="ArgumentException">A wrong length, a NaN or an infinity.</exception>
    public HalfspaceSet AddEquality(ReadOnlySpan<double> normal, double offset)
    {
        _equalities.Add((Check(normal, offset), offset));
        return this;
    }

    /// <summary>The numbers of half-spaces and hyperplanes.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{_inequalities.Count} inequalities, {_equalities.Count} equalities in dimension {Dimension}");

    private double[] Check(ReadOnlySpan<double> normal, double offset)
    {
        if (normal.Length != Dimension)
            throw new ArgumentException($"A normal has {normal.Length} values; expected {Dimension}.", nameof(normal));
        foreach (double value in normal)
        {
            if (!double.IsFinite(value))
                throw new ArgumentException($"A normal holds {value}; expected finite numbers.", nameof(normal));
        }

        return double.IsFinite(offset) ? normal.ToArray() : throw new ArgumentException($"An offset is {offset}; expected a finite number.", nameof(offset));
    }
}
