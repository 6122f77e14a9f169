using System;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.LinearAlgebra;

[TestClass]
public unsafe class PanelCholeskyTests
{
    [TestMethod]
    [DataRow(1, 0)]
    [DataRow(2, 3)]
    [DataRow(11, 12)]
    [DataRow(12, 1)]
    [DataRow(13, 25)]
    [DataRow(37, 50)]
    public void Factor_RandomMatrix_SolvesAndGivesGram(int n, int rows)
    {
        Check<Lane512, Vector512<double>>(n, rows);
        Check<Lane256, Vector256<double>>(n, rows);
        Check<Lane128, Vector128<double>>(n, rows);
        Check<LaneScalar, double>(n, rows);
    }

    [TestMethod]
    public void Factor_DependentRow_IsDropped()
    {
        // [1 1; 1 1]: the second unknown is fixed to zero, the first solves its own equation.
        double[] q = [1, 1, 1, 1];
        var memory = new PinnedBuffer();
        double* triangle = memory.Ensure(4096);
        double* inverses = triangle + 2048;
        double* x = triangle + 3000;
        fixed (double* source = q)
            PanelPacking<Lane256, Vector256<double>>.PackSymmetric(source, 2, 0, triangle);
        int dropped = PanelCholesky<Lane256, Vector256<double>>.Factor(triangle, inverses, 2, 1e-12, stopWhenDropped: false);
        (x[0], x[1]) = (3, 3);
        PanelCholesky<Lane256, Vector256<double>>.Forward(triangle, inverses, 2, x);
        PanelCholesky<Lane256, Vector256<double>>.Backward(triangle, inverses, 2, x);
        Assert.AreEqual(1, dropped);
        Assert.AreEqual(3, x[0], 1e-12);
        Assert.AreEqual(0, x[1], 1e-12);
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    [DataRow(-1)]
    public void Factor_BadPivot_Stops(double value)
    {
        double[] q = [1, 0, 0, 0, value, 0, 0, 0, 1];
        var memory = new PinnedBuffer();
        double* triangle = memory.Ensure(4096);
        fixed (double* source = q)
            PanelPacking<Lane256, Vector256<double>>.PackSymmetric(source, 3, 0, triangle);
        Assert.AreNotEqual(0, PanelCholesky<Lane256, Vector256<double>>.Factor(triangle, triangle + 2048, 3, 1e-12, stopWhenDropped: true));
    }

    private static void Check<TLane, TVector>(int n, int rows)
        where TLane : struct, ILane<TVector>
        where TVector : struct
    {
        var random = new Random(n + rows);
        double[,] l = new double[n, n];
        double[] q = new double[n * n], c = new double[rows * n], right = new double[n];
        for (int i = 0; i < n; i++)
        {
            right[i] = random.NextDouble() - 0.5;
            for (int j = 0; j < n; j++)
                l[i, j] = random.NextDouble() - 0.5;
        }

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = i == j ? 1 : 0;
                for (int k = 0; k < n; k++)
                    sum += l[i, k] * l[j, k];

                // Unsymmetric on purpose: only the symmetric part may count.
                q[(i * n) + j] = sum + (i < j ? 0.25 : i > j ? -0.25 : 0);
            }
        }

        for (int i = 0; i < c.Length; i++)
            c[i] = random.NextDouble() - 0.5;
        int padded = PanelKernels<TLane, TVector>.Padded(n), paddedRows = PanelKernels<TLane, TVector>.Padded(rows);
        var memory = new PinnedBuffer();
        int triangleLength = PanelCholesky<TLane, TVector>.TriangleLength(n), inverseLength = PanelCholesky<TLane, TVector>.InverseLength(n);
        double* triangle = memory.Ensure(triangleLength + inverseLength + (padded * paddedRows) + (paddedRows * paddedRows) + padded);
        double* inverses = triangle + triangleLength;
        double* w = inverses + inverseLength;
        double* gram = w + (padded * paddedRows);
        double* x = gram + (paddedRows * paddedRows);
        fixed (double* source = q, constraints = c)
        {
            PanelPacking<TLane, TVector>.PackSymmetric(source, n, 0, triangle);
            PanelPacking<TLane, TVector>.PackRows(constraints, rows, n, w, 0);
        }

        Assert.AreEqual(0, PanelCholesky<TLane, TVector>.Factor(triangle, inverses, n, 1e-12, stopWhenDropped: true));
        PanelCholesky<TLane, TVector>.SolveRows(triangle, inverses, n, w, rows);
        PanelCholesky<TLane, TVector>.Gram(w, rows, n, gram);
        double[][] solved = new double[rows + 1][];
        for (int k = 0; k <= rows; k++)
        {
            for (int i = 0; i < n; i++)
                x[i] = k < rows ? c[(k * n) + i] : right[i];
            PanelCholesky<TLane, TVector>.Forward(triangle, inverses, n, x);
            PanelCholesky<TLane, TVector>.Backward(triangle, inverses, n, x);
            solved[k] = new Span<double>(x, n).ToArray();
        }

        for (int i = 0; i < n; i++)
        {
            double sum = -right[i];
            for (int j = 0; j < n; j++)
                sum += 0.5 * (q[(i * n) + j] + q[(j * n) + i]) * solved[rows][j];
            Assert.AreEqual(0, sum, 1e-12);
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < rows; j++)
            {
                double sum = 0;
                for (int k = 0; k < n; k++)
                    sum += c[(j * n) + k] * solved[i][k];
                Assert.AreEqual(sum, gram[(i * paddedRows) + j], 1e-12);
            }
        }
    }
}
