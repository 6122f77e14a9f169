using System;
using System.IO;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// What <see cref="ConstrainedLangevin"/> keeps true of the weights of a parameter group. Immutable; the constraints of Leimkuhler, Pouchon,
/// Vlaar and Storkey 2021 (circle, orthogonality), rows of fixed length, and linear constraints on small tensors.
/// </summary>
public sealed class WeightConstraint
{
    private const int LongestDescription = 200;

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
    public override string ToString() => Describe(Kind, Radius, Tolerance, MaxIterations, Set);

    /// <summary>Whether both keep the same true, as exactly; what they do with initial weights does not count.</summary>
    internal bool Agrees(WeightConstraint other) => ReferenceEquals(this, other)
        || (Kind == other.Kind && Radius == other.Radius && Tolerance == other.Tolerance && MaxIterations == other.MaxIterations && Equals(Set, other.Set));

    /// <summary>Kind, radius, tolerance, most iterations, and where there is one the set.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write((byte)Kind);
        writer.Write(Radius);
        writer.Write(Tolerance);
        writer.Write(MaxIterations);
        Set?.Write(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote, which has to be this constraint.</summary>
    internal void CheckSaved(BinaryReader reader)
    {
        var kind = (WeightConstraintKind)reader.ReadByte();
        (double radius, double tolerance, int iterations) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt32());
        ConstraintSet? set = null;
        try
        {
            if (kind == WeightConstraintKind.Polyhedral)
                set = ConstraintSet.Read(reader);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"The constraint of the saved optimizer cannot be read: {e.Message}", e);
        }

        if (kind != Kind || radius != Radius || tolerance != Tolerance || iterations != MaxIterations || !Equals(set, Set))
            throw Differs(Describe(kind, radius, tolerance, iterations, set));
    }

    /// <summary>Fails where the constraint of a saved optimizer is another one.</summary>
    internal void CheckSaved(WeightConstraint saved)
    {
        if (!Agrees(saved))
            throw Differs(saved.ToString());
    }

    private static string Describe(WeightConstraintKind kind, double radius, double tolerance, int iterations, ConstraintSet? set)
    {
        string inner = kind switch
        {
            WeightConstraintKind.Circle or WeightConstraintKind.Sphere => FormattableString.Invariant($"({radius})"),
            WeightConstraintKind.Orthogonal => FormattableString.Invariant($"(tolerance {tolerance}, {iterations} iterations)"),
            WeightConstraintKind.Polyhedral => $"({set})",
            _ => "",
        };
        string text = (kind + inner).Replace("\n", "; ", StringComparison.Ordinal);
        return text.Length <= LongestDescription ? text : text[..LongestDescription] + "…";
    }

    private InvalidDataException Differs(string saved) =>
        new($"The saved optimizer has the constraint {saved} where this one has {this}; build it as it was saved.");

    private static double Positive(double value, string name) => value > 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Expected a positive number.");
}
