using System;

namespace Microsoft.ML.Constrained;

/// <summary>
/// What a <see cref="Projector"/> found out about each row of a batch, on request. One object may serve any number of batches, one
/// after another; its memory grows to the largest.
/// </summary>
public sealed class ProjectionDiagnostics
{
    private double[] _distance = [];
    private double[] _violation = [];
    private double[] _prices = [];

    /// <summary>Rows of the last batch.</summary>
    public int Rows { get; private set; }

    /// <summary>Constraints of the set.</summary>
    public int Constraints { get; private set; }

    /// <summary>How far each row was moved: the Euclidean length of z − y, whatever the weights. NaN where the result is.</summary>
    public ReadOnlySpan<double> Distance => _distance.AsSpan(0, Rows);

    /// <summary>The largest violation of any constraint before, in that constraint's own units; NaN where the row is not finite.</summary>
    public ReadOnlySpan<double> ViolationBefore => _violation.AsSpan(0, Rows);

    /// <summary>
    /// Rows × constraints, row-major: by how much ½Σwᵢ(zᵢ − yᵢ)² falls for each unit by which the constraint's right-hand side is loosened.
    /// Positive where an upper side binds, negative where a lower one does (there loosening means lowering), any sign in an equality (of a
    /// larger right-hand side). For a constraint of several inequalities: that of its sum or radius where it has one, else the one of
    /// largest magnitude. 0 where the constraint does not bind, or there is no projection.
    /// </summary>
    public ReadOnlySpan<double> ShadowPrices => _prices.AsSpan(0, Rows * Constraints);

    internal void Reserve(int rows, int constraints)
    {
        if (_distance.Length < rows)
        {
            _distance = new double[rows];
            _violation = new double[rows];
        }

        if (_prices.Length < rows * constraints)
            _prices = new double[rows * constraints];
        Rows = rows;
        Constraints = constraints;
    }

    internal Span<double> PricesOf(int row) => _prices.AsSpan(row * Constraints, Constraints);

    internal void Set(int row, double distance, double violation)
    {
        _distance[row] = distance;
        _violation[row] = violation;
    }
}
