using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// A projection without a solve, in the spirit of Huang, Zhang, Song and Shibasaki, "Differentiable Projection for Constrained Deep
/// Learning", 2021. Where the rows of A are independent, one step does:
/// <code>
/// P(y) = y − A⁺ relu(Ay − b),   A P(y) = Ay − relu(Ay − b) = min(Ay, b) ≤ b   because A A⁺ = I,
/// </code>
/// and likewise, with y − A⁺(Ay − clip(Ay, l, u)), for limits on both sides and equalities. That is the nearest point of
/// {z : Az = clip(Ay, l, u)}, and of the set itself where the rows are at right angles to each other; else farther than the nearest.
/// Where they are dependent, a fixed number of sweeps.
/// </summary>
internal sealed partial class DifferentiableProjection
{
    /// <summary>Unit rows with a smaller product count as at right angles.</summary>
    private const double Orthogonal = 1e-13;

    private const int PowerIterations = 200;

    /// <summary>The power method's eigenvalue comes from below.</summary>
    private const double Margin = 1.02;

    private readonly List<ProjectionBlock> _blocks = [];
    private readonly ConstraintSystem _system;
    private readonly int _dimension;

    /// <exception cref="ArgumentException">A constraint is not linear, or rows depend on each other and the method cannot have that.</exception>
    public DifferentiableProjection(ConstraintSet set, DifferentiableProjectionOptions options)
    {
        _system = set.Lower();
        _dimension = set.Dimension;
        if (!_system.IsPolyhedral)
        {
            string name = set.Constraints[_system.Norms[0].Owner].Name;
            throw new ArgumentException($"Constraint '{name}' is not linear, which a projection without a solve needs. Use an exact projection.", nameof(set));
        }

        Sweeps = options.Sweeps;
        List<UnitRow> rows = UnitRow.Of(_system);
        UnitRow[] empty = [.. rows.Where(r => r.Direction.Length == 0)];
        rows.RemoveAll(r => r.Direction.Length == 0);
        double[]? inverse = options.Method is DifferentiableProjectionMethod.Auto or DifferentiableProjectionMethod.OneStep ? Inverse(rows, set) : null;
        Method = options.Method != DifferentiableProjectionMethod.Auto ? options.Method
            : inverse is null ? DifferentiableProjectionMethod.Dykstra : DifferentiableProjectionMethod.OneStep;
        if (Method == DifferentiableProjectionMethod.OneStep)
            AddOneStep(rows, inverse ?? throw Dependent(set));
        else if (Method == DifferentiableProjectionMethod.Simultaneous)
            AddSimultaneous(rows, options.Relaxation);
        else
            AddDykstra(rows);
        if (empty.Length > 0)
            _blocks.Add(new ProjectionBlock(new double[empty.Length * _dimension], null, RowLimits.Create(_system, empty)));
    }

    /// <summary>How rows are moved; not Auto.</summary>
    public DifferentiableProjectionMethod Method { get; }

    /// <summary>K.</summary>
    public int Sweeps { get; }

    /// <summary>The step of simultaneous sweeps; 1 otherwise.</summary>
    public double Step { get; private set; } = 1;

    /// <summary>What is moved, in order, and then what is only checked.</summary>
    public IReadOnlyList<ProjectionBlock> Blocks => _blocks;

    private static ArgumentException Dependent(ConstraintSet set) => new(
        $"The rows of the {set.Constraints.Count} constraints over {set.Dimension} variables depend on each other, or nearly so, so that one " +
        $"step cannot satisfy them all. Use {nameof(DifferentiableProjectionMethod)}.{nameof(DifferentiableProjectionMethod.Dykstra)}, or state fewer constraints.",
        nameof(set));

    /// <summary>(A⁺)ᵀ of all rows, or null; empty where all rows are bounds.</summary>
    private static double[]? Inverse(List<UnitRow> rows, ConstraintSet set)
    {
        if (rows.Count > set.Dimension)
            return null;
        if (rows.All(r => r.Variable >= 0))
            return [];
        var directions = new IndependentDirections(set.Dimension);
        return rows.All(r => directions.TryAdd(r.Direction)) ? directions.TransposedPseudoinverse() : null;
    }

