using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Options of <see cref="QuadraticProgramEstimator"/>: for every row, minimise ½ zᵀQz + pᵀz subject to Gz ≤ h and Az = b, where
/// p, h and b may come from the row's columns and the rest is fixed.
/// </summary>
public sealed class QuadraticProgramStageOptions
{
    /// <summary>Name of the column that receives the solution z, a vector of <c>Single</c>; default "Solution".</summary>
    public string OutputColumnName { get; set; } = "Solution";

    /// <summary>n × n, symmetric positive semidefinite. Null: zero, a linear program.</summary>
    public double[,]? Q { get; set; }

    /// <summary>n fixed linear costs. Null: they come from <see cref="LinearCostColumnName"/>, or are zero.</summary>
    public double[]? P { get; set; }

    /// <summary>m × n, the rows of the inequalities. Null: there are none.</summary>
    public double[,]? G { get; set; }

    /// <summary>m fixed right-hand sides of the inequalities. Null: they come from <see cref="InequalityColumnName"/>.</summary>
    public double[]? H { get; set; }

    /// <summary>The rows of the equalities, each with n values. Null: there are none.</summary>
    public double[,]? A { get; set; }

    /// <summary>Fixed right-hand sides of the equalities. Null: they come from <see cref="EqualityColumnName"/>.</summary>
    public double[]? B { get; set; }

    /// <summary>A column with n linear costs p, a vector of <c>Single</c>; null when <see cref="P"/> is fixed.</summary>
    public string? LinearCostColumnName { get; set; }

    /// <summary>What the values of <see cref="LinearCostColumnName"/> are multiplied by to give p; default 1, finite. −1 for returns to be maximised.</summary>
    public double LinearCostFactor { get; set; } = 1;

    /// <summary>A column with m right-hand sides h, a vector of <c>Single</c>; null when <see cref="H"/> is fixed.</summary>
    public string? InequalityColumnName { get; set; }

    /// <summary>A column with the right-hand sides b, a vector of <c>Single</c>; null when <see cref="B"/> is fixed.</summary>
    public string? EqualityColumnName { get; set; }

    /// <summary>Slot names of the solution, one for each variable; null: those of <see cref="LinearCostColumnName"/>, or z0, z1, ….</summary>
    public IReadOnlyList<string>? VariableNames { get; set; }

    /// <summary>Names of the inequalities, slot names of their multipliers; null: g0, g1, ….</summary>
    public IReadOnlyList<string>? InequalityNames { get; set; }

    /// <summary>Names of the equalities, slot names of their multipliers; null: a0, a1, ….</summary>
    public IReadOnlyList<string>? EqualityNames { get; set; }

    /// <summary>
    /// Whether to add, for an output column <c>X</c>, the columns <c>XStatus</c> (a key whose values are the names of <see cref="SolverStatus"/>),
    /// <c>XObjective</c>, <c>XInequalityPrices</c> (λ ≥ 0) and <c>XEqualityPrices</c> (ν); default false.
    /// </summary>
    public bool Diagnostics { get; set; }

    /// <summary>Largest scaled residual that counts as solved; default 1e-9, from 1e-12 to 1e-2.</summary>
    public double Tolerance { get; set; } = 1e-9;

    /// <summary>What becomes of a row without a solution; default <see cref="RowPolicy.Closest"/>. <see cref="RowPolicy.KeepInput"/> has no meaning here.</summary>
    public RowPolicy Policy { get; set; } = RowPolicy.Closest;

    /// <summary>Rows that are solved at once; default 256, 1 to 65,536. Results do not depend on it.</summary>
    public int BatchSize { get; set; } = 256;

    /// <summary>Threads that a batch is spread over; default 0: one for each processor. Results do not depend on it.</summary>
    public int Threads { get; set; }

    /// <summary>n.</summary>
    internal int Variables => Q?.GetLength(0) ?? G?.GetLength(1) ?? A?.GetLength(1) ?? P?.Length ?? 0;

    /// <summary>m.</summary>
    internal int Inequalities => G?.GetLength(0) ?? 0;

    /// <summary>Number of equalities.</summary>
    internal int Equalities => A?.GetLength(0) ?? 0;

