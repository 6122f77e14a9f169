using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Polyhedra;

[TestClass]
public sealed class IndependentRowsTests
{
    [TestMethod]
    public void Generators_AreDualToTheRows()
    {
        var random = new Random(6);
        for (int trial = 0; trial < 300; trial++)
        {
            int n = 1 + random.Next(9), p = random.Next(n + 1), m = random.Next(n - p + 1);
            HalfspaceSet set = Random(random, n, p, m);
            IndependentRows? rows = IndependentRows.TryCreate(set);
            Assert.IsNotNull(rows, $"trial {trial}");
            GeneratorSet generators = rows.ToGenerators();
            double[] vertex = generators.Vertices.Single();
            Assert.HasCount(m, generators.Rays);
            Assert.HasCount(n - p - m, generators.Lines);
            double size = 1 + vertex.Max(Math.Abs);
            Assert.IsTrue(set.Equalities.Concat(set.Inequalities).All(r => Math.Abs(Dot(r.Normal, vertex) - r.Offset) < 1e-9 * size), $"trial {trial}");
            for (int i = 0; i < m; i++)
            {
                double[] ray = generators.Rays[i];
                Assert.AreEqual(1, Math.Sqrt(Dot(ray, ray)), 1e-12);
                Assert.IsTrue(Dot(set.Inequalities[i].Normal, ray) < 0);
                Assert.IsTrue(set.Equalities.All(r => Math.Abs(Dot(r.Normal, ray)) < 1e-11));
                Assert.IsTrue(set.Inequalities.Where((_, k) => k != i).All(r => Math.Abs(Dot(r.Normal, ray)) < 1e-11));

                // −A⁺eᵢ is at right angles to the lines.
                Assert.IsTrue(generators.Lines.All(l => Math.Abs(Dot(l, ray)) < 1e-11));
            }

            foreach (double[] line in generators.Lines)
                Assert.IsTrue(set.Equalities.Concat(set.Inequalities).All(r => Math.Abs(Dot(r.Normal, line)) < 1e-11));
        }
    }

    [TestMethod]
    public void DependentRows_HaveNoClosedForm()
    {
        Assert.IsNull(IndependentRows.TryCreate(new HalfspaceSet(1).AddInequality([1], 1).AddInequality([-1], 1)));
        Assert.IsNull(IndependentRows.TryCreate(new HalfspaceSet(3).AddInequality([1, 0, 1], 1).AddInequality([0, 1, 1], 1).AddEquality([1, 1, 2], 1)));
        Assert.IsNull(IndependentRows.TryCreate(new HalfspaceSet(2).AddInequality([1, 1], 1).AddInequality([1, 1 + 1e-9], 1)));
        Assert.IsNull(IndependentRows.TryCreate(new HalfspaceSet(2).AddInequality([0, 0], 1)));
    }

    [TestMethod]
    public void Conversion_OfIndependentRows_AgreesWithTheGeneralMethod()
    {
        var random = new Random(7);
        for (int trial = 0; trial < 100; trial++)
        {
            int n = 1 + random.Next(5), p = random.Next(n + 1), m = random.Next(n - p + 1);
            HalfspaceSet set = Random(random, n, p, m);
            GeneratorSet closed = DoubleDescription.ToGenerators(set, PolyhedralArithmetic.Floating);
            GeneratorSet general = DoubleDescription.ToGenerators(set, PolyhedralArithmetic.Exact);
            Assert.AreEqual((1, general.Rays.Count, general.Lines.Count), (closed.Vertices.Count, closed.Rays.Count, closed.Lines.Count), $"trial {trial}");

            // The general method's rays may differ by lines only, which the rows do not see.
            foreach (double[] ray in general.Rays)
            {
                double[] slopes = [.. set.Inequalities.Select(r => Dot(r.Normal, ray))];
                int open = Array.FindIndex(slopes, s => s < -1e-7);
                Assert.IsTrue(open >= 0 && slopes.Where((_, k) => k != open).All(s => Math.Abs(s) < 1e-9), $"trial {trial}");
            }
        }
    }

    private static HalfspaceSet Random(Random random, int n, int equalities, int inequalities)
    {
        var set = new HalfspaceSet(n);
        for (int i = 0; i < equalities + inequalities; i++)
        {
            double[] normal = [.. Enumerable.Range(0, n).Select(_ => 4 * random.NextDouble() - 2)];
            normal[i % n] += 3;
            if (i < equalities)
                set.AddEquality(normal, random.NextDouble() - 0.5);
            else
                set.AddInequality(normal, random.NextDouble() - 0.5);
        }

        return set;
    }

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();
}
