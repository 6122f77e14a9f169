using System;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Optimizers;

[TestClass]
public unsafe class MatrixProductTests
{
    [TestMethod]
    [DataRow(1, 1, 1)]
    [DataRow(3, 5, 0)]
    [DataRow(6, 16, 4)]
    [DataRow(7, 17, 300)]
    [DataRow(50, 33, 257)]
    [DataRow(97, 64, 512)]
    [DataRow(20, 40, 1030)]
    public void Run_AllLayouts_EqualsTripleLoop(int rows, int columns, int depth)
    {
        var random = new Random(rows + columns + depth);
        foreach (bool left in new[] { false, true })
        {
            foreach (bool right in new[] { false, true })
            {
                foreach (bool add in new[] { false, true })
                    Check(random, rows, columns, depth, left, right, add);
            }
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(31)]
    [DataRow(100)]
    public void Run_Symmetric_EqualsFullProduct(int order)
    {
        const int Depth = 70;
        double[] a = Random(new Random(order), order * Depth), half = new double[order * order], full = new double[order * order];
        fixed (double* pa = a, ph = half, pf = full)
        {
            MatrixView<double> view = new(pa, Depth, order, order, 1);
            MatrixProduct.Run(1.0, view.Transposed, view, new(pf, order, order, order, 1), false, false, 2);
            MatrixProduct.Run(1.0, view.Transposed, view, new(ph, order, order, order, 1), false, true, 2);
        }

        for (int i = 0; i < full.Length; i++)
            Assert.AreEqual(full[i], half[i], 1e-13);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(16)]
    [DataRow(45)]
    public void Symmetrize_AnyMatrix_IsTheMeanWithItsTranspose(int order)
    {
        double[] matrix = Random(new Random(order), order * order), mean = (double[])matrix.Clone();
        fixed (double* p = mean)
            MatrixProduct.Symmetrize(new MatrixView<double>(p, order, order, order, 1));
        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j < order; j++)
                Assert.AreEqual((matrix[(i * order) + j] + matrix[(j * order) + i]) / 2, mean[(i * order) + j], 1e-15);
        }
    }

    [TestMethod]
    public void Run_OneThreadOrMore_EqualBits()
    {
        const int N = 130;
        double[] a = Random(new Random(1), N * N), one = new double[N * N], more = new double[N * N];
        fixed (double* pa = a, p1 = one, p2 = more)
        {
            MatrixView<double> view = new(pa, N, N, N, 1);
            MatrixProduct.Run(1.0, view, view, new(p1, N, N, N, 1), false, false, 1);
            MatrixProduct.Run(1.0, view, view, new(p2, N, N, N, 1), false, false, 4);
        }

        CollectionAssert.AreEqual(one, more);
    }

    private static void Check(Random random, int rows, int columns, int depth, bool left, bool right, bool add)
    {
        float[] a = Array.ConvertAll(Random(random, rows * depth), x => (float)x), b = Array.ConvertAll(Random(random, depth * columns), x => (float)x);
        float[] c = Array.ConvertAll(Random(random, rows * columns), x => (float)x), expected = (float[])c.Clone();
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double sum = 0;
                for (int k = 0; k < depth; k++)
                    sum += (double)a[left ? (k * rows) + i : (i * depth) + k] * b[right ? (j * depth) + k : (k * columns) + j];

                // Nothing to multiply leaves C alone.
                if (depth > 0)
                    expected[(i * columns) + j] = (float)((0.5 * sum) + (add ? c[(i * columns) + j] : 0));
            }
        }

        fixed (float* pa = a, pb = b, pc = c)
        {
            MatrixView<float> va = left ? new MatrixView<float>(pa, depth, rows, rows, 1).Transposed : new(pa, rows, depth, depth, 1);
            MatrixView<float> vb = right ? new MatrixView<float>(pb, columns, depth, depth, 1).Transposed : new(pb, depth, columns, columns, 1);
            MatrixProduct.Run(0.5f, va, vb, new(pc, rows, columns, columns, 1), add, false, 2);
        }

        for (int i = 0; i < c.Length; i++)
            Assert.AreEqual(expected[i], c[i], 1e-4f, $"element {i}, transposed {left} {right}, adding {add}");
    }

    private static double[] Random(Random random, int count)
    {
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = (2 * random.NextDouble()) - 1;
        return values;
    }
}
