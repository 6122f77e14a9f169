using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained;

/// <summary>
/// A map from unconstrained activations onto a polyhedron {y : Ay ≤ b, Ey = f}, so that what comes out satisfies the constraints
/// by construction and no projection is needed: y = Vᵀ softmax(α) + Rᵀ|μ| + Lᵀν over the polyhedron's vertices, rays and lines
/// (Frerix, Niessner, Cremers, "Homogeneous Linear Inequality Constraints for Neural Network Activations", 2020, for cones; the
/// vertices by the usual lifting). Softmax weights are positive, so faces without a ray are approached and not reached.
/// </summary>
/// <remarks>
/// Variables that share no constraint are parameterised apart, each group with a softmax of its own: the cube in n dimensions
/// takes 2n activations and not 2ⁿ. Results are computed in double precision whatever goes in and out, and do not depend on the
/// number of rows or threads. Safe to use from any number of threads at once.
/// </remarks>
public sealed partial class PolyhedralParameterization
{
    private readonly PolyhedralSettings _settings;
    private readonly ParameterBlock[] _blocks;
    private readonly VariableOrder _order;
    private readonly PolyhedralActivation[] _activations;
    private readonly int _rowsAtOnce, _scratchCount;
    private readonly long _work;

    /// <summary>Finds the generators of the set that constraints state.</summary>
    /// <param name="constraints">Linear constraints whose right-hand sides refer to no columns.</param>
    /// <param name="settings">Activation, box, form and limits; defaults where null.</param>
    /// <param name="cancellation">Stops the search for generators.</param>
    /// <exception cref="ArgumentException">A constraint is not linear or depends on a column; the message names it.</exception>
    /// <exception cref="InvalidOperationException">No point satisfies the constraints (the message names a conflict), or there are too many generators.</exception>
    public PolyhedralParameterization(ConstraintSet constraints, PolyhedralSettings? settings = null, CancellationToken cancellation = default)
        : this(ToHalfspaces(constraints), constraints, Checked(settings), cancellation)
    {
    }

    /// <summary>Finds the generators of a set of half-spaces.</summary>
    /// <param name="set">The half-spaces and hyperplanes.</param>
    /// <param name="settings">Activation, box, form and limits; defaults where null.</param>
    /// <param name="cancellation">Stops the search for generators.</param>
    /// <exception cref="InvalidOperationException">The set is empty, or has more generators than the limit.</exception>
    public PolyhedralParameterization(HalfspaceSet set, PolyhedralSettings? settings = null, CancellationToken cancellation = default)
        : this(set, null, Checked(settings), cancellation)
    {
    }

    private PolyhedralParameterization(HalfspaceSet set, ConstraintSet? constraints, PolyhedralSettings settings, CancellationToken cancellation)
        : this(Build(set, constraints, settings, cancellation), settings)
    {
    }

    private PolyhedralParameterization(List<(ParameterBlock Block, int[] Variables)> blocks, PolyhedralSettings settings)
    {
        _settings = settings;
        _blocks = [.. blocks.Select(b => b.Block)];
        _order = new VariableOrder([.. blocks.SelectMany(b => b.Variables)]);
        Dimension = _order.Variables.Length;
        var activations = new List<PolyhedralActivation>();
        int firstGroup = 0, firstVariable = 0;
        foreach (ParameterBlock block in _blocks)
        {
            (block.FirstVariable, block.FirstActivation) = (firstVariable, activations.Count);
            int groups = 1;
            foreach ((GeneratorKind kind, int group, _) in block.Generators)
            {
                activations.Add(new PolyhedralActivation(kind, firstGroup + group));
                groups = Math.Max(groups, group + 1);
            }

            firstGroup += groups;
            firstVariable += block.Size;
        }

        _activations = [.. activations];
        Activations = Array.AsReadOnly(_activations);
        _scratchCount = _blocks.Max(b => b.ScratchCount);
        _work = _blocks.Sum(b => b.Work) + 2L * (ActivationCount + Dimension);

        // Rows that are worked on together stay in the nearest cache, unless reading a great matrix less often is worth more.
        int cached = (int)Math.Clamp(CacheBytes / (sizeof(double) * ((long)ActivationCount + Dimension + _scratchCount + 1)), 1, 256);
        _rowsAtOnce = Math.Max(cached, _blocks.Max(b => b.PreferredRows));
        Form = _blocks is [GeneratorBlock] ? PolyhedralForm.Dense : PolyhedralForm.Structured;
    }

    /// <summary>n, the number of variables.</summary>
    public int Dimension { get; }

    /// <summary>The number of activations that a row takes.</summary>
    public int ActivationCount => _activations.Length;

