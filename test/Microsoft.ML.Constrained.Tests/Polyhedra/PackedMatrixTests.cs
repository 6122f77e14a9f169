using System;
using System.Linq;
using System.Numerics;
using Microsoft.ML.Constrained.Polyhedra;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Polyhedra;

[TestClass]
public sealed class PackedMatrixTests
{
    [TestMethod]
    [DataRow(0, 3)]
    [DataRow(1, 1)]
    [DataRow(7, 13)]
    [DataRow(255, 24)]
    [DataRow(256, 25)]
    [DataRow(600, 61)]
    public void Product_EqualsTheSums_WhateverTheWidthOfRegisters(int inner, int columns)
    {
        foreach (bool wide in new[] { false, true })
        {
            foreach (bool transposed in new[] { false, true })
            {
                Check<double>(inner, columns, transposed, wide, 1e-12);
                Check<float>(inner, columns, transposed, wide, 1e-4);
            }
        }
    }

    private static unsafe void Check<T>(int inner, int columns, bool transposed, bool wide, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int rows = 7;
        var random = new Random(inner + columns);
        T[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => T.CreateTruncating(2 * random.NextDouble() - 1))];
        T[] matrix = Values(inner * columns), left = Values(rows * (inner + 3)), bias = Values(columns + 64);
        var packed = new PackedMatrix<T>(matrix, inner, columns, transposed, wide);
        Assert.IsTrue(packed.PaddedColumns >= columns && packed.PaddedColumns < columns + 16);
        int stride = packed.PaddedColumns + 1;
        var result = new T[rows * stride];
        fixed (T* x = left, c = bias, y = result)
            packed.Multiply(x, inner + 3, rows, c, y, stride);
        for (int r = 0; r < rows; r++)
        {
            for (int j = 0; j < columns; j++)
            {
                double sum = double.CreateTruncating(bias[j]);
                for (int k = 0; k < inner; k++)
                    sum += double.CreateTruncating(left[r * (inner + 3) + k]) * double.CreateTruncating(transposed ? matrix[j * inner + k] : matrix[k * columns + j]);
                Assert.AreEqual(sum, double.CreateTruncating(result[r * stride + j]), tolerance, $"{wide} {transposed} {r} {j}");
            }

            Assert.AreEqual(T.Zero, result[r * stride + packed.PaddedColumns], "What follows the row was overwritten.");
        }
    }
}
