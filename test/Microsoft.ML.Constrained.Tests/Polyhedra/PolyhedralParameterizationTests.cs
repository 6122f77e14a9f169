using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Polyhedra;

[TestClass]
public sealed class PolyhedralParameterizationTests
{
    [TestMethod]
    public void Points_AreTheStatedCombinationsAndSatisfyTheConstraints()
    {
        var random = new Random(21);
        for (int trial = 0; trial < 150; trial++)
        {
            HalfspaceSet set = PolyhedralSets.Random(random);
            foreach (RayActivation rays in Enum.GetValues<RayActivation>())
            {
                var map = new PolyhedralParameterization(set, new PolyhedralSettings { RayActivation = rays });
                double[] activations = PolyhedralSets.Gaussians(random, 7 * map.ActivationCount, 2);
                var points = new double[7 * map.Dimension];
                var statuses = new SolverStatus[7];
                map.Map(activations, points, statuses);
                Assert.IsTrue(statuses.All(s => s == SolverStatus.Solved));
                for (int r = 0; r < 7; r++)
                {
                    ReadOnlySpan<double> row = activations.AsSpan(r * map.ActivationCount, map.ActivationCount);
                    double[] point = points[(r * map.Dimension)..((r + 1) * map.Dimension)];
                    double[] expected = PolyhedralSets.Expected(map, row);
                    Assert.IsLessThan(1e-12 * (1 + expected.Max(Math.Abs)), PolyhedralSets.Distance(expected, point), $"trial {trial}: {map}");
                    Assert.IsLessThan(1e-9, PolyhedralSets.Violation(set, point), $"trial {trial}: {map}");
                }
            }
        }
    }

    [TestMethod]
    public void FloatPoints_SatisfyTheConstraintsToSinglePrecision()
    {
        var random = new Random(22);
        for (int trial = 0; trial < 100; trial++)
        {
            HalfspaceSet set = PolyhedralSets.Random(random);
            var map = new PolyhedralParameterization(set);
            float[] activations = [.. PolyhedralSets.Gaussians(random, 5 * map.ActivationCount, Math.Pow(10, random.Next(-3, 5))).Select(v => (float)v)];
            var points = new float[5 * map.Dimension];
            map.Map(activations, points);
            for (int r = 0; r < 5; r++)
            {
                double[] point = [.. points.Skip(r * map.Dimension).Take(map.Dimension).Select(v => (double)v)];
                Assert.IsLessThan(1e-6, PolyhedralSets.Violation(set, point), $"trial {trial}: {map}");
            }
        }
    }

    [TestMethod]
    public void StructuredForm_EqualsTheDenseForm()
    {
        var random = new Random(23);
        for (int trial = 0; trial < 100; trial++)
        {
            HalfspaceSet set = PolyhedralSets.Random(random);
            AssertFormsAgree(set, random, $"trial {trial}");
        }
    }

    [TestMethod]
    [DataRow(8, 2)]
    [DataRow(28, 7)]
    public void Checkerboard_HasOneRayATileAndBothFormsAgree(int side, int tile)
    {
        HalfspaceSet set = PolyhedralSets.Checkerboard(side, tile);
        int tiles = side / tile * (side / tile);
        PolyhedralParameterization map = AssertFormsAgree(set, new Random(24), "checkerboard");
        Assert.AreEqual(PolyhedralForm.Structured, map.Form);
        Assert.AreEqual(side * side, map.ActivationCount);
        Assert.AreEqual(tiles, map.Activations.Count(a => a.Kind == GeneratorKind.Ray));
        Assert.AreEqual(side * side - tiles, map.Activations.Count(a => a.Kind == GeneratorKind.Line));

        // The ray of a tile is minus its normal over the tile's side.
        double[] generators = map.Generators();
        for (int k = 0; k < map.ActivationCount; k++)
        {
            if (map.Activations[k].Kind != GeneratorKind.Ray)
                continue;
            double[] ray = generators[(k * map.Dimension)..((k + 1) * map.Dimension)];
            double[] normal = set.Inequalities.Single(r => r.Normal.Zip(ray, (a, b) => Math.Abs(a * b)).Sum() > 1e-6).Normal;
            Assert.IsLessThan(1e-14, PolyhedralSets.Distance(ray, Array.ConvertAll(normal, v => -v / tile)));
        }
    }