    /// <summary>What each activation stands for. All activations of a group stand together.</summary>
    public IReadOnlyList<PolyhedralActivation> Activations { get; }

    /// <summary>The form that is evaluated: <see cref="PolyhedralForm.Dense"/> or <see cref="PolyhedralForm.Structured"/>.</summary>
    public PolyhedralForm Form { get; }

    /// <summary>How coefficients of rays are made non-negative.</summary>
    public RayActivation RayActivation => _settings.RayActivation;

    /// <summary>Half-width of the box that results are scaled into; null where there is none.</summary>
    public double? BoxRadius => _settings.BoxRadius;

    /// <summary>The parts, in the order of activations.</summary>
    internal IReadOnlyList<ParameterBlock> Blocks => _blocks;

    /// <summary>For each place in the order of blocks, its variable.</summary>
    internal VariableOrder Order => _order;

    /// <summary>The point that belongs to coefficients that are all zero: the vertices that are alone in their group; n values.</summary>
    public double[] Offset()
    {
        var result = new double[Dimension];
        foreach (ParameterBlock block in _blocks)
            Place(block, block.Offset, result);
        return result;
    }

    /// <summary>The generators that the activations multiply, ActivationCount × n, row-major. Rays have unit length, lines are orthonormal.</summary>
    public double[] Generators()
    {
        var result = new double[checked(ActivationCount * Dimension)];
        foreach (ParameterBlock block in _blocks)
        {
            int row = block.FirstActivation;
            foreach ((_, _, double[] generator) in block.Generators)
                Place(block, generator, result.AsSpan(row++ * Dimension, Dimension));
        }

        return result;
    }

    /// <summary>The numbers of activations and variables.</summary>
    public override string ToString() =>
        $"{_activations.Count(a => a.Kind == GeneratorKind.Vertex)} vertices, {_activations.Count(a => a.Kind == GeneratorKind.Ray)} rays, " +
        $"{_activations.Count(a => a.Kind == GeneratorKind.Line)} lines in {_blocks.Length} blocks over {Dimension} variables";

    private void Place(ParameterBlock block, double[] values, Span<double> target)
    {
        for (int i = 0; i < values.Length; i++)
            target[_order.Variables[block.FirstVariable + i]] = values[i];
    }

    private static HalfspaceSet ToHalfspaces(ConstraintSet constraints)
    {
        ArgumentNullException.ThrowIfNull(constraints);
        if (constraints.Columns.Count > 0)
        {
            throw new ArgumentException(
                $"The right-hand sides refer to {string.Join(", ", constraints.Columns.Select(c => $"'@{c}'"))}, so the set differs from row to row and " +
                "cannot be parameterised once. Give constants, or use a projection.",
                nameof(constraints));
        }

        return new HalfspaceSet(constraints);
    }

    private static PolyhedralSettings Checked(PolyhedralSettings? settings)
    {
        settings ??= new PolyhedralSettings();
        settings.Validate();
        return new PolyhedralSettings
        {
            RayActivation = settings.RayActivation,
            BoxRadius = settings.BoxRadius,
            Form = settings.Form,
            Arithmetic = settings.Arithmetic,
            GeneratorLimit = settings.GeneratorLimit,
        };
    }

    private static List<(ParameterBlock Block, int[] Variables)> Build(
        HalfspaceSet set, ConstraintSet? constraints, PolyhedralSettings settings, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (settings.BoxRadius is not null)
            CheckOrigin(set);
        List<(ParameterBlock Block, int[] Variables)> blocks = ParameterBlockBuilder.Build(set, settings, cancellation) ?? throw Empty(constraints);
        return settings.Form == PolyhedralForm.Dense
            ? [(ParameterBlockBuilder.Join(blocks, set.Dimension), [.. Enumerable.Range(0, set.Dimension)])]
            : blocks;
    }

    private static InvalidOperationException Empty(ConstraintSet? constraints)
    {
        IReadOnlyList<string> conflict = constraints?.FindConflict() ?? [];
        string reason = conflict.Count == 0 ? "" : $": {string.Join(", ", conflict.Select(c => $"'{c}'"))} contradict each other";
        return new InvalidOperationException(
            $"No point satisfies the constraints, so there is nothing to parameterise{reason}. Loosen or remove one of them.");
    }

    private static void CheckOrigin(HalfspaceSet set)
    {
        if (set.Inequalities.Any(r => r.Offset < 0) || set.Equalities.Any(r => r.Offset != 0))
        {
            throw new ArgumentException(
                $"'{nameof(BoxRadius)}' scales points towards the origin, which is not in the set. State the box as bounds instead.", nameof(set));
        }
    }
}
