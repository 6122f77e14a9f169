using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// Splits a polyhedron into blocks of variables that share no constraint, and finds the cheapest parameterisation of each. The
/// set is the product of the blocks' sets, so the blocks' parameters together are parameters of the set.
/// </summary>
internal sealed class ParameterBlockBuilder
{
    private readonly HalfspaceSet _set;
    private readonly PolyhedralSettings _settings;
    private readonly CancellationToken _cancellation;
    private readonly List<(ParameterBlock Block, int[] Variables)> _blocks = [];

    private ParameterBlockBuilder(HalfspaceSet set, PolyhedralSettings settings, CancellationToken cancellation) =>
        (_set, _settings, _cancellation) = (set, settings, cancellation);

    /// <summary>The blocks, with the variables of each, in the order of their first variables; null where the set is empty.</summary>
    /// <exception cref="InvalidOperationException">There are too many generators.</exception>
    public static List<(ParameterBlock Block, int[] Variables)>? Build(
        HalfspaceSet set, PolyhedralSettings settings, CancellationToken cancellation)
    {
        if (HalfspaceReduction.Reduce(set) is not { } reduced)
            return null;
        var builder = new ParameterBlockBuilder(reduced, settings, cancellation);
        if (!builder.TrySplit())
            return null;
        builder._blocks.Sort((x, y) => x.Variables[0].CompareTo(y.Variables[0]));
        return builder._blocks;
    }

    /// <summary>All blocks as one, with the same activations.</summary>
    public static GeneratorBlock Join(IReadOnlyList<(ParameterBlock Block, int[] Variables)> blocks, int dimension)
    {
        int count = blocks.Sum(b => b.Block.ActivationCount);
        long entries = (long)count * dimension;
        if (entries > Array.MaxLength / sizeof(double))
        {
            throw new InvalidOperationException(
                $"The dense form would be a matrix of {count} x {dimension}; choose {nameof(PolyhedralForm)}.{nameof(PolyhedralForm.Structured)}.");
        }

        var matrix = new double[entries];
        var offset = new double[dimension];
        var segments = new List<GeneratorSegment>();
        int row = 0, firstGroup = 0;
        foreach ((ParameterBlock block, int[] variables) in blocks)
        {
            double[] own = block.Offset;
            for (int i = 0; i < own.Length; i++)
                offset[variables[i]] = own[i];
            int groups = 1;
            foreach ((GeneratorKind kind, int group, double[] generator) in block.Generators)
            {
                for (int i = 0; i < generator.Length; i++)
                    matrix[(long)row * dimension + variables[i]] = generator[i];
                groups = Math.Max(groups, group + 1);
                if (segments.Count > 0 && segments[^1] is var last && last.Kind == kind && last.Group == firstGroup + group)
                    segments[^1] = last with { Count = last.Count + 1 };
                else
                    segments.Add(new GeneratorSegment(kind, firstGroup + group, row, 1));
                row++;
            }

            firstGroup += groups;
        }

        return new GeneratorBlock(offset, matrix, [.. segments]);
    }

    private bool TrySplit()
    {
        int n = _set.Dimension;
        int[] root = [.. Enumerable.Range(0, n)];
        var mentioned = new bool[n];
        foreach ((double[] normal, _) in _set.Equalities.Concat(_set.Inequalities))
            Unite(root, mentioned, normal);

        List<int> free = [.. Enumerable.Range(0, n).Where(i => !mentioned[i])];
        if (free.Count > 0)
            _blocks.Add((new FreeBlock(free.Count), [.. free]));
        Dictionary<int, List<(double[] Normal, double Offset)>> equalities = ByComponent(root, _set.Equalities);
        Dictionary<int, List<(double[] Normal, double Offset)>> inequalities = ByComponent(root, _set.Inequalities);
        var single = new List<(int Variable, double Lower, double Upper)>();
        foreach (IGrouping<int, int> component in Enumerable.Range(0, n).Where(i => mentioned[i]).GroupBy(i => Find(root, i)))
        {
            int[] variables = [.. component];
            List<(double[] Normal, double Offset)> fixedRows = equalities.GetValueOrDefault(component.Key) ?? [];
            List<(double[] Normal, double Offset)> rows = inequalities.GetValueOrDefault(component.Key) ?? [];
            if (variables.Length == 1 && fixedRows.Count == 0 && Bounds(rows, variables[0]) is { } bounds && bounds.Lower < bounds.Upper)
                single.Add((variables[0], bounds.Lower, bounds.Upper));
            else if (!TryAddBlock(variables, fixedRows, rows))
                return false;
        }

        AddSingles(single);
        return true;
    }