    [TestMethod]
    public void Cube_TakesTwoActivationsAVariable()
    {
        var map = new PolyhedralParameterization(ConstraintSet.Over(300).Bounds(-2, 5));
        Assert.AreEqual(600, map.ActivationCount);
        var points = new double[300];
        map.Map(new double[600], points);
        Assert.IsTrue(points.All(p => Math.Abs(p - 1.5) < 1e-12));
        double[] far = [.. Enumerable.Range(0, 600).Select(i => i % 2 == 0 ? 1e300 : -1e300)];
        map.Map(far, points);
        Assert.IsTrue(points.All(p => p == -2));
        Array.Reverse(far);
        map.Map(far, points);
        Assert.IsTrue(points.All(p => p == 5));
    }

    [TestMethod]
    public void EveryKindOfBlock_OccursAndKeepsItsVariablesApart()
    {
        // x0 free; x1 ≥ 2; x2 ≤ −1; x3 in [0, 1]; x4 + x5 ≤ 3; x6 = 4; (x7, x8) in a triangle; x9 + x10 + x11 = 1, all ≥ 0.
        ConstraintSet set = ConstraintSet.Over("x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11")
            .Linear("x1 >= 2").Linear("x2 <= -1").Linear("0 <= x3 <= 1").Linear("x4 + x5 <= 3").Linear("x6 = 4")
            .Linear("x7 >= 0").Linear("x8 >= 0").Linear("x7 + x8 <= 1")
            .Linear("x9 + x10 + x11 = 1").Linear("x9 >= 0").Linear("x10 >= 0").Linear("x11 >= 0");
        var map = new PolyhedralParameterization(set);
        Assert.AreEqual(1 + 1 + 1 + 2 + 2 + 0 + 3 + 3, map.ActivationCount, map.ToString());
        var random = new Random(25);
        double[] activations = PolyhedralSets.Gaussians(random, 100 * map.ActivationCount, 3);
        var points = new double[100 * 12];
        map.Map(activations, points);
        for (int r = 0; r < 100; r++)
        {
            Assert.IsTrue(set.Contains(points.AsSpan(r * 12, 12), default, 1e-12));
            Assert.AreEqual(4, points[r * 12 + 6], 1e-12);
        }
    }

    [TestMethod]
    public void EveryInnerPoint_IsReached()
    {
        // Independent rows: coefficients follow from the rows themselves, so the map can be inverted by hand.
        var random = new Random(26);
        HalfspaceSet set = new HalfspaceSet(4).AddInequality([1, 2, 0, -1], 3).AddInequality([0, 1, 1, 1], -1);
        var map = new PolyhedralParameterization(set);
        double[] generators = map.Generators(), offset = map.Offset();
        for (int trial = 0; trial < 50; trial++)
        {
            double[] point = PolyhedralSets.Gaussians(random, 4, 5);
            if (PolyhedralSets.Violation(set, point) > 0)
                continue;
            double[] rest = [.. point.Zip(offset, (p, o) => p - o)];
            var activations = new double[map.ActivationCount];
            for (int k = 0, ray = 0; k < activations.Length; k++)
            {
                double[] generator = generators[(k * 4)..(k * 4 + 4)];
                if (map.Activations[k].Kind == GeneratorKind.Line)
                {
                    activations[k] = PolyhedralSets.Dot(generator, rest);
                    continue;
                }

                double[] normal = set.Inequalities[ray++].Normal;
                activations[k] = PolyhedralSets.Dot(normal, rest) / PolyhedralSets.Dot(normal, generator);
                Assert.IsGreaterThanOrEqualTo(0, activations[k]);
            }

            var found = new double[4];
            map.Map(activations, found);
            Assert.IsLessThan(1e-11, PolyhedralSets.Distance(point, found));
        }
    }

