using System;
using Microsoft.ML.Constrained.LinearAlgebra;
using Microsoft.ML.Constrained.Projections;

namespace Microsoft.ML.Constrained;

/// <content>Batches: forward and backward.</content>
public sealed partial class Projector
{
    private const int ClosedFormNumbers = 16384;
    private const int RowsToAChunk = 32;

    /// <summary>Projects a batch of rows.</summary>
    /// <param name="input">Rows × dimension values.</param>
    /// <param name="parameters">Rows × columns values of <see cref="ConstraintSet.Columns"/>; empty where there are none.</param>
    /// <param name="output">Receives rows × dimension values; may be the memory of <paramref name="input"/>.</param>
    /// <param name="statuses">Receives a status for each row; its length is the number of rows.</param>
    /// <param name="diagnostics">Receives what is found out about each row, or null.</param>
    /// <param name="tape">Receives what <see cref="Vjp"/> needs, or null.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    /// <exception cref="InvalidOperationException">The policy is <see cref="RowPolicy.Throw"/> and a row was not solved.</exception>
    public unsafe void Project(
        ReadOnlySpan<double> input,
        ReadOnlySpan<double> parameters,
        Span<double> output,
        Span<SolverStatus> statuses,
        ProjectionDiagnostics? diagnostics = null,
        ProjectionTape? tape = null)
    {
        CheckLengths(input.Length, parameters.Length, output.Length, statuses.Length);
        Reserve(statuses.Length, diagnostics, tape);
        fixed (double* y = input, theta = parameters, z = output)
        fixed (SolverStatus* status = statuses)
        {
            (nint y, nint theta, nint z, nint status) held = ((nint)y, (nint)theta, (nint)z, (nint)status);
            int n = Set.Dimension;
            int p = Set.Columns.Count;
            Run(statuses.Length, (row, w) =>
            {
                // A copy of the row, since the result may take its place before the diagnostics look at it.
                new ReadOnlySpan<double>((double*)held.y + ((long)row * n), n).CopyTo(w.Y);
                new ReadOnlySpan<double>((double*)held.theta + ((long)row * p), p).CopyTo(w.Parameters);
                var target = new Span<double>((double*)held.z + ((long)row * n), n);
                Span<double> state = tape is null ? w.State : tape.State(row);
                SolverStatus found = ProjectRow(w.Y, w.Parameters, target, state, w);
                Record(row, found, target, state, diagnostics, tape, w);
                ((SolverStatus*)held.status)[row] = found;
            });
        }

        ThrowIfAsked(statuses);
    }

    /// <inheritdoc cref="Project(ReadOnlySpan{double}, ReadOnlySpan{double}, Span{double}, Span{SolverStatus}, ProjectionDiagnostics, ProjectionTape)"/>
    public unsafe void Project(
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> parameters,
        Span<float> output,
        Span<SolverStatus> statuses,
        ProjectionDiagnostics? diagnostics = null,
        ProjectionTape? tape = null)
    {
        CheckLengths(input.Length, parameters.Length, output.Length, statuses.Length);

        // In place a row that turns out not to be finite would be lost before the policy can keep it.
        if (_single.Exists && diagnostics is null && tape is null && !input.Overlaps(output))
        {
            _single.Project(input, Set.Dimension, output, statuses, _threads, Unsolved);
            ThrowIfAsked(statuses);
            return;
        }

        Reserve(statuses.Length, diagnostics, tape);
        fixed (float* y = input, theta = parameters, z = output)
        fixed (SolverStatus* status = statuses)
        {
            (nint y, nint theta, nint z, nint status) held = ((nint)y, (nint)theta, (nint)z, (nint)status);
            int n = Set.Dimension;
            int p = Set.Columns.Count;
            Run(statuses.Length, (row, w) =>
            {
                Widen((float*)held.y + ((long)row * n), w.Y);
                Widen((float*)held.theta + ((long)row * p), w.Parameters);
                Span<double> state = tape is null ? w.State : tape.State(row);
                SolverStatus found = ProjectRowOfSingles(w.Y, w.Parameters, w.Z, state, w);
                Record(row, found, w.Z, state, diagnostics, tape, w);
                var target = new Span<float>((float*)held.z + ((long)row * n), n);
                for (int j = 0; j < n; j++)
                    target[j] = (float)w.Z[j];
                ((SolverStatus*)held.status)[row] = found;
            });
        }

        ThrowIfAsked(statuses);
    }

