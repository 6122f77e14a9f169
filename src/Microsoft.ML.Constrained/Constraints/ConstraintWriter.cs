using System;
using System.IO;
using System.Text;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>Writes a set in the binary layout.</summary>
internal sealed class ConstraintWriter
{
    // Version 1: first.
    public const int Version = 1;

    public const byte AutomaticName = 1;
    public const byte HasSource = 2;

    private readonly BinaryWriter _writer;

    public ConstraintWriter(BinaryWriter writer) => _writer = writer;

    // *** Binary format *** (little-endian; string = int32 count of bytes, UTF-8)
    // int32: version
    // int32: number of variables; string: name of each
    // int32: number of constraints; for each:
    //   byte: kind (ConstraintKind)
    //   byte: 1 where the name was derived from the text, plus 2 where the user's own text follows at the end
    //   string: name
    //   int32: number of variables (those inside the norm for a cone); int32: index of each
    //   Bounds: byte: 1 where all variables have the same limits, else 0; then once, or for each variable, bound: lower; bound: upper
    //   Linear: double: coefficient of each variable; bound: lower; bound: upper; [string: text]
    //   Simplex: bound: sum. CappedSimplex: bound: sum; bound: cap
    //   Ball: byte: norm; double: centre of each variable; bound: radius
    //   SecondOrderCone: int32: index of the height; double: centre of each variable; bound: offset
    // bound = double: constant; int32: number of columns; for each, string: name; double: coefficient
    public void Write(ConstraintSet set)
    {
        _writer.Write(Version);
        _writer.Write(set.Dimension);
        foreach (string variable in set.Variables)
            WriteString(variable);
        _writer.Write(set.Constraints.Count);
        foreach (Constraint constraint in set.Constraints)
            WriteConstraint(constraint);
    }

    private void WriteConstraint(Constraint constraint)
    {
        string? source = (constraint as LinearConstraint)?.Source;
        _writer.Write((byte)constraint.Kind);
        _writer.Write((byte)((constraint.HasAutomaticName ? AutomaticName : 0) | (source is null ? 0 : HasSource)));
        WriteString(constraint.Name);
        ReadOnlySpan<int> variables = constraint is BallConstraint ball ? ball.Inside : constraint.VariableSpan;
        _writer.Write(variables.Length);
        foreach (int variable in variables)
            _writer.Write(variable);
        WriteNumbers(constraint);
        foreach (Bound side in constraint.RightHandSides)
            WriteBound(side);
        if (source is not null)
            WriteString(source);
    }

    /// <summary>What stands between the variables and the right-hand sides.</summary>
    private void WriteNumbers(Constraint constraint)
    {
        if (constraint is BoundsConstraint bounds)
        {
            _writer.Write((byte)(bounds.IsUniform ? 1 : 0));
        }
        else if (constraint is LinearConstraint linear)
        {
            WriteDoubles(linear.Coefficients);
        }
        else if (constraint is BallConstraint ball)
        {
            if (ball.Height < 0)
                _writer.Write((byte)ball.NormKind);
            else
                _writer.Write(ball.Height);
            WriteDoubles(ball.Centre);
        }
    }

    private void WriteBound(Bound bound)
    {
        _writer.Write(bound.Constant);
        _writer.Write(bound.ColumnSpan.Length);
        for (int i = 0; i < bound.ColumnSpan.Length; i++)
        {
            WriteString(bound.ColumnSpan[i]);
            _writer.Write(bound.Coefficients[i]);
        }
    }

    private void WriteDoubles(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
            _writer.Write(value);
    }

    private void WriteString(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        _writer.Write(bytes.Length);
        _writer.Write(bytes);
    }
}
