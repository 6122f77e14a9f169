using System;

namespace Microsoft.ML.Constrained;

/// <summary>
/// What <see cref="Projector"/> keeps of a batch for its vector-Jacobian product: inputs, results and active constraints. One object may
/// serve any number of batches, one after another; its memory grows to the largest.
/// </summary>
public sealed class ProjectionTape
{
    private double[] _input = [];
    private double[] _parameters = [];
    private double[] _output = [];
    private double[] _state = [];
    private SolverStatus[] _status = [];
    private int _dimension;
    private int _columns;
    private int _stateLength;

    /// <summary>Rows of the last batch.</summary>
    public int Rows { get; private set; }

    /// <summary>The status of each row.</summary>
    public ReadOnlySpan<SolverStatus> Statuses => _status.AsSpan(0, Rows);

    internal Projector? Owner { get; private set; }

    internal void Reserve(Projector owner, int rows, int dimension, int columns, int stateLength)
    {
        Owner = owner;
        Rows = rows;
        _dimension = dimension;
        _columns = columns;
        _stateLength = stateLength;
        Grow(ref _input, rows * dimension);
        Grow(ref _output, rows * dimension);
        Grow(ref _parameters, rows * columns);
        Grow(ref _state, rows * stateLength);
        if (_status.Length < rows)
            _status = new SolverStatus[rows];
    }

    internal Span<double> Input(int row) => _input.AsSpan(row * _dimension, _dimension);

    internal Span<double> Output(int row) => _output.AsSpan(row * _dimension, _dimension);

    internal Span<double> Parameters(int row) => _parameters.AsSpan(row * _columns, _columns);

    internal Span<double> State(int row) => _state.AsSpan(row * _stateLength, _stateLength);

    internal ref SolverStatus Status(int row) => ref _status[row];

    private static void Grow(ref double[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new double[length];
    }
}
