using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>Sets whose constraints have closed forms and share no variable: each on its own. A row needs no state.</summary>
internal sealed class ClosedFormRoute : ProjectionRoute
{
    private readonly ClosedFormPiece[] _pieces;
    private readonly ClosedFormPiece? _whole;
    private readonly int _longest;

    private ClosedFormRoute(ClosedFormPiece[] pieces, int dimension)
    {
        _pieces = pieces;
        foreach (ClosedFormPiece piece in pieces)
            _longest = Math.Max(_longest, piece.Variables.Length);
        if (pieces.Length == 1 && pieces[0].Variables.Length == dimension && InOrder(pieces[0].Variables))
            _whole = pieces[0];
    }

    public override int StateLength => 0;

    /// <summary>The one piece that takes whole rows as they are, if so.</summary>
    public ClosedFormPiece? Whole => _whole;

    /// <summary>The route for a set, or null where it has none.</summary>
    public static ClosedFormRoute? Create(ConstraintSet set, ReadOnlySpan<double> weights)
    {
        var used = new bool[set.Dimension];
        var pieces = new List<ClosedFormPiece>();
        foreach (Constraint constraint in set.Constraints)
        {
            foreach (int variable in constraint.VariableSpan)
            {
                if (used[variable])
                    return null;
                used[variable] = true;
            }

            ClosedFormPiece? piece = ClosedFormPiece.Create(constraint, weights);
            if (piece is null)
                return null;
            pieces.Add(piece);
        }

        return new([.. pieces], set.Dimension);
    }

    public override object CreateWorkspace() => new Workspace(_longest);

    public override SolverStatus Project(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace)
    {
        if (_whole is not null)
            return _whole.Project(y, parameters, z);
        var w = (Workspace)workspace;
        y.CopyTo(z);
        foreach (ClosedFormPiece piece in _pieces)
        {
            Span<double> from = Gather(y, piece, w.Y);
            Span<double> to = w.Z.AsSpan(0, from.Length);
            SolverStatus status = piece.Project(from, parameters, to);
            if (status != SolverStatus.Solved)
                return status;
            for (int k = 0; k < to.Length; k++)
                z[piece.Variables[k]] = to[k];
        }

        return SolverStatus.Solved;
    }

    /// <summary>Empty sets are left to the general route, which every set has.</summary>
    public override bool Closest(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace) => false;

    public override void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient,
        object workspace)
    {
        parameterGradient.Clear();
        if (_whole is not null)
        {
            _whole.Adjoint(y, parameters, z, gradient, input, parameterGradient);
            return;
        }

        var w = (Workspace)workspace;
        gradient.CopyTo(input);
        foreach (ClosedFormPiece piece in _pieces)
        {
            Span<double> result = w.Scratch.AsSpan(0, piece.Variables.Length);
            piece.Adjoint(
                Gather(y, piece, w.Y), parameters, Gather(z, piece, w.Z), Gather(gradient, piece, w.Gradient), result, parameterGradient);
            for (int k = 0; k < result.Length; k++)
                input[piece.Variables[k]] = result[k];
        }
    }

    public override void Prices(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        Span<double> prices,
        object workspace)
    {
        var w = (Workspace)workspace;
        for (int i = 0; i < _pieces.Length; i++)
        {
            ClosedFormPiece piece = _pieces[i];
            Span<double> from = Gather(y, piece, w.Y);
            Span<double> to = Gather(z, piece, w.Z);
            Span<double> pull = w.Gradient.AsSpan(0, from.Length);
            piece.Pull(from, to, pull);
            prices[i] = piece.Price(from, parameters, to, pull, w.Scratch.AsSpan(0, from.Length));
        }
    }

    private static Span<double> Gather(ReadOnlySpan<double> row, ClosedFormPiece piece, double[] buffer)
    {
        Span<double> values = buffer.AsSpan(0, piece.Variables.Length);
        for (int k = 0; k < values.Length; k++)
            values[k] = row[piece.Variables[k]];
        return values;
    }

    private static bool InOrder(int[] variables)
    {
        for (int k = 0; k < variables.Length; k++)
        {
            if (variables[k] != k)
                return false;
        }

        return true;
    }

    private sealed class Workspace(int length)
    {
        public double[] Y { get; } = new double[length];

        public double[] Z { get; } = new double[length];

        public double[] Gradient { get; } = new double[length];

        public double[] Scratch { get; } = new double[length];
    }
}