    [TestMethod]
    public void Box_ScalesPointsOfAConeAndOfASetAroundTheOrigin()
    {
        var random = new Random(27);
        foreach (HalfspaceSet set in new[] { PolyhedralSets.Checkerboard(8, 2), new HalfspaceSet(3).AddInequality([1, 1, 1], 1).AddInequality([1, -1, 0], 0.5) })
        {
            var plain = new PolyhedralParameterization(set);
            var boxed = new PolyhedralParameterization(set, new PolyhedralSettings { BoxRadius = 0.75 });
            double[] activations = PolyhedralSets.Gaussians(random, 40 * plain.ActivationCount, 1);
            int n = set.Dimension;
            double[] free = new double[40 * n], inside = new double[40 * n];
            plain.Map(activations, free);
            boxed.Map(activations, inside);
            for (int r = 0; r < 40; r++)
            {
                double factor = Math.Max(1, free.Skip(r * n).Take(n).Max(Math.Abs) / 0.75);
                for (int i = r * n; i < r * n + n; i++)
                    Assert.AreEqual(free[i] / factor, inside[i], 1e-12);
                Assert.IsLessThan(1e-12, PolyhedralSets.Violation(set, inside[(r * n)..(r * n + n)]));
            }
        }

        Assert.Throws<ArgumentException>(
            () => new PolyhedralParameterization(new HalfspaceSet(1).AddInequality([1], -1), new PolyhedralSettings { BoxRadius = 1 }));
    }

    [TestMethod]
    public void Vjp_EqualsCentralDifferences()
    {
        var random = new Random(28);
        for (int trial = 0; trial < 120; trial++)
        {
            HalfspaceSet set = PolyhedralSets.Random(random);
            bool box = set.Inequalities.All(r => r.Offset >= 0) && set.Equalities.All(r => r.Offset == 0) && trial % 2 == 0;
            var map = new PolyhedralParameterization(set, new PolyhedralSettings
            {
                RayActivation = (RayActivation)(trial % 2),
                BoxRadius = box ? 0.7 : null,
                Form = (PolyhedralForm)(trial % 3),
            });
            int k = map.ActivationCount, n = map.Dimension;
            double[] activations = PolyhedralSets.Gaussians(random, 3 * k, 1), gradient = PolyhedralSets.Gaussians(random, 3 * n, 1);
            var actual = new double[3 * k];
            map.Vjp(activations, gradient, actual);
            for (int i = 0; i < 3 * k; i++)
            {
                double step = 1e-6, original = activations[i];
                if (Math.Abs(original) < 1e-4)
                    continue;
                activations[i] = original + step;
                double up = Loss(map, activations, gradient);
                activations[i] = original - step;
                double down = Loss(map, activations, gradient);
                activations[i] = original;
                Assert.AreEqual((up - down) / (2 * step), actual[i], 2e-7 * (1 + Math.Abs(actual[i])), $"trial {trial} activation {i}: {map}");
            }
        }
    }

    [TestMethod]
    public void Vjp_AtZero_IsFinite()
    {
        foreach (RayActivation rays in Enum.GetValues<RayActivation>())
        {
            var map = new PolyhedralParameterization(
                PolyhedralSets.Checkerboard(4, 2), new PolyhedralSettings { RayActivation = rays, BoxRadius = 1 });
            var gradient = new float[map.ActivationCount];
            map.Vjp(new float[map.ActivationCount], [.. Enumerable.Repeat(1f, map.Dimension)], gradient);
            Assert.IsTrue(gradient.All(float.IsFinite));
            Assert.AreEqual(rays == RayActivation.Absolute, gradient[0] == 0);
        }
    }

    [TestMethod]
    public void Rows_DoNotDependOnBatchNeighboursOrThreads()
    {
        var random = new Random(29);
        foreach (HalfspaceSet set in new[] { PolyhedralSets.Checkerboard(12, 3), PolyhedralSets.Mixed(), new HalfspaceSet(ConstraintSet.Over(6).Simplex()) })
        {
            foreach (PolyhedralForm form in new[] { PolyhedralForm.Structured, PolyhedralForm.Dense })
            {
                var map = new PolyhedralParameterization(set, new PolyhedralSettings { Form = form, BoxRadius = null });
                int k = map.ActivationCount, n = map.Dimension, rows = 203;
                float[] activations = [.. PolyhedralSets.Gaussians(random, rows * k, 2).Select(v => (float)v)];
                var all = new float[rows * n];
                map.Map(activations, all, default, threads: 3);
                var gradients = new float[rows * k];
                map.Vjp(activations, all, gradients, threads: 2);
                foreach (int size in new[] { 1, 2, 5, 64 })
                {
                    for (int first = 0; first + size <= rows; first += 37)
                    {
                        var some = new float[size * n];
                        map.Map(activations.AsSpan(first * k, size * k), some);
                        Assert.IsTrue(all.AsSpan(first * n, size * n).SequenceEqual(some), $"{map} {form} {first} {size}");
                        var back = new float[size * k];
                        map.Vjp(activations.AsSpan(first * k, size * k), all.AsSpan(first * n, size * n), back);
                        Assert.IsTrue(gradients.AsSpan(first * k, size * k).SequenceEqual(back), $"{map} {form} {first} {size}");
                    }
                }
            }
        }
    }

