using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>
/// ‖z[I] − c‖ ≤ r(θ) (+ t): a ball, or with the variable t a second-order cone.
/// In the lowered form the L∞ ball is one unit row for each variable, everything else is one norm block.
/// </summary>
internal sealed class BallConstraint : Constraint
{
    private readonly int[] _inside;
    private readonly double[] _centre;
    private readonly Bound[] _radius;

    private BallConstraint(VariableSpace space, Norm norm, int[] inside, double[] centre, int height, Bound radius, string? name)
        : base(space, height < 0 ? inside : [.. inside, height], name)
    {
        NormKind = norm;
        Height = height;
        _inside = inside;
        _centre = centre;
        _radius = [radius];
        Text = MakeText();
    }

    public override ConstraintKind Kind => Height < 0 ? ConstraintKind.Ball : ConstraintKind.SecondOrderCone;

    public Norm NormKind { get; }

    /// <summary>Index of t, or −1 for a ball.</summary>
    public int Height { get; }

    /// <summary>Indices of the variables inside the norm, ascending.</summary>
    public ReadOnlySpan<int> Inside => _inside;

    /// <summary>The centre, one value for each of <see cref="Inside"/>.</summary>
    public ReadOnlySpan<double> Centre => _centre;

    /// <summary>r.</summary>
    public ref readonly ResolvedBound Radius => ref Resolved(0);

    internal override IReadOnlyList<Bound> RightHandSides => _radius;

    internal override int RowCount => NormKind == Norm.LInfinity ? _inside.Length : 0;

    internal override string Text { get; }

    // inside: Indices, each once; sorted here together with the centre.
    // centre: One value for each of them; empty for the origin.
    public static BallConstraint Ball(
        VariableSpace space, Norm norm, int[] inside, ReadOnlySpan<double> centre, Bound radius, string? name = null)
    {
        if (norm is not (Norm.L1 or Norm.L2 or Norm.LInfinity))
        {
            throw new ArgumentException(
                $"{Label(name, "ball")} is in the norm {(int)norm}. Use {nameof(Norm.L1)}, {nameof(Norm.L2)} or {nameof(Norm.LInfinity)}.");
        }

        string label = Label(name, $"{norm} ball");
        CheckNonnegative(radius, label, "a radius of");
        (int[] sorted, double[] values) = Sorted(inside, centre, label);
        return new BallConstraint(space, norm, sorted, values, -1, radius, name);
    }

    // height: Index of t, not among inside.
    // offset: r; a negative one is allowed, since t can make up for it.
    public static BallConstraint Cone(
        VariableSpace space, int[] inside, ReadOnlySpan<double> centre, int height, Bound offset, string? name = null)
    {
        string label = Label(name, "second-order cone");
        if (inside.Length == 0)
            throw new ArgumentException($"{label} has no variable inside its norm. Name at least one besides '{space.Names[height]}'.");
        if (inside.Contains(height))
            throw new ArgumentException($"{label} has the variable '{space.Names[height]}' on both sides. Leave it out of the norm.");
        CheckFinite(offset, label, "an offset of");
        (int[] sorted, double[] values) = Sorted(inside, centre, label);
        return new BallConstraint(space, Norm.L2, sorted, values, height, offset, name);
    }

    internal override double Measure(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters, double tolerance)
    {
        double radius = Radius.Evaluate(parameters);
        if (NormKind == Norm.LInfinity)
        {
            double worst = double.NegativeInfinity;
            for (int k = 0; k < _inside.Length; k++)
            {
                double value = z[_inside[k]];
                double limit = Math.Max(Math.Abs(_centre[k] - radius), Math.Abs(_centre[k] + radius));
                worst = Math.Max(worst, Excess(Math.Abs(value - _centre[k]) - radius, Math.Max(limit, Math.Abs(value)), tolerance));
            }

            return worst;
        }

        double height = Height < 0 ? 0 : z[Height];
        (double distance, double size) = Distance(z);
        return Excess(distance - radius - height, Math.Max(Math.Max(Math.Abs(radius), Math.Abs(height)), size), tolerance);
    }

    internal override void Lower(SystemWriter writer)
    {
        if (NormKind != Norm.LInfinity)
        {
            writer.Norm(NormKind, _inside, _centre, Height, Radius);
            return;
        }

        for (int k = 0; k < _inside.Length; k++)
        {
            writer.NextRow();
            writer.Coefficient(_inside[k], 1);
            writer.Lower(Radius, _centre[k], -1);
            writer.Upper(Radius, _centre[k], 1);
        }
    }

    private protected override bool SameNumbers(Constraint other)
    {
        BallConstraint ball = (BallConstraint)other;
        return NormKind == ball.NormKind && Height == ball.Height && _centre.AsSpan().SequenceEqual(ball._centre);
    }

    /// <summary>‖z[I] − c‖ in L1 or L2, and the larger of ‖z[I]‖ and ‖c‖ in the same norm; squares are scaled against overflow.</summary>
    private (double Distance, double Size) Distance(ReadOnlySpan<double> z)
    {
        double largest = 0;
        for (int k = 0; k < _inside.Length; k++)
            largest = Math.Max(largest, Math.Max(Math.Abs(z[_inside[k]]), Math.Abs(_centre[k])));
        if (largest == 0 || !double.IsFinite(largest))
            return (largest, largest);
        double unit = NormKind == Norm.L1 ? 1 : Math.ScaleB(1, Math.Clamp(Math.ILogB(largest), -1000, 1000));
        double distance = 0, point = 0, centre = 0;
        for (int k = 0; k < _inside.Length; k++)
        {
            double value = z[_inside[k]] / unit, middle = _centre[k] / unit, difference = value - middle;
            if (NormKind == Norm.L1)
            {
                distance += Math.Abs(difference);
                point += Math.Abs(value);
                centre += Math.Abs(middle);
            }
            else
            {
                distance += difference * difference;
                point += value * value;
                centre += middle * middle;
            }
        }

        return NormKind == Norm.L1
            ? (distance, Math.Max(point, centre))
            : (unit * Math.Sqrt(distance), unit * Math.Sqrt(Math.Max(point, centre)));
    }

    private static (int[] Variables, double[] Centre) Sorted(int[] inside, ReadOnlySpan<double> centre, string label)
    {
        double[] values = centre.IsEmpty ? new double[inside.Length] : CheckNumbers(centre, inside.Length, label, "centre values");
        int[] variables = inside.ToArray();
        Array.Sort(variables, values);
        return (variables, values);
    }

    private string MakeText()
    {
        string list = Space.ListText(_inside);
        if (Array.Exists(_centre, c => c != 0))
        {
            string[] parts = new string[_inside.Length];
            for (int k = 0; k < parts.Length; k++)
                parts[k] = Space.Quoted(_inside[k]) + Shift(-_centre[k]);
            list = string.Join(", ", parts);
        }

        string name = NormKind switch { Norm.L1 => "norm1", Norm.L2 => "norm2", _ => "norminf" };
        string radius = _radius[0].ToString();
        if (Height >= 0)
        {
            string offset = _radius[0] == 0 ? "" : radius[0] == '-' ? " - " + radius[1..] : " + " + radius;
            radius = Space.Quoted(Height) + offset;
        }

        return $"{name}({list}) <= {radius}";
    }

    private static string Shift(double value) =>
        value == 0 ? "" : (value < 0 ? " - " : " + ") + NameText.Number(Math.Abs(value));
}