    internal QuadraticProgramStageOptions Copy()
    {
        var copy = (QuadraticProgramStageOptions)MemberwiseClone();
        copy.Q = (double[,]?)Q?.Clone();
        copy.P = (double[]?)P?.Clone();
        copy.G = (double[,]?)G?.Clone();
        copy.H = (double[]?)H?.Clone();
        copy.A = (double[,]?)A?.Clone();
        copy.B = (double[]?)B?.Clone();
        copy.VariableNames = VariableNames?.ToArray();
        copy.InequalityNames = InequalityNames?.ToArray();
        copy.EqualityNames = EqualityNames?.ToArray();
        return copy;
    }

    /// <summary>Checks everything that does not depend on data.</summary>
    internal void Validate()
    {
        Check.NotEmpty(OutputColumnName, nameof(OutputColumnName));
        int n = Variables;
        if (n == 0)
            throw new ArgumentException($"The number of variables is not known: set '{nameof(Q)}', '{nameof(G)}', '{nameof(A)}' or '{nameof(P)}'.");
        CheckMatrix(Q, n, n, nameof(Q));
        CheckMatrix(G, Inequalities, n, nameof(G));
        CheckMatrix(A, Equalities, n, nameof(A));
        CheckVector(P, LinearCostColumnName, n, nameof(P), nameof(LinearCostColumnName), required: false);
        CheckVector(H, InequalityColumnName, Inequalities, nameof(H), nameof(InequalityColumnName), required: true);
        CheckVector(B, EqualityColumnName, Equalities, nameof(B), nameof(EqualityColumnName), required: true);
        CheckNames(VariableNames, n, nameof(VariableNames));
        CheckNames(InequalityNames, Inequalities, nameof(InequalityNames));
        CheckNames(EqualityNames, Equalities, nameof(EqualityNames));
        if (!double.IsFinite(LinearCostFactor))
            throw new ArgumentOutOfRangeException(nameof(LinearCostFactor), LinearCostFactor, $"'{nameof(LinearCostFactor)}' must be finite.");
        if (!(Tolerance is >= 1e-12 and <= 1e-2))
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, $"'{nameof(Tolerance)}' must be from 1e-12 to 1e-2.");
        if (Policy is not (RowPolicy.Closest or RowPolicy.Missing or RowPolicy.Throw))
            throw new ArgumentOutOfRangeException(nameof(Policy), Policy, $"'{nameof(Policy)}' must be Closest, Missing or Throw: a quadratic program has no input to keep.");
        if (BatchSize is < 1 or > 65_536)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, $"'{nameof(BatchSize)}' must be from 1 to 65536.");
        if (Threads is < 0 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, $"'{nameof(Threads)}' must be from 0 (all processors) to 1024.");
    }

    private static void CheckMatrix(double[,]? matrix, int rows, int columns, string name)
    {
        if (matrix is null)
            return;
        if (matrix.GetLength(0) != rows || matrix.GetLength(1) != columns)
            throw new ArgumentException($"'{name}' is {matrix.GetLength(0)} × {matrix.GetLength(1)}; expected {rows} × {columns}.", name);
        CheckFinite(matrix.Cast<double>(), name);
    }

    private static void CheckVector(double[]? vector, string? column, int length, string name, string columnName, bool required)
    {
        if (vector is not null && column is not null)
            throw new ArgumentException($"'{name}' is fixed and '{columnName}' names the column '{column}'; set one of them.", name);
        if (column is not null)
        {
            Check.NotEmpty(column, columnName);
            if (length == 0)
                throw new ArgumentException($"'{columnName}' names the column '{column}', but there are no rows for it.", columnName);
        }
        else if (vector is null)
        {
            if (required && length > 0)
                throw new ArgumentException($"{length} right-hand sides are needed: set '{name}' or '{columnName}'.", name);
        }
        else if (vector.Length != length)
        {
            throw new ArgumentException($"'{name}' has {vector.Length} values; expected {length}.", name);
        }
        else
        {
            CheckFinite(vector, name);
        }
    }

    private static void CheckFinite(IEnumerable<double> values, string name)
    {
        foreach (double value in values)
        {
            if (!double.IsFinite(value))
                throw new ArgumentException($"'{name}' holds {value}; expected finite numbers.", name);
        }
    }

    private static void CheckNames(IReadOnlyList<string>? names, int count, string name)
    {
        if (names is null)
            return;
        if (names.Count != count)
            throw new ArgumentException($"'{name}' has {names.Count} names; expected {count}.", name);
        foreach (string text in names)
            Check.NotEmpty(text, name);
    }
}