    [TestMethod]
    public void BadRows_GetAStatusAndSpoilNoNeighbour()
    {
        foreach (HalfspaceSet set in new[] { PolyhedralSets.Checkerboard(8, 2), PolyhedralSets.Mixed(), new HalfspaceSet(ConstraintSet.Over(6).Simplex()) })
        {
            var map = new PolyhedralParameterization(set);
            int k = map.ActivationCount, n = map.Dimension;
            float[] activations = [.. PolyhedralSets.Gaussians(new Random(30), 9 * k, 1).Select(v => (float)v)];
            var clean = new float[9 * n];
            map.Map(activations, clean);
            for (int at = 0; at < k; at++)
            {
                float[] spoilt = (float[])activations.Clone();
                spoilt[3 * k + at] = at % 3 == 0 ? float.NaN : at % 3 == 1 ? float.PositiveInfinity : float.NegativeInfinity;
                var points = new float[9 * n];
                var statuses = new SolverStatus[9];
                map.Map(spoilt, points, statuses);
                for (int r = 0; r < 9; r++)
                {
                    Assert.AreEqual(r == 3 ? SolverStatus.InvalidInput : SolverStatus.Solved, statuses[r]);
                    Assert.IsTrue(r == 3 ? points.AsSpan(r * n, n).ToArray().All(float.IsNaN) : points.AsSpan(r * n, n).SequenceEqual(clean.AsSpan(r * n, n)));
                }

                var gradients = new float[9 * k];
                map.Vjp(spoilt, clean, gradients);
                Assert.IsTrue(gradients.All(float.IsFinite));
                Assert.IsTrue(gradients.AsSpan(3 * k, k).ToArray().All(g => g == 0));
            }
        }
    }

    [TestMethod]
    public void PointsBeyondTheRange_AreNumericalErrors()
    {
        var map = new PolyhedralParameterization(new HalfspaceSet(2).AddInequality([1, 1], 0));
        var points = new float[4];
        var statuses = new SolverStatus[2];
        map.Map([3e38f, 3e38f, 1, 1], points, statuses);
        CollectionAssert.AreEqual(new[] { SolverStatus.NumericalError, SolverStatus.Solved }, statuses);
        Assert.IsTrue(float.IsNaN(points[0]) && float.IsNaN(points[1]) && float.IsFinite(points[2]));
    }

    [TestMethod]
    public void SavedParameterization_GivesTheSameBits()
    {
        var random = new Random(31);
        for (int trial = 0; trial < 40; trial++)
        {
            HalfspaceSet set = trial == 0 ? PolyhedralSets.Mixed() : PolyhedralSets.Random(random);
            var map = new PolyhedralParameterization(set, new PolyhedralSettings { Form = (PolyhedralForm)(trial % 3), RayActivation = (RayActivation)(trial % 2) });
            PolyhedralParameterization loaded = Load(Save(map));
            Assert.AreEqual(map.ToString(), loaded.ToString());
            CollectionAssert.AreEqual(map.Activations.ToArray(), loaded.Activations.ToArray());
            double[] activations = PolyhedralSets.Gaussians(random, 4 * map.ActivationCount, 1);
            double[] first = new double[4 * map.Dimension], second = new double[4 * map.Dimension];
            map.Map(activations, first);
            loaded.Map(activations, second);
            CollectionAssert.AreEqual(first, second);
        }
    }

    [TestMethod]
    public void DamagedFile_GivesAFormatExceptionOrAMap()
    {
        byte[] saved = Save(new PolyhedralParameterization(PolyhedralSets.Mixed()));
        var random = new Random(32);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = (byte[])saved.Clone();
            if (i % 3 == 0)
            {
                damaged = damaged[..random.Next(damaged.Length)];
                Assert.ThrowsExactly<FormatException>(() => Load(damaged));
                continue;
            }

            for (int flips = 1 + random.Next(3); flips > 0; flips--)
                damaged[random.Next(i % 2 == 0 ? 60 : damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Load(damaged);
            }
            catch (FormatException)
            {
                // Named and caught; anything else fails the test.
            }
        }
    }

