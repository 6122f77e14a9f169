using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Solves one quadratic program for each row. Made by fitting a <see cref="QuadraticProgramEstimator"/> or by loading a saved
/// model. Safe to use from any number of threads at once.
/// </summary>
public sealed class QuadraticProgramTransformer : RowStageTransformer
{
    internal const string LoaderSignature = "QuadraticProgram";

    // Version 1.0: first.
    internal static readonly BlockFormat Format = new("QuadraticProgram", "CMLQUADP", LoaderSignature, 0x00010000, 0x00010000, 0x00010000);

    private readonly QuadraticProgramStageOptions _options;

    internal QuadraticProgramTransformer(IHostEnvironment environment, QuadraticProgramStageOptions options)
        : base(environment, Format)
    {
        _options = options;
        options.Validate();
        Stage = new QuadraticProgramStage(options);
    }

    /// <summary>The column that receives the solution.</summary>
    public string OutputColumnName => _options.OutputColumnName;

    // *** Binary format *** (the payload of ModelBlock; all numbers little-endian)
    // string             output column
    // matrix Q, G, A     bool whether there is one; int32 rows, int32 columns, float64 row by row
    // vector P, H, B     bool whether there is one; int32 length, float64 values
    // column × 3         bool whether there is one; string: linear cost, inequality, equality column
    // float64            factor of the linear cost column
    // names × 3          bool whether there are some; int32 count, strings: variables, inequalities, equalities
    // bool, float64, byte, int32, int32   diagnostics, tolerance, RowPolicy, batch size, threads
    private protected override void Write(BinaryWriter writer)
    {
        writer.Write(_options.OutputColumnName);
        WriteMatrix(writer, _options.Q);
        WriteMatrix(writer, _options.G);
        WriteMatrix(writer, _options.A);
        WriteVector(writer, _options.P);
        WriteVector(writer, _options.H);
        WriteVector(writer, _options.B);
        BlockText.Write(writer, _options.LinearCostColumnName);
        BlockText.Write(writer, _options.InequalityColumnName);
        BlockText.Write(writer, _options.EqualityColumnName);
        writer.Write(_options.LinearCostFactor);
        BlockText.WriteNames(writer, _options.VariableNames);
        BlockText.WriteNames(writer, _options.InequalityNames);
        BlockText.WriteNames(writer, _options.EqualityNames);
        writer.Write(_options.Diagnostics);
        writer.Write(_options.Tolerance);
        writer.Write((byte)_options.Policy);
        writer.Write(_options.BatchSize);
        writer.Write(_options.Threads);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static QuadraticProgramTransformer Read(IHostEnvironment environment, BinaryReader reader) =>
        new(environment, new QuadraticProgramStageOptions
        {
            OutputColumnName = reader.ReadString(),
            Q = ReadMatrix(reader),
            G = ReadMatrix(reader),
            A = ReadMatrix(reader),
            P = ReadVector(reader),
            H = ReadVector(reader),
            B = ReadVector(reader),
            LinearCostColumnName = BlockText.Read(reader),
            InequalityColumnName = BlockText.Read(reader),
            EqualityColumnName = BlockText.Read(reader),
            LinearCostFactor = reader.ReadDouble(),
            VariableNames = BlockText.ReadNames(reader),
            InequalityNames = BlockText.ReadNames(reader),
            EqualityNames = BlockText.ReadNames(reader),
            Diagnostics = reader.ReadBoolean(),
            Tolerance = reader.ReadDouble(),
            Policy = (RowPolicy)reader.ReadByte(),
            BatchSize = reader.ReadInt32(),
            Threads = reader.ReadInt32(),
        });

    private static void WriteMatrix(BinaryWriter writer, double[,]? matrix)
    {
        writer.Write(matrix is not null);
        if (matrix is null)
            return;
        writer.Write(matrix.GetLength(0));
        writer.Write(matrix.GetLength(1));
        foreach (double value in matrix)
            writer.Write(value);
    }

    private static double[,]? ReadMatrix(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
            return null;
        int rows = reader.ReadInt32(), columns = reader.ReadInt32();
        CheckSize(reader, rows, columns);
        var matrix = new double[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
                matrix[i, j] = reader.ReadDouble();
        }

        return matrix;
    }

    private static void WriteVector(BinaryWriter writer, double[]? vector)
    {
        writer.Write(vector is not null);
        if (vector is null)
            return;
        writer.Write(vector.Length);
        foreach (double value in vector)
            writer.Write(value);
    }

    private static double[]? ReadVector(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
            return null;
        int length = reader.ReadInt32();
        CheckSize(reader, length, 1);
        var vector = new double[length];
        for (int i = 0; i < length; i++)
            vector[i] = reader.ReadDouble();
        return vector;
    }

    private static void CheckSize(BinaryReader reader, int rows, int columns)
    {
        long values = (long)rows * columns;
        if (rows < 0 || columns < 0 || values > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(double))
            throw new FormatException($"it claims a matrix of {rows} × {columns}");
    }
}
