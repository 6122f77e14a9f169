using System;
using System.Threading;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The shortest (or longest) round trip through 3 to 20 cities. Costs and decisions are cities × cities, row-major; y is the symmetric
/// 0/1 adjacency matrix of the tour, two ones in every row, so that an edge costs w[i, j] + w[j, i]. The diagonal does not count.
/// </summary>
/// <remarks>
/// Up to <see cref="TableCities"/> cities by dynamic programming; above by branch and bound, which falls back to dynamic programming
/// after <see cref="MaxSearchNodes"/> nodes, so that the worst case is bounded: 80 MiB for 20 cities, held once per solver, and one row
/// at a time uses it. Costs may have any sign. Ties (lengths equal up to rounding) always fall to the same tour; which one is not
/// otherwise defined.
/// </remarks>
public sealed class TravelingSalesmanSolver : CombinatorialSolver
{
    /// <summary>The most cities.</summary>
    public const int MaxCities = 20;

    /// <summary>Up to here dynamic programming is faster than a search.</summary>
    public const int TableCities = 11;

    /// <summary>Nodes of the search before dynamic programming takes over.</summary>
    public const long MaxSearchNodes = 100_000;

    private readonly Lock _tableGate = new();
    private TourTable? _largeTable;

    /// <summary>States the number of cities.</summary>
    /// <param name="cities">Cities, 3 to 20.</param>
    /// <param name="sense">Whether the tour is made shortest or longest.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 3 or more than 20 cities.</exception>
    public TravelingSalesmanSolver(int cities, Sense sense = Sense.Minimize)
        : base(cities is >= 3 and <= MaxCities
            ? cities * cities
            : throw new ArgumentOutOfRangeException(nameof(cities), cities, $"Expected 3 to {MaxCities} cities."), sense, false, true)
    {
        Cities = cities;
    }

    /// <summary>The number of cities.</summary>
    public int Cities { get; }

    /// <summary>Nodes of the search before dynamic programming takes over; for tests.</summary>
    internal long SearchNodes { get; init; } = MaxSearchNodes;

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(Cities);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        var own = (Workspace)workspace;
        int n = Cities;
        double[] symmetric = own.Symmetric;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
                symmetric[i * n + j] = i == j ? 0 : costs[i * n + j] + costs[j * n + i];
        }

        if (own.Table is { } table)
        {
            table.Solve(symmetric, own.Tour);
        }
        else if (!own.Search!.Solve(symmetric, own.Tour, SearchNodes))
        {
            lock (_tableGate)
                (_largeTable ??= new TourTable(n)).Solve(symmetric, own.Tour);
        }

        decision.Clear();
        for (int i = 0; i < n; i++)
        {
            int from = own.Tour[i], to = own.Tour[(i + 1) % n];
            decision[from * n + to] = 1;
            decision[to * n + from] = 1;
        }

        return SolverStatus.Solved;
    }

    private sealed class Workspace(int cities) : SolverWorkspace(cities * cities)
    {
        public double[] Symmetric { get; } = new double[cities * cities];

        public int[] Tour { get; } = new int[cities];

        public TourTable? Table { get; } = cities <= TableCities ? new TourTable(cities) : null;

        public TourSearch? Search { get; } = cities > TableCities ? new TourSearch(cities) : null;
    }
}