    /// <summary>
    /// The vector-Jacobian product of the batch on the tape: for ∂loss/∂output of each row, ∂loss/∂input and ∂loss/∂parameters.
    /// Where the projection has a kink, an element of its generalised Jacobian is used; dependent active constraints get no share of
    /// their own; nothing becomes NaN for a finite gradient. Rows that were not solved: as their policy treated them — the identity for
    /// <see cref="RowPolicy.KeepInput"/>, the projection onto the relaxed set for <see cref="RowPolicy.Closest"/> (their parameters get
    /// 0), else 0.
    /// </summary>
    /// <param name="tape">The tape that <see cref="Project(ReadOnlySpan{double}, ReadOnlySpan{double}, Span{double}, Span{SolverStatus}, ProjectionDiagnostics, ProjectionTape)"/>
    /// of this object filled last.</param>
    /// <param name="gradient">Rows × dimension values.</param>
    /// <param name="inputGradient">Receives rows × dimension values.</param>
    /// <param name="parameterGradient">Receives rows × columns values; empty where they are not wanted.</param>
    /// <exception cref="ArgumentException">A length does not fit the tape, or the tape is of another projector.</exception>
    public unsafe void Vjp(
        ProjectionTape tape, ReadOnlySpan<double> gradient, Span<double> inputGradient, Span<double> parameterGradient = default)
    {
        ArgumentNullException.ThrowIfNull(tape);
        if (!ReferenceEquals(tape.Owner, this))
            throw new ArgumentException("The tape was not filled by this projector. Give the tape of this projector's last batch.", nameof(tape));
        Check(gradient.Length, tape.Rows, Set.Dimension, nameof(gradient));
        Check(inputGradient.Length, tape.Rows, Set.Dimension, nameof(inputGradient));
        if (!parameterGradient.IsEmpty)
            Check(parameterGradient.Length, tape.Rows, Set.Columns.Count, nameof(parameterGradient));
        fixed (double* g = gradient, toInput = inputGradient, toParameters = parameterGradient)
        {
            (nint g, nint input, nint parameters) held = ((nint)g, (nint)toInput, (nint)toParameters);
            int n = Set.Dimension;
            int p = Set.Columns.Count;
            Run(tape.Rows, (row, w) =>
            {
                var to = new Span<double>((double*)held.parameters + ((long)row * p), held.parameters == 0 ? 0 : p);
                new ReadOnlySpan<double>((double*)held.g + ((long)row * n), n).CopyTo(w.Scratch);
                VjpOfRow(tape, row, w.Scratch, new Span<double>((double*)held.input + ((long)row * n), n), to, w);
            });
        }
    }

    /// <summary>
    /// One row that was given, and is wanted, in single precision; all spans hold its values as doubles. Where whole batches have a method
    /// in single precision, so has every row: what else is asked for does not change its bits.
    /// </summary>
    private SolverStatus ProjectRowOfSingles(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, ProjectorWorkspace w)
    {
        SolverStatus status;
        if (_single.Exists)
        {
            Span<float> from = w.SingleY, to = w.SingleZ;
            for (int j = 0; j < from.Length; j++)
                from[j] = (float)y[j];
            status = _single.Project(from, to);
            if (status != SolverStatus.Solved)
                Unsolved(from, to);
            for (int j = 0; j < to.Length; j++)
                z[j] = to[j];
            return status;
        }

        status = ProjectRow(y, parameters, z, state, w);
        if (status != SolverStatus.Solved)
            return status;
        foreach (double value in z)
        {
            if (float.IsFinite((float)value))
                continue;

            // A bound beyond the range of single precision.
            if (_policy == RowPolicy.KeepInput)
                y.CopyTo(z);
            else
                z.Fill(double.NaN);
            return SolverStatus.NumericalError;
        }

        return status;
    }

