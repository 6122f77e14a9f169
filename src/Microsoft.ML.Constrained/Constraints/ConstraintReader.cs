using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>Reads the layout of <see cref="ConstraintWriter"/>. Every count is checked before memory is taken for it.</summary>
internal sealed class ConstraintReader
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly BinaryReader _reader;
    private string _part = "the head";

    public ConstraintReader(BinaryReader reader) => _reader = reader;

    /// <exception cref="FormatException">The data are no constraint set of a known version; the message names the part.</exception>
    public ConstraintSet Read()
    {
        try
        {
            return ReadSet();
        }
        catch (EndOfStreamException e)
        {
            throw new FormatException($"The saved constraint set ends too early, in {_part}. The file is incomplete.", e);
        }
        catch (Exception e) when (e is ArgumentException or ConstraintFormatException)
        {
            throw new FormatException($"The saved constraint set is invalid in {_part}: {e.Message}", e);
        }
    }

    private ConstraintSet ReadSet()
    {
        int version = _reader.ReadInt32();
        if (version != ConstraintWriter.Version)
            throw Invalid($"its version is {version}, this library reads version {ConstraintWriter.Version}. It was saved by another " +
                "version of the library, or is damaged");
        _part = "the variables";
        string[] names = new string[ReadCount(1, ConstraintLimits.Variables, "variables")];
        for (int i = 0; i < names.Length; i++)
            names[i] = ReadString(ConstraintLimits.NameLength);
        VariableSpace space = new(names);
        _part = "the number of constraints";
        int count = ReadCount(0, ConstraintLimits.Constraints, "constraints");
        ConstraintSetBuilder builder = new(space);
        for (int i = 0; i < count; i++)
        {
            _part = $"constraint {i + 1} of {count}";
            ReadConstraint(space, builder);
        }

        return builder.Build();
    }

    private void ReadConstraint(VariableSpace space, ConstraintSetBuilder builder)
    {
        ConstraintKind kind = (ConstraintKind)_reader.ReadByte();
        if (!Enum.IsDefined(kind))
            throw Invalid($"its kind is {(byte)kind}, which this library does not know");
        byte flags = _reader.ReadByte();
        if ((flags & ~(ConstraintWriter.AutomaticName | ConstraintWriter.HasSource)) != 0)
            throw Invalid($"its flags are {flags}, which this library does not know");
        string name = NameText.Check(ReadString(ConstraintLimits.NameLength), "a constraint");
        _part += $" ('{name}')";
        bool automatic = (flags & ConstraintWriter.AutomaticName) != 0;
        int[] variables = ReadVariables(space, kind);
        Constraint constraint = ReadBody(space, kind, variables, automatic ? null : name);
        if ((flags & ConstraintWriter.HasSource) != 0)
            constraint = ReadSource(space, constraint, automatic ? null : name);
        if (constraint.Kind != kind)
            throw Invalid($"it is marked as {kind} but states {constraint.Kind}");
        builder.Add(constraint, name);
    }

    private int[] ReadVariables(VariableSpace space, ConstraintKind kind)
    {
        int[] variables = new int[ReadCount(kind == ConstraintKind.Linear ? 0 : 1, space.Count, "variables")];
        HashSet<int> seen = [];
        for (int i = 0; i < variables.Length; i++)
        {
            variables[i] = ReadCount(0, space.Count - 1, "as the index of a variable");
            if (!seen.Add(variables[i]))
                throw Invalid($"it names variable {variables[i]} twice");
        }

        return variables;
    }

    private Constraint ReadBody(VariableSpace space, ConstraintKind kind, int[] variables, string? name)
    {
        switch (kind)
        {
            case ConstraintKind.Bounds:
                return ReadBounds(space, variables, name);
            case ConstraintKind.Linear:
                double[] coefficients = ReadDoubles(variables.Length);
                return LinearConstraint.Create(space, variables, coefficients, ReadBound(), ReadBound(), name);
            case ConstraintKind.Simplex:
                return new SimplexConstraint(space, variables, ReadBound(), null, name);
            case ConstraintKind.CappedSimplex:
                return new SimplexConstraint(space, variables, ReadBound(), ReadBound(), name);
            case ConstraintKind.Ball:
                Norm norm = (Norm)_reader.ReadByte();
                return BallConstraint.Ball(space, norm, variables, ReadDoubles(variables.Length), ReadBound(), name);
            case ConstraintKind.SecondOrderCone:
                int height = ReadCount(0, space.Count - 1, "as the index of the height");
                return BallConstraint.Cone(space, variables, ReadDoubles(variables.Length), height, ReadBound(), name);
            default:
                return new MonotoneConstraint(space, variables, kind == ConstraintKind.Increasing, name);
        }
    }

    private BoundsConstraint ReadBounds(VariableSpace space, int[] variables, string? name)
    {
        byte shared = _reader.ReadByte();
        if (shared > 1)
            throw Invalid($"its mark for shared limits is {shared}, expected 0 or 1");
        Bound[] lower = new Bound[variables.Length], upper = new Bound[variables.Length];
        for (int k = 0; k < variables.Length; k++)
        {
            bool again = shared == 1 && k > 0;
            lower[k] = again ? lower[0] : ReadBound();
            upper[k] = again ? upper[0] : ReadBound();
        }

        return new BoundsConstraint(space, variables, lower, upper, name);
    }

    /// <summary>The user's own text, which must state what the numbers do.</summary>
    private Constraint ReadSource(VariableSpace space, Constraint stated, string? name)
    {
        string source = ReadString(ConstraintLimits.TextLength);
        Constraint read = new ConstraintParser(source, space).ReadOne(name);
        bool agrees = name is null == read.HasAutomaticName && read.Text == source && read.StatesTheSame(stated);
        return agrees ? read : throw Invalid("its text does not state what its numbers do");
    }

    private Bound ReadBound()
    {
        double constant = _reader.ReadDouble();
        int count = ReadCount(0, ConstraintLimits.Columns, "columns in a right-hand side");
        string[] columns = new string[count];
        double[] coefficients = new double[count];
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            columns[i] = NameText.Check(ReadString(ConstraintLimits.NameLength), "a column");
            coefficients[i] = _reader.ReadDouble();
            if (!seen.Add(columns[i]))
                throw Invalid($"a right-hand side names the column '{columns[i]}' twice");
        }

        return Bound.FromParts(constant, columns, coefficients);
    }

    private double[] ReadDoubles(int count)
    {
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = _reader.ReadDouble();
        return values;
    }

    /// <summary>A string of at most so many characters; one takes up to three bytes.</summary>
    private string ReadString(int limit)
    {
        int length = ReadCount(0, 3 * limit, "bytes in a string");
        byte[] bytes = _reader.ReadBytes(length);
        if (bytes.Length < length)
            throw new EndOfStreamException();
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException($"The saved constraint set is invalid in {_part}: a string is not UTF-8.", e);
        }
    }

    private int ReadCount(int least, int most, string what)
    {
        int count = _reader.ReadInt32();
        return count >= least && count <= most ? count : throw Invalid($"it has {count} {what}, expected {least} to {most}");
    }

    private FormatException Invalid(string reason) => new($"The saved constraint set is invalid in {_part}: {reason}.");
}