    private void AddSingles(List<(int Variable, double Lower, double Upper)> single)
    {
        (int Variable, double Lower, double Upper)[] both = [.. single.Where(s => double.IsFinite(s.Lower) && double.IsFinite(s.Upper))];
        if (both.Length > 0)
            _blocks.Add((new IntervalBlock([.. both.Select(s => s.Lower)], [.. both.Select(s => s.Upper)]), [.. both.Select(s => s.Variable)]));
        (int Variable, double Lower, double Upper)[] one = [.. single.Except(both)];
        if (one.Length > 0)
        {
            double[] bounds = [.. one.Select(s => double.IsFinite(s.Lower) ? s.Lower : s.Upper)];
            double[] signs = [.. one.Select(s => double.IsFinite(s.Lower) ? 1.0 : -1.0)];
            _blocks.Add((new HalfLineBlock(bounds, signs), [.. one.Select(s => s.Variable)]));
        }
    }

    private bool TryAddBlock(
        int[] variables, List<(double[] Normal, double Offset)> equalities, List<(double[] Normal, double Offset)> inequalities)
    {
        var local = new HalfspaceSet(variables.Length);
        foreach ((double[] normal, double offset) in equalities)
            local.AddEquality([.. variables.Select(v => normal[v])], offset);
        foreach ((double[] normal, double offset) in inequalities)
            local.AddInequality([.. variables.Select(v => normal[v])], offset);

        IndependentRows? closed = IndependentRows.TryCreate(local);
        int s = variables.Length;
        if (closed is not null && (2 * closed.Count <= s || s <= 4))
        {
            _blocks.Add((new ReflectorBlock(closed), variables));
            return true;
        }

        GeneratorSet generators = closed?.ToGenerators() ??
            DoubleDescription.ToGenerators(local, _settings.Arithmetic, _settings.GeneratorLimit, _cancellation);
        if (generators.IsEmpty)
            return false;
        _blocks.Add((FromGenerators(generators), variables));
        return true;
    }

    /// <summary>
    /// Lines become orthonormal and everything else is put at right angles to them, so that no coefficient has to undo another.
    /// The only vertex of a cone needs no weight.
    /// </summary>
    private static GeneratorBlock FromGenerators(GeneratorSet set)
    {
        int n = set.Dimension;
        var lines = new OrthonormalBasis(n);
        foreach (double[] line in set.Lines)
            lines.TryAdd(line);
        double[][] vertices = [.. set.Vertices.Select(v => Across(lines, v))];
        double[][] rays = [.. set.Rays.Select(r => FloatingArithmetic.Normalize(Across(lines, r)))];
        var offset = vertices.Length == 1 ? vertices[0] : new double[n];
        double[][] weighted = vertices.Length == 1 ? [] : vertices;
        double[][] all = [.. weighted, .. rays, .. lines.Directions];
        if ((long)all.Length * n > Array.MaxLength / sizeof(double))
            throw new InvalidOperationException($"The set has {all.Length} generators in dimension {n}: too many for a matrix. Use a projection instead.");
        var segments = new List<GeneratorSegment>();
        void Add(GeneratorKind kind, int start, int count)
        {
            if (count > 0)
                segments.Add(new GeneratorSegment(kind, 0, start, count));
        }

        Add(GeneratorKind.Vertex, 0, weighted.Length);
        Add(GeneratorKind.Ray, weighted.Length, rays.Length);
        Add(GeneratorKind.Line, weighted.Length + rays.Length, lines.Count);
        var matrix = new double[all.Length * n];
        for (int i = 0; i < all.Length; i++)
            all[i].CopyTo(matrix, i * n);
        return new GeneratorBlock(offset, matrix, [.. segments]);
    }

    private static double[] Across(OrthonormalBasis lines, double[] vector)
    {
        double[] result = (double[])vector.Clone();
        if (lines.Count > 0)
            lines.Remove(result);
        return result;
    }

    private static (double Lower, double Upper)? Bounds(List<(double[] Normal, double Offset)> rows, int variable)
    {
        double lower = double.NegativeInfinity, upper = double.PositiveInfinity;
        foreach ((double[] normal, double offset) in rows)
        {
            double bound = offset / normal[variable];
            if (!double.IsFinite(bound))
                return null;
            if (normal[variable] > 0)
                upper = Math.Min(upper, bound);
            else
                lower = Math.Max(lower, bound);
        }

        return (lower, upper);
    }

    private static void Unite(int[] root, bool[] mentioned, double[] normal)
    {
        int first = -1;
        for (int i = 0; i < normal.Length; i++)
        {
            if (normal[i] == 0)
                continue;
            mentioned[i] = true;
            first = first < 0 ? Find(root, i) : first;

            // The least index leads, so that components come in the order of their first variables.
            int other = Find(root, i);
            (int lead, int follow) = first < other ? (first, other) : (other, first);
            root[follow] = lead;
            first = lead;
        }
    }

    private static int Find(int[] root, int index)
    {
        while (root[index] != index)
            index = root[index] = root[root[index]];
        return index;
    }

    private static Dictionary<int, List<(double[] Normal, double Offset)>> ByComponent(
        int[] root, IReadOnlyList<(double[] Normal, double Offset)> rows) =>
        rows.GroupBy(r => Find(root, Array.FindIndex(r.Normal, v => v != 0))).ToDictionary(g => g.Key, g => g.ToList());
}
