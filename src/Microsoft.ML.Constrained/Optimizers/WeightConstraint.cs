using System;
using System.IO;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// What <see cref="ConstrainedLangevin"/> keeps true of the weights of a parameter group. Immutable; the constraints of Leimkuhler, Pouchon,
/// Vlaar and Storkey 2021 (circle, orthogonality), rows of fixed length, and linear constraints on small tensors.
/// </summary>
public sealed class WeightConstraint
{
    private WeightConstraint(WeightConstraintKind kind) => Kind = kind;

    /// <summary>No constraint: ordinary Langevin dynamics, gradient descent at temperature 0.</summary>
    public static WeightConstraint None { get; } = new(WeightConstraintKind.None);

    /// <summary>Which constraint.</summary>
    public WeightConstraintKind Kind { get; }

    /// <summary>The radius of circles, or the length of rows; 0 for the other kinds.</summary>
    public double Radius { get; private init; }

    /// <summary>Whether initial weights beyond their circle are scaled into it; otherwise they are an error.</summary>
    public bool ScaleInitialWeights { get; private init; }

    /// <summary>
    /// Largest element of |WᵀW − I| at which the iteration back to orthonormality ends; 0 stands for 5e-7 in float32 and 1e-13 in float64.
    /// </summary>
    public double Tolerance { get; private init; }

    /// <summary>Most iterations of one drift back to orthonormality.</summary>
    public int MaxIterations { get; private init; }

    /// <summary>The set of a polyhedral constraint, otherwise null.</summary>
    public ConstraintSet? Set => Projector?.Set;

    internal Projector? Projector { get; private init; }

    /// <summary>|w| ≤ <paramref name="radius"/> for each weight of the group's tensors.</summary>
    /// <param name="radius">r, above 0. The paper takes 0.05 for a net's first weights and 0.1 for the others.</param>
    /// <param name="scaleInitialWeights">
    /// Whether a tensor with an initial weight beyond r is scaled so that its largest is 0.95 r; otherwise that is an error.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The radius is not a positive number.</exception>
    public static WeightConstraint Circle(double radius, bool scaleInitialWeights = false) =>
        new(WeightConstraintKind.Circle) { Radius = Positive(radius, nameof(radius)), ScaleInitialWeights = scaleInitialWeights };

    /// <summary>
    /// Orthonormal columns where a weight has at least as many rows as columns, else orthonormal rows; a convolution kernel counts as
    /// outputs × everything else. Initial weights become the Q of their QR factorisation.
    /// </summary>
    /// <param name="tolerance">Largest element of |WᵀW − I| to iterate to; 0 for 5e-7 in float32 and 1e-13 in float64.</param>
    /// <param name="maxIterations">Most iterations of a drift; where they do not suffice, the weights become the nearest orthonormal matrix.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite, or there are no iterations.</exception>
    public static WeightConstraint Orthogonal(double tolerance = 0, int maxIterations = 30)
    {
        if (!(tolerance >= 0 && double.IsFinite(tolerance)))
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "Expected a number of at least 0.");
        ArgumentOutOfRangeException.ThrowIfLessThan(maxIterations, 1);
        return new(WeightConstraintKind.Orthogonal) { Tolerance = tolerance, MaxIterations = maxIterations };
    }

    /// <summary>Each row (the weights into one unit, or one convolution kernel) has a given Euclidean length. Initial rows are scaled to it.</summary>
    /// <param name="radius">The length, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not a positive number.</exception>
    public static WeightConstraint Sphere(double radius = 1) => new(WeightConstraintKind.Sphere) { Radius = Positive(radius, nameof(radius)) };

    /// <summary>
    /// The elements of each tensor, in order, lie in a set: a step that leaves it is projected back, and what was cut off is taken from
    /// the momentum. Exact for optimisation; as a sampler it puts mass on the boundary. For small tensors.
    /// </summary>
    /// <param name="set">Constraints without columns, over as many variables as each tensor has elements.</param>
    /// <exception cref="ArgumentException">The set has columns.</exception>
    public static WeightConstraint Polyhedral(ConstraintSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (set.Columns.Count > 0)
            throw new ArgumentException($"Constraints on weights cannot take right-hand sides from columns; these use {string.Join(", ", set.Columns)}.", nameof(set));
        return new(WeightConstraintKind.Polyhedral) { Projector = new Projector(set, new ProjectorOptions { Threads = 1, Policy = RowPolicy.KeepInput }) };
    }

    /// <inheritdoc/>
    public override string ToString() => Kind is WeightConstraintKind.Circle or WeightConstraintKind.Sphere
        ? FormattableString.Invariant($"{Kind}({Radius})")
        : Kind.ToString();

    internal void Save(BinaryWriter writer)
    {
        writer.Write((byte)Kind);
        writer.Write(Radius);
    }

    internal void CheckSaved(BinaryReader reader)
    {
        var kind = (WeightConstraintKind)reader.ReadByte();
        double radius = reader.ReadDouble();
        if (kind != Kind || radius != Radius)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"The saved optimizer has the constraint {kind} with radius {radius} where this one has {Kind} with radius {Radius}; build it as it was saved."));
        }
    }

    private static double Positive(double value, string name) => value > 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Expected a positive number.");
}