    private void Record(
        int row, SolverStatus status, ReadOnlySpan<double> z, ReadOnlySpan<double> state, ProjectionDiagnostics? diagnostics, ProjectionTape? tape, ProjectorWorkspace w)
    {
        if (diagnostics is not null)
            Diagnose(row, status, w.Y, w.Parameters, z, state, diagnostics, w);
        if (tape is not null)
        {
            w.Y.CopyTo(tape.Input(row));
            w.Parameters.CopyTo(tape.Parameters(row));
            z.CopyTo(tape.Output(row));
            tape.Status(row) = status;
        }
    }

    private void VjpOfRow(ProjectionTape tape, int row, ReadOnlySpan<double> gradient, Span<double> input, Span<double> parameters, ProjectorWorkspace w)
    {
        SolverStatus status = tape.Status(row);
        if (status == SolverStatus.Solved)
        {
            _route.Adjoint(tape.Input(row), tape.Parameters(row), tape.Output(row), tape.State(row), gradient, input, parameters, w.Route);
            return;
        }

        parameters.Clear();
        input.Clear();
        if (_policy == RowPolicy.KeepInput)
        {
            gradient.CopyTo(input);
        }
        else if (_policy == RowPolicy.Closest && status == SolverStatus.PrimalInfeasible)
        {
            // Rare enough to be solved again.
            ProjectionRoute general = General;
            double[] state = w.GeneralState(general);
            object workspace = w.General(general);
            if (general.Closest(tape.Input(row), tape.Parameters(row), w.Z, state, workspace))
                general.Adjoint(tape.Input(row), tape.Parameters(row), w.Z, state, gradient, input, default, workspace);
        }
    }

    /// <summary>What the policy makes of a row of a set that is known not to be empty.</summary>
    private void Unsolved(ReadOnlySpan<float> y, Span<float> z)
    {
        if (_policy == RowPolicy.KeepInput)
            y.CopyTo(z);
        else
            z.Fill(float.NaN);
    }

    private unsafe void Run(int rows, Action<int, ProjectorWorkspace> body)
    {
        int chunk = Method == ProjectionMethod.ClosedForm ? Math.Clamp(ClosedFormNumbers / Math.Max(Set.Dimension, 1), 1, 1024) : RowsToAChunk;
        RowChunks.Run(rows, chunk, _threads, (first, count, _) =>
        {
            ProjectorWorkspace workspace = Rent();
            for (int row = first; row < first + count; row++)
                body(row, workspace);
            Return(workspace);
        });
    }

    private void Reserve(int rows, ProjectionDiagnostics? diagnostics, ProjectionTape? tape)
    {
        diagnostics?.Reserve(rows, Set.Constraints.Count);
        tape?.Reserve(this, rows, Set.Dimension, Set.Columns.Count, _route.StateLength);
    }

    private static unsafe void Widen(float* source, double[] target)
    {
        for (int j = 0; j < target.Length; j++)
            target[j] = source[j];
    }

    private void CheckLengths(int input, int parameters, int output, int rows)
    {
        Check(input, rows, Set.Dimension, nameof(input));
        Check(parameters, rows, Set.Columns.Count, nameof(parameters));
        Check(output, rows, Set.Dimension, nameof(output));
    }

    private static void Check(int length, int rows, int columns, string name)
    {
        if (length != (long)rows * columns)
            throw new ArgumentException($"'{name}' has {length} values, expected {rows} rows of {columns}.", name);
    }

    private void ThrowIfAsked(ReadOnlySpan<SolverStatus> statuses)
    {
        if (_policy != RowPolicy.Throw)
            return;
        int row = statuses.IndexOfAnyExcept(SolverStatus.Solved);
        if (row >= 0)
        {
            throw new InvalidOperationException(
                $"Row {row} has no projection: {statuses[row]}. Choose another {nameof(RowPolicy)} to get a result with that status instead.");
        }
    }
}