    [TestMethod]
    public void Mistakes_AreNamed()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new PolyhedralParameterization(ConstraintSet.Over("x").Linear("x <= @Cap"))).Message, "'@Cap'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new PolyhedralParameterization(ConstraintSet.Over(2).Ball(Norm.L2, 1))).Message, "is not linear");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => new PolyhedralParameterization(ConstraintSet.Over("x", "y").Linear("x + y <= 1").Linear("x - y <= 1").Linear("x >= 2"))).Message,
            "No point");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => new PolyhedralParameterization(new HalfspaceSet(ConstraintSet.Over(8).Bounds(-1, 1)).AddInequality([1, 1, 1, 1, 1, 1, 1, 1], 1), new PolyhedralSettings { GeneratorLimit = 20 })).Message,
            "limit is 20");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new PolyhedralParameterization(ConstraintSet.Over(1), new PolyhedralSettings { BoxRadius = double.NaN }));
        var map = new PolyhedralParameterization(ConstraintSet.Over(3).Nonnegative());
        Assert.ThrowsExactly<ArgumentException>(() => map.Map(new double[4], new double[3]));
        Assert.ThrowsExactly<ArgumentException>(() => map.Map(new double[3], new double[4]));
        Assert.ThrowsExactly<ArgumentException>(() => map.Map(new double[3], new double[3], new SolverStatus[2]));
        Assert.ThrowsExactly<ArgumentException>(() => map.Vjp(new double[3], new double[3], new double[6]));
    }

    [TestMethod]
    public void SpecialSets_AreParameterised()
    {
        var point = new PolyhedralParameterization(new HalfspaceSet(2).AddEquality([1, 0], 3).AddEquality([1, 1], 1));
        Assert.AreEqual(0, point.ActivationCount);
        var points = new double[2];
        point.Map(default(ReadOnlySpan<double>), points);
        Assert.IsLessThan(1e-14, PolyhedralSets.Distance([3, -2], points));
        var whole = new PolyhedralParameterization(ConstraintSet.Over(3));
        double[] same = new double[3];
        whole.Map([1, -2, 3], same);
        CollectionAssert.AreEqual(new double[] { 1, -2, 3 }, same);
        whole.Map(ReadOnlySpan<double>.Empty, Span<double>.Empty);
    }

    private static double Loss(PolyhedralParameterization map, double[] activations, double[] gradient)
    {
        var points = new double[gradient.Length];
        map.Map(activations, points);
        return PolyhedralSets.Dot(points, gradient);
    }

    private static PolyhedralParameterization AssertFormsAgree(HalfspaceSet set, Random random, string message)
    {
        var structured = new PolyhedralParameterization(set, new PolyhedralSettings { Form = PolyhedralForm.Structured });
        var dense = new PolyhedralParameterization(set, new PolyhedralSettings { Form = PolyhedralForm.Dense });
        Assert.AreEqual(PolyhedralForm.Dense, dense.Form);
        CollectionAssert.AreEqual(structured.Activations.ToArray(), dense.Activations.ToArray(), message);
        Assert.IsLessThan(1e-12, PolyhedralSets.Distance(structured.Generators(), dense.Generators()), message);
        double[] activations = PolyhedralSets.Gaussians(random, 6 * dense.ActivationCount, 1);
        double[] first = new double[6 * dense.Dimension], second = new double[6 * dense.Dimension];
        structured.Map(activations, first);
        dense.Map(activations, second);
        Assert.IsLessThan(1e-12 * (1 + first.Max(Math.Abs)), PolyhedralSets.Distance(first, second), $"{message}: {structured}");
        double[] back = new double[activations.Length], denseBack = new double[activations.Length];
        structured.Vjp(activations, first, back);
        dense.Vjp(activations, first, denseBack);
        if (back.Length > 0)
            Assert.IsLessThan(1e-11 * (1 + back.Max(Math.Abs)), PolyhedralSets.Distance(back, denseBack), $"{message}: {structured}");
        return structured;
    }

    private static byte[] Save(PolyhedralParameterization map)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
            map.Write(writer);
        return stream.ToArray();
    }

    private static PolyhedralParameterization Load(byte[] saved) => PolyhedralParameterization.Read(new BinaryReader(new MemoryStream(saved)));
}