    private void AddOneStep(List<UnitRow> rows, double[] inverse)
    {
        if (inverse.Length == 0)
            AddBounds(rows);
        else
            _blocks.Add(new ProjectionBlock(Matrix(rows), inverse, RowLimits.Create(_system, [.. rows])));
    }

    private void AddSimultaneous(List<UnitRow> rows, double relaxation)
    {
        List<UnitRow> general = AddBounds(rows);
        if (general.Count > 0)
        {
            double[] matrix = Matrix(general);
            _blocks.Add(new ProjectionBlock(matrix, matrix, RowLimits.Create(_system, [.. general])));
        }

        if (rows.Count > 0)
            Step = relaxation / (Margin * LargestEigenvalue(rows));
    }

    /// <summary>Bounds, then groups of inequalities at right angles to each other, last all equalities, which thus hold to rounding.</summary>
    private void AddDykstra(List<UnitRow> rows)
    {
        List<UnitRow> equalities = [.. rows.Where(r => r.IsEquality)];
        List<UnitRow> general = AddBounds([.. rows.Where(r => !r.IsEquality)]);
        var groups = new List<List<UnitRow>>();
        foreach (UnitRow row in general)
        {
            List<UnitRow>? group = groups.Find(g => g.TrueForAll(other => Math.Abs(SpanKernels.Dot<double>(other.Direction, row.Direction)) <= Orthogonal));
            if (group is null)
                groups.Add(group = []);
            group.Add(row);
        }

        foreach (List<UnitRow> group in groups)
        {
            double[] matrix = Matrix(group);
            _blocks.Add(new ProjectionBlock(matrix, matrix, RowLimits.Create(_system, [.. group]), IsCorrected: true));
        }

        var directions = new IndependentDirections(_dimension);
        UnitRow[] independent = [.. equalities.Where(r => directions.TryAdd(r.Direction))], others = [.. equalities.Except(independent)];
        if (independent.Length > 0)
            _blocks.Add(new ProjectionBlock(Matrix(independent), directions.TransposedPseudoinverse(), RowLimits.Create(_system, independent)));
        if (others.Length > 0)
            _blocks.Add(new ProjectionBlock(Matrix(others), null, RowLimits.Create(_system, others)));
    }

    /// <summary>A block of the rows that bound one variable; returns the others.</summary>
    private List<UnitRow> AddBounds(List<UnitRow> rows)
    {
        var bounds = new UnitRow?[_dimension];
        foreach (UnitRow row in rows.Where(r => r.Variable >= 0))
            bounds[row.Variable] = row;
        if (bounds.Any(r => r is not null))
            _blocks.Add(new ProjectionBlock(null, null, RowLimits.Create(_system, bounds), IsCorrected: true));
        return rows.FindAll(r => r.Variable < 0);
    }

    private double[] Matrix(IReadOnlyList<UnitRow> rows)
    {
        var matrix = new double[rows.Count * _dimension];
        for (int i = 0; i < rows.Count; i++)
            rows[i].Direction.CopyTo(matrix, i * _dimension);
        return matrix;
    }

    /// <summary>Of AᵀA, by the power method.</summary>
    private double LargestEigenvalue(List<UnitRow> rows)
    {
        // A start that no symmetry of the rows is at right angles to.
        double[] vector = [.. Enumerable.Range(0, _dimension).Select(j => 1 + Math.Sin(j + 1.0) / 2)];
        double length = 1;
        for (int k = 0; k < PowerIterations; k++)
        {
            length = SpanKernels.Norm(vector);
            var next = new double[_dimension];
            foreach (UnitRow row in rows)
                SpanKernels.AddScaled<double>(row.Direction, SpanKernels.Dot<double>(row.Direction, vector) / length, next);
            vector = next;
        }

        return Math.Max(SpanKernels.Norm(vector), 1);
    }
}
