using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public sealed class ProjectorTests
{
    [TestMethod]
    public void BoundsHoldExactly_AndRowsInTheSetStayToTheLastBit()
    {
        ConstraintSet box = ConstraintSet.Over("a", "b", "c", "d")
            .Bounds("a", 0, 1).Bounds("b", 0, double.PositiveInfinity).Bounds("c", -0.1, 0.3).Bounds("d", 0, 1.0 / 3);
        ConstraintSet[] sets =
        [
            box,
            box.Linear("a + b + c + d <= 1"),
            box.Linear("a + 2*b + 3*c <= 1").Linear("b - d >= -0.2").Linear("-0.5 <= a - 7*c + d <= 0.9"),
            box.Linear("a + 2*b + 3*c <= 1").Ball(Norm.L2, 0.8),
            box.Linear("b - d >= -0.2").Ball(Norm.L1, 0.9),
        ];
        var random = new Random(12);
        foreach (ConstraintSet set in sets)
        {
            var projector = new Projector(set);
            int inside = 0;
            for (int i = 0; i < 3000; i++)
            {
                double size = i % 3 == 0 ? 0.3 : 3;
                double[] y = [.. Enumerable.Range(0, 4).Select(_ => size * ((2 * random.NextDouble()) - 0.8))];
                if (i % 5 == 0)
                    y[i % 4] = 0;
                var z = new double[4];
                var status = new SolverStatus[1];
                projector.Project(y, [], z, status);
                Assert.AreEqual(SolverStatus.Solved, status[0]);
                Assert.IsTrue(z[0] is >= 0 and <= 1 && z[1] >= 0 && z[2] is >= -0.1 and <= 0.3 && z[3] is >= 0 and <= 1.0 / 3, $"{projector.Method}: {string.Join(" ", z)}");
                if (!set.Contains(y, [], 0))
                    continue;
                inside++;
                CollectionAssert.AreEqual(y, z, projector.Method.ToString());
            }

            Assert.IsGreaterThan(20, inside);
        }
    }

    [TestMethod]
    public void Method_OfSets_IsTheSimplestThatFits()
    {
        Assert.AreEqual(ProjectionMethod.ClosedForm, new Projector(ConstraintSet.Over(3).Simplex()).Method);
        Assert.AreEqual(ProjectionMethod.ClosedForm, new Projector(ConstraintSet.Over(4).Simplex("x0", "x1").Ball(Norm.L2, 1, "x2", "x3")).Method);
        Assert.AreEqual(ProjectionMethod.ClosedForm, new Projector(ConstraintSet.Over(3)).Method);
        Assert.AreEqual(ProjectionMethod.Polyhedral, new Projector(ConstraintSet.Over(3).Simplex().Linear("x0 <= x1")).Method);
        Assert.AreEqual(ProjectionMethod.ClosedForm, new Projector(ConstraintSet.Over(3).Simplex(), new() { Weights = [1, 2, 3] }).Method);
        Assert.AreEqual(ProjectionMethod.ClosedForm, new Projector(ConstraintSet.Over(3).Nonnegative().Linear("x0 + 2*x2 <= 1").Linear("x1 <= 0.5")).Method);
        Assert.AreEqual(ProjectionMethod.Polyhedral, new Projector(ConstraintSet.Over(3).Nonnegative().Linear("x0 + x2 <= 1").Linear("x1 <= x2")).Method);
        Assert.AreEqual(ProjectionMethod.ClosedForm, new Projector(ConstraintSet.Over(3).Increasing(), new() { Weights = [1, 2, 3] }).Method);
        Assert.AreEqual(ProjectionMethod.Conic, new Projector(ConstraintSet.Over(3).Simplex().Ball(Norm.L2, 1)).Method);
    }

    [TestMethod]
    public void Project_ClosedForms_EqualTheGeneralRoute()
    {
        // Every set is also lowered to rows and blocks; a constraint that always holds keeps the general route from seeing a closed form.
        var random = new Random(1);
        double[]?[] metrics = [null, [1, 2, 0.5, 3, 1]];
        foreach (ConstraintSet set in ClosedFormSets())
        {
            foreach (double[]? weights in metrics)
            {
                var projector = new Projector(set, new() { Weights = weights });
                var general = new Projector(set.Linear("x0 + x1 <= 1e6").Linear("x0 + x2 <= 1e6"), new() { Weights = weights });
                Assert.AreNotEqual(ProjectionMethod.ClosedForm, general.Method);
                double tolerance = general.Method == ProjectionMethod.Conic ? 1e-8 : 1e-11;
                for (int trial = 0; trial < 60; trial++)
                {
                    double[] y = [.. Enumerable.Range(0, 5).Select(_ => trial % 3 == 0 ? random.Next(-2, 3) : 2 * ClosedForms.Normal(random))];
                    double[] theta = [0.5 + random.NextDouble()];
                    double[] parameters = set.Columns.Count == 0 ? [] : theta;
                    (double[] z, SolverStatus status, ProjectionDiagnostics d) = Solve(projector, y, parameters);
                    (double[] expected, SolverStatus expectedStatus, ProjectionDiagnostics e) = Solve(general, y, parameters);
                    Assert.AreEqual(SolverStatus.Solved, status, set.ToString());
                    Assert.AreEqual(SolverStatus.Solved, expectedStatus, set.ToString());
                    for (int j = 0; j < 5; j++)
                        Assert.AreEqual(expected[j], z[j], tolerance, $"{set}, trial {trial}");
                    for (int c = 0; c < set.Constraints.Count && trial % 3 != 0; c++)
                        Assert.AreEqual(e.ShadowPrices[c], d.ShadowPrices[c], 100 * tolerance, $"{set}, trial {trial}, price of {set.Constraints[c].Name}");
                    Assert.AreEqual(e.Distance[0], d.Distance[0], 10 * tolerance);
                    Assert.AreEqual(set.Violation(y, parameters), d.ViolationBefore[0]);
                    Assert.IsTrue(set.Contains(z, parameters, 1e-7), $"{set}, trial {trial}");
                }
            }
        }
    }

    [TestMethod]
    public void Project_BallsWithRows_SatisfyTheOptimalityConditions()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 150; trial++)
        {
            int n = 2 + random.Next(6);
            ConstraintSet set = RandomConicSet(random, n, trial);
            double[] weights = [.. Enumerable.Range(0, n).Select(_ => trial % 2 == 0 ? 1 : Math.Exp(ClosedForms.Normal(random)))];
            var projector = new Projector(set, new() { Weights = weights });
            double[] y = [.. Enumerable.Range(0, n).Select(_ => 2 * ClosedForms.Normal(random))];
            (double[] z, SolverStatus status, _) = Solve(projector, y, []);
            Assert.AreEqual(SolverStatus.Solved, status, $"trial {trial}\n{set}");
            Assert.IsTrue(set.Contains(z, [], 1e-8), $"trial {trial}: violated by {set.Violation(z)}\n{set}");

            // (y − z)'W(v − z) ≤ 0 for every feasible v; points of the set are made by shrinking random directions towards a feasible one.
            for (int k = 0; k < 200; k++)
            {
                double[] v = FeasibleNear(set, z, random);
                double product = Enumerable.Range(0, n).Sum(j => weights[j] * (y[j] - z[j]) * (v[j] - z[j]));
                double size = Math.Sqrt(v.Select((t, j) => (t - z[j]) * (t - z[j])).Sum());
                Assert.IsLessThanOrEqualTo(1e-7 * (1 + size), product, $"trial {trial}\n{set}");
            }
        }
    }

    [TestMethod]
    public void Project_BallAndHalfSpace_EqualsTheExactPoint()
    {
        // The cap x ≥ 0.6 of the unit disc, from the left: its rim point (0.6, ±0.8) or a point of the chord.
        var projector = new Projector(ConstraintSet.Over("x", "y").Ball(Norm.L2, 1).Linear("x >= 0.6"));
        (double[] z, _, ProjectionDiagnostics d) = Solve(projector, [-1, 2], []);
        Assert.AreEqual(0.6, z[0], 1e-12);
        Assert.AreEqual(0.8, z[1], 1e-12);

        // Stationarity: y − z = (−1.6, 1.2) = μ(0.6, 0.8) + ν(1, 0), so μ = 1.5, ν = −2.5.
        Assert.AreEqual(1.5, d.ShadowPrices[0], 1e-10);
        Assert.AreEqual(-2.5, d.ShadowPrices[1], 1e-10);
        (z, _, _) = Solve(projector, [-1, 0.3], []);
        Assert.AreEqual(0.6, z[0], 1e-12);
        Assert.AreEqual(0.3, z[1], 1e-12);
    }

    [TestMethod]
    [DataRow(RowPolicy.Closest)]
    [DataRow(RowPolicy.KeepInput)]
    [DataRow(RowPolicy.Missing)]
    public void Project_RowWithoutSolution_FollowsThePolicyAndSparesItsNeighbours(RowPolicy policy)
    {
        // x + y = @Total with both at least 0: empty for a negative total, where the closest point splits the violation over three unit rows.
        ConstraintSet set = ConstraintSet.Over("x", "y").Nonnegative().Linear("x + y = @Total");
        var projector = new Projector(set, new() { Policy = policy });
        double[] input = [1, 1, 3, 4, double.NaN, 1, 2, 2];
        var output = new double[8];
        var statuses = new SolverStatus[4];
        projector.Project(input, [1, -3, 1, double.PositiveInfinity], output, statuses);
        CollectionAssert.AreEqual(
            new[] { SolverStatus.Solved, SolverStatus.PrimalInfeasible, SolverStatus.InvalidInput, SolverStatus.InvalidInput }, statuses);
        Assert.AreEqual(0.5, output[0], 1e-15);
        if (policy == RowPolicy.Closest)
        {
            // Least x² + y² + (x + y + 3)²/2 with x, y ≤ 0: 2x + (2x + 3) = 0 for x = y.
            Assert.AreEqual(-0.75, output[2], 1e-9);
            Assert.AreEqual(-0.75, output[3], 1e-9);
        }

        if (policy == RowPolicy.Missing)
            Assert.IsTrue(double.IsNaN(output[2]) && double.IsNaN(output[3]));
        if (policy == RowPolicy.KeepInput)
            CollectionAssert.AreEqual(new double[] { 3, 4, double.NaN, 1, 2, 2 }, output[2..]);
        else
            Assert.IsTrue(output[4..].All(double.IsNaN));
    }

    [TestMethod]
    public void Project_PolicyThrow_NamesTheRow()
    {
        var projector = new Projector(ConstraintSet.Over("x").Linear("x = @A"), new() { Policy = RowPolicy.Throw });
        var statuses = new SolverStatus[2];
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(
            () => projector.Project([1, 2], [0, double.NaN], new double[2], statuses));
        StringAssert.Contains(e.Message, "Row 1", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Project_Closest_HasTheLeastViolationAndThenTheLeastDistance()
    {
        // Random contradictory rows; no other point near the result violates them less, nor equally and nearer.
        var random = new Random(3);
        int infeasible = 0;
        for (int trial = 0; trial < 300; trial++)
        {
            int n = 1 + random.Next(4);
            int m = 2 + random.Next(6);
            ConstraintSet set = ConstraintSet.Over(n);
            var rows = new List<(double[] A, double Low, double High)>();
            for (int i = 0; i < m; i++)
            {
                double[] a = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(-2, 3))];
                if (a.All(v => v == 0))
                    a[0] = 1;
                double level = random.Next(-3, 4);
                bool equality = random.Next(3) == 0;
                rows.Add((a, equality ? level : double.NegativeInfinity, level));
                set = set.Linear(null, a, equality ? level : double.NegativeInfinity, level);
            }

            double Violation(double[] z) => rows.Sum(r =>
            {
                double norm = Math.Sqrt(r.A.Sum(v => v * v));
                double value = r.A.Zip(z, (p, q) => p * q).Sum();
                double v = Math.Max(Math.Max(value - r.High, r.Low - value), 0) / norm;
                return v * v;
            });

            double[] y = [.. Enumerable.Range(0, n).Select(_ => 2 * ClosedForms.Normal(random))];
            (double[] z, SolverStatus status, _) = Solve(new Projector(set), y, []);
            if (status == SolverStatus.Solved)
                continue;
            Assert.AreEqual(SolverStatus.PrimalInfeasible, status);
            infeasible++;
            double least = Violation(z);
            Assert.IsGreaterThan(1e-6, least);

            // The violation is convex: its gradient vanishes at the least point.
            double distance = z.Zip(y, (p, q) => (p - q) * (p - q)).Sum();
            for (int k = 0; k < 300; k++)
            {
                double[] direction = [.. z.Select(_ => Math.Pow(10, -random.Next(7)) * (k % 2 == 0 ? ClosedForms.Normal(random) : random.Next(-1, 2)))];
                double[] other = [.. z.Zip(direction, (p, q) => p + q)];
                double change = Violation(other) - least;
                Assert.IsGreaterThanOrEqualTo(-1e-10, change, $"trial {trial}");

                // As good to 1e-13 means within 1e-6 of the points that are best, which moves the distance by as much.
                if (change < 1e-13)
                    Assert.IsGreaterThanOrEqualTo(distance - 1e-4, other.Zip(y, (p, q) => (p - q) * (p - q)).Sum(), $"trial {trial}");
            }
        }

        Assert.IsGreaterThan(50, infeasible);
    }

    [TestMethod]
    public void Project_EmptySetsWithBalls_FindTheClosestPoint()
    {
        // The unit disc and x ≥ 3: equal violations of 1 at (2, 0), whatever the start.
        var projector = new Projector(ConstraintSet.Over("x", "y").Ball(Norm.L2, 1).Linear("x >= 3"));
        (double[] z, SolverStatus status, _) = Solve(projector, [5, 4], []);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, status);
        Assert.AreEqual(2, z[0], 1e-5);
        Assert.AreEqual(0, z[1], 2e-4);

        // A closed form whose set is empty for the row.
        projector = new Projector(ConstraintSet.Over("x", "y").Ball(Norm.L2, Bound.Column("R")));
        (z, status, _) = Solve(projector, [5, 4], [-1]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, status);
        Assert.AreEqual(0, z[0], 1e-3);
        Assert.AreEqual(0, z[1], 1e-3);
    }

    [TestMethod]
    public void Vjp_AllMethods_EqualsCentralDifferences()
    {
        var random = new Random(4);
        var sets = new List<ConstraintSet>(ClosedFormSets())
        {
            ConstraintSet.Over(5).Nonnegative().Linear("x0 + x1 + x2 <= @P").Linear("x3 - x4 = 0.5*@P - 1"),
            ConstraintSet.Over(5).Simplex(Bound.Column("P")).Increasing("x0", "x1", "x2"),
            ConstraintSet.Over(5).Ball(Norm.L2, Bound.Column("P")).Linear("x0 + x1 >= 0.3"),
            ConstraintSet.Over(5).Ball(Norm.L1, Bound.Column("P")).Linear("x0 + x1 >= 0.3").Bounds("x2", -0.2, 0.2),
            ConstraintSet.Over(5).SecondOrderCone("x4", 0, [], "x0", "x1").Linear("x4 + x2 <= @P").Bounds("x3", 0, 1),
        };
        int compared = 0;
        foreach (ConstraintSet set in sets)
        {
            foreach (double[]? weights in new double[]?[] { null, [1, 2, 0.5, 3, 1] })
            {
                var projector = new Projector(set, new() { Weights = weights, Threads = 1 });
                for (int trial = 0; trial < 12; trial++)
                {
                    double[] y = [.. Enumerable.Range(0, 5).Select(_ => 2 * ClosedForms.Normal(random))];
                    double[] g = [.. y.Select(_ => ClosedForms.Normal(random))];
                    double[] theta = set.Columns.Count == 0 ? [] : [0.8 + random.NextDouble()];
                    compared += CompareVjp(projector, y, theta, g, $"{projector.Method}, weights {weights is not null}\n{set}\ntrial {trial}");
                }
            }
        }

        Assert.IsGreaterThan(1000, compared);
    }

    [TestMethod]
    public void Vjp_UnsolvedRows_IsTheirPolicys()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y").Linear("x = 1").Linear("2*x = @A");
        foreach (RowPolicy policy in new[] { RowPolicy.Closest, RowPolicy.KeepInput, RowPolicy.Missing })
        {
            var projector = new Projector(set, new() { Policy = policy });
            var tape = new ProjectionTape();
            projector.Project([5, 7, double.NaN, 1], [8, 2], new double[4], new SolverStatus[2], null, tape);
            var input = new double[4];
            var parameters = new double[2];
            projector.Vjp(tape, [1, 2, 3, 4], input, parameters);
            double[] expected = policy switch
            {
                RowPolicy.Closest => [0, 2, 0, 0],
                RowPolicy.KeepInput => [1, 2, 3, 4],
                _ => [0, 0, 0, 0],
            };
            for (int i = 0; i < 4; i++)
                Assert.AreEqual(expected[i], input[i], 1e-9, $"{policy}, slot {i}");
            CollectionAssert.AreEqual(new double[2], parameters);
        }
    }

    [TestMethod]
    public void Vjp_TapeOfAnotherProjector_IsRefused()
    {
        var projector = new Projector(ConstraintSet.Over("x").Linear("x <= 1"));
        Assert.ThrowsExactly<ArgumentException>(() => projector.Vjp(new ProjectionTape(), [], []));
    }

    [TestMethod]
    public void Project_SinglePrecision_KeepsEveryConstraintToAMillionth()
    {
        var random = new Random(5);
        foreach (ConstraintSet set in ClosedFormSets().Append(
            ConstraintSet.Over(5).Nonnegative().Linear("x0 + 100*x1 + x2 <= @P").Linear("x3 - x4 = 0.5*@P - 1")))
        {
            var projector = new Projector(set);
            const int Rows = 200;
            float[] y = [.. Enumerable.Range(0, 5 * Rows).Select(i => (float)(ClosedForms.Normal(random) * (i % 2 == 0 ? 1 : 1000)))];
            float[] theta = set.Columns.Count == 0 ? [] : [.. Enumerable.Range(0, Rows).Select(_ => (float)random.NextDouble() + 0.1f)];
            var z = new float[y.Length];
            var statuses = new SolverStatus[Rows];
            projector.Project(y, theta, z, statuses);
            for (int i = 0; i < Rows; i++)
            {
                Assert.AreEqual(SolverStatus.Solved, statuses[i]);
                Assert.IsTrue(set.Contains(z.AsSpan(5 * i, 5), theta.Length == 0 ? [] : theta.AsSpan(i, 1), 1e-6), $"{set}, row {i}");
            }

            // In the double precision of the other overload: the same to rounding.
            var exact = new double[y.Length];
            projector.Project(Array.ConvertAll(y, v => (double)v), Array.ConvertAll(theta, v => (double)v), exact, statuses);
            for (int i = 0; i < z.Length; i++)
                Assert.AreEqual(exact[i], z[i], 1e-6 * Math.Max(1, Math.Abs(exact[i])), set.ToString());
        }
    }

    [TestMethod]
    public void Project_SinglePrecision_GivesTheSameBitsWhateverElseIsAskedFor()
    {
        var random = new Random(51);
        foreach (RowPolicy policy in new[] { RowPolicy.Closest, RowPolicy.KeepInput, RowPolicy.Missing })
        {
            foreach (ConstraintSet set in ClosedFormSets().Append(ConstraintSet.Over(5).Nonnegative().Linear("x0 + x1 <= 1").Linear("x1 <= x2")))
            {
                const int Rows = 300;
                int columns = set.Columns.Count;
                float[] y = [.. Enumerable.Range(0, 5 * Rows).Select(i => i == 33 ? float.NaN : (float)ClosedForms.Normal(random))];
                float[] theta = [.. Enumerable.Range(0, columns * Rows).Select(_ => (float)random.NextDouble())];
                var projector = new Projector(set, new() { Policy = policy });
                var plain = new float[y.Length];
                var expected = new SolverStatus[Rows];
                projector.Project(y, theta, plain, expected);
                Assert.AreEqual(SolverStatus.InvalidInput, expected[6]);
                var diagnostics = new ProjectionDiagnostics();
                foreach ((ProjectionDiagnostics? found, ProjectionTape? tape, bool inPlace) in new[]
                {
                    (diagnostics, null, false), (null, new ProjectionTape(), false), (diagnostics, new ProjectionTape(), true), ((ProjectionDiagnostics?)null, (ProjectionTape?)null, true),
                })
                {
                    float[] source = [.. y];
                    float[] z = inPlace ? source : new float[y.Length];
                    var statuses = new SolverStatus[Rows];
                    projector.Project(source, theta, z, statuses, found, tape);
                    CollectionAssert.AreEqual(expected, statuses);
                    Assert.IsTrue(
                        plain.Zip(z).All(p => BitConverter.SingleToInt32Bits(p.First) == BitConverter.SingleToInt32Bits(p.Second)), $"{policy}, {set}");
                }

                // What the diagnostics say is of those very values.
                for (int i = 0; i < Rows; i++)
                {
                    if (expected[i] != SolverStatus.Solved)
                        continue;
                    double squared = Enumerable.Range(5 * i, 5).Sum(k => ((double)plain[k] - y[k]) * ((double)plain[k] - y[k]));
                    Assert.AreEqual(Math.Sqrt(squared), diagnostics.Distance[i], 1e-6 * Math.Max(1, Math.Sqrt(squared)), set.ToString());
                }
            }
        }
    }

    [TestMethod]
    [DataRow("simplex(*) = 1; x0 <= 2*x1")]
    [DataRow("sum(*) = 1; x0 - x1 <= 0.5; x1 - x2 <= 0.25; x2 - x0 <= 0.5")]
    [DataRow("each(*) >= 0; x0 + 2*x1 <= 1; x1 <= x2; x2 <= 3")]
    [DataRow("each(*) >= 0; x0 + 2*x1 + 0.3*x2 = 1")]
    [DataRow("x0 + 2*x1 - 0.7*x2 = 0.3")]
    [DataRow("norm2(*) <= 1; x0 + x1 >= 0.5")]
    [DataRow("norm1(*) <= 1; x0 + x1 = 0.5")]
    [DataRow("cappedsimplex(*, cap = 0.6) = 1")]
    [DataRow("norm2(x0, x1) <= x2 + 1")]
    public void Project_RowsFromVeryFarOff_KeepTheConstraintsOrSayThatTheyDoNot(string text)
    {
        var projector = new Projector(ConstraintSet.Parse(text, "x0", "x1", "x2"));
        var random = new Random(52);
        int solved = 0, rows = 0;
        for (double size = 1e7; size < 1e21; size *= 10)
        {
            for (int i = 0; i < 60; i++, rows++)
            {
                float[] y = [.. Enumerable.Range(0, 3).Select(_ => (float)(size * ClosedForms.Normal(random)))], z = new float[3];
                var status = new SolverStatus[1];
                projector.Project(y, [], z, status);
                if (status[0] != SolverStatus.Solved)
                {
                    Assert.AreEqual(SolverStatus.NumericalError, status[0]);
                    continue;
                }

                solved++;
                Assert.IsTrue(projector.Set.Contains(z, [], 1e-6), $"{size}: {string.Join(" ", y)} to {string.Join(" ", z)}");
            }
        }

        Assert.IsGreaterThan(0.9 * rows, solved);
    }

    [TestMethod]
    [DataRow(1e7)]
    [DataRow(1e9)]
    [DataRow(1e12)]
    public void Project_RowsFromVeryFarOff_SayThatThereIsNoPointAsNearOnesDo(double far)
    {
        var projector = new Projector(ConstraintSet.Parse("each(*) >= 0; each(*) <= 1; x0 + 2*x1 <= @u; x0 - x1 >= 0.5", "x0", "x1"));
        double[] z = new double[2];
        var status = new SolverStatus[1];
        projector.Project([far, -far], [0.25], z, status);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, status[0]);
        projector.Project([far, -far], [0.75], z, status);
        Assert.AreEqual(SolverStatus.Solved, status[0]);
    }

    [TestMethod]
    public void Project_RowsFromVeryFarOff_AreSolvedToTheToleranceAskedFor()
    {
        // Empty by less than the tolerance.
        var projector = new Projector(ConstraintSet.Parse("x0 + x1 <= 1; x0 + 2*x1 >= 1.0012; x1 <= 0", "x0", "x1"), new() { Tolerance = 1e-3 });
        foreach (double far in new[] { 3, 1e8 })
        {
            double[] z = new double[2];
            var status = new SolverStatus[1];
            projector.Project([far, far], [], z, status);
            Assert.AreEqual(SolverStatus.Solved, status[0], $"{far}");
            Assert.IsLessThan(2e-3, projector.Set.Violation(z), $"{far}");
        }
    }

    [TestMethod]
    [DataRow("cappedsimplex(*, cap = 0.5) = @s")]
    [DataRow("cappedsimplex(*, cap = 0.5) = @s; x0 <= 0.75")]
    public void Vjp_RowsFromVeryFarOff_HoldsWhatIsAtALimit(string text)
    {
        var projector = new Projector(ConstraintSet.Parse(text, "x0", "x1", "x2", "x3"));
        var random = new Random(71);
        var tape = new ProjectionTape();
        var diagnostics = new ProjectionDiagnostics();
        double[] z = new double[4], input = new double[4], sum = new double[1];
        for (int trial = 0; trial < 200; trial++)
        {
            // Two elements are at the cap and the third is all that is left of the sum: nothing moves but the third with the sum.
            double[] y = [.. Enumerable.Range(0, 4).Select(_ => 1e8 * ClosedForms.Normal(random))];
            projector.Project(y, [1.3], z, new SolverStatus[1], diagnostics, tape);
            projector.Vjp(tape, [1, 2, 3, 4], input, sum);
            int third = Array.IndexOf(y, y.Order().ElementAt(1));
            for (int i = 0; i < 4; i++)
                Assert.AreEqual(i == third ? 0.3 : y[i] > y[third] ? 0.5 : 0, z[i], i == third ? 1e-12 : 0);
            CollectionAssert.AreEqual(new double[4], input);
            Assert.AreEqual(third + 1, sum[0]);
            Assert.AreEqual(y[third], diagnostics.ShadowPrices[0], 1);
        }
    }

    [TestMethod]
    public void Project_LimitsBeyondSinglePrecision_AreANumericalError()
    {
        foreach (ConstraintSet set in new[]
        {
            ConstraintSet.Over(2).Bounds(1e39, double.PositiveInfinity), ConstraintSet.Over(2).Simplex(1e39), ConstraintSet.Over(2).Bounds(1e39, 1e40).Linear("x0 <= x1"),
        })
        {
            foreach (RowPolicy policy in new[] { RowPolicy.Closest, RowPolicy.KeepInput })
            {
                var projector = new Projector(set, new() { Policy = policy });
                var diagnostics = new ProjectionDiagnostics();
                var tape = new ProjectionTape();
                float[] y = [1, 2], z = new float[2];
                var status = new SolverStatus[1];
                for (int round = 0; round < 2; round++)
                {
                    projector.Project(y, [], z, status, round == 0 ? null : diagnostics, round == 0 ? null : tape);
                    Assert.AreEqual(SolverStatus.NumericalError, status[0], set.ToString());
                    if (policy == RowPolicy.KeepInput)
                        CollectionAssert.AreEqual(y, z);
                    else
                        Assert.IsTrue(z.All(float.IsNaN), set.ToString());
                }

                Assert.AreEqual(policy == RowPolicy.KeepInput ? 0 : double.NaN, diagnostics.Distance[0]);
                Assert.AreEqual(0, diagnostics.ShadowPrices[0]);
                Assert.AreEqual(SolverStatus.NumericalError, tape.Statuses[0]);
                var gradient = new double[2];
                projector.Vjp(tape, [3, 4], gradient);
                CollectionAssert.AreEqual(policy == RowPolicy.KeepInput ? new double[] { 3, 4 } : [0, 0], gradient);
            }

            // Double precision has room for them.
            Assert.AreEqual(SolverStatus.Solved, Solve(new Projector(set), [1, 2], []).Status);
        }
    }

    [TestMethod]
    public void Project_AnyThreadsAndBatches_GivesTheSameBits()
    {
        var random = new Random(6);
        foreach (ConstraintSet set in ClosedFormSets().Append(ConstraintSet.Over(5).Nonnegative().Linear("x0 + x1 + x2 <= @P").Linear("x3 >= x4")))
        {
            const int Rows = 700;
            double[] y = [.. Enumerable.Range(0, 5 * Rows).Select(_ => ClosedForms.Normal(random))];
            int p = set.Columns.Count;
            double[] theta = [.. Enumerable.Range(0, p * Rows).Select(_ => random.NextDouble() - 0.05)];
            double[]? first = null;
            foreach (int threads in new[] { 1, 2, 3 })
            {
                var projector = new Projector(set, new() { Threads = threads });
                var z = new double[y.Length];
                projector.Project(y, theta, z, new SolverStatus[Rows]);
                first ??= z;
                Assert.IsTrue(Same(first, z), $"{threads} threads\n{set}");
                var inParts = new double[y.Length];
                for (int at = 0; at < Rows;)
                {
                    int count = Math.Min(1 + random.Next(90), Rows - at);
                    projector.Project(
                        y.AsSpan(5 * at, 5 * count), theta.AsSpan(p * at, p * count), inParts.AsSpan(5 * at, 5 * count), new SolverStatus[count]);
                    at += count;
                }

                Assert.IsTrue(Same(first, inParts), $"in parts\n{set}");
                double[] inPlace = [.. y];
                projector.Project(inPlace, theta, inPlace, new SolverStatus[Rows]);
                Assert.IsTrue(Same(first, inPlace), $"in place\n{set}");
            }
        }
    }

    [TestMethod]
    public void Project_EmptyBatch_IsFine()
    {
        var projector = new Projector(ConstraintSet.Over(2).Simplex());
        projector.Project(ReadOnlySpan<double>.Empty, [], [], []);
        projector.Project(ReadOnlySpan<float>.Empty, [], [], []);
    }

    [TestMethod]
    public void Project_WrongLengths_AreNamed()
    {
        var projector = new Projector(ConstraintSet.Over("x", "y").Linear("x <= @A"));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => projector.Project(new double[3], new double[1], new double[2], new SolverStatus[1])).Message,
            "'input'", StringComparison.Ordinal);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => projector.Project(new double[2], [], new double[2], new SolverStatus[1])).Message,
            "'parameters'", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Options_OutsideTheirRange_AreRefusedByName()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y").Simplex();
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new Projector(set, new() { Weights = [1, -1] })).Message, "'y'", StringComparison.Ordinal);
        Assert.ThrowsExactly<ArgumentException>(() => new Projector(set, new() { Weights = [1] }));
        Assert.ThrowsExactly<ArgumentException>(() => new Projector(set, new() { Tolerance = double.NaN }));
        Assert.ThrowsExactly<ArgumentException>(() => new Projector(set, new() { Threads = -1 }));
        Assert.ThrowsExactly<ArgumentException>(() => new Projector(set, new() { Policy = (RowPolicy)77 }));
    }

    [TestMethod]
    public void Explain_Row_NamesWhatBinds()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new("de-DE");
            ConstraintSet set = ConstraintSet.Over("Steel", "Wood").Nonnegative().WithName("sign")
                .Linear("capacity: Steel + Wood <= @Capacity").Linear("balance: Wood <= 10");
            ProjectionExplanation e = set.Explain([3, 5.5], [4]);
            Assert.AreEqual(SolverStatus.Solved, e.Status);
            Assert.AreEqual(0.75, e.Output[0], 1e-12);
            CollectionAssert.AreEqual(new[] { "capacity" }, e.Binding.Select(c => c.Name).ToArray());
            Assert.AreEqual(2.25, e.Constraints[1].ShadowPrice, 1e-12);
            Assert.AreEqual(4.5, e.Constraints[1].ViolationBefore, 1e-12);
            Assert.AreEqual(Math.Sqrt(2) * 2.25, e.Distance, 1e-12);
            StringAssert.Contains(e.ToString(), "capacity", StringComparison.Ordinal);
            StringAssert.Contains(e.ToString(), "2.25", StringComparison.Ordinal);
            Assert.IsFalse(e.ToString().Contains("balance", StringComparison.Ordinal));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void Explain_RowWithNaN_SaysSo()
    {
        ProjectionExplanation e = ConstraintSet.Over("x", "y").Simplex().Explain([double.NaN, 1]);
        Assert.AreEqual(SolverStatus.InvalidInput, e.Status);
        Assert.IsFalse(e.Binding.Any());
        Assert.IsFalse(string.IsNullOrEmpty(e.ToString()));
    }

    private static IEnumerable<ConstraintSet> ClosedFormSets()
    {
        Bound p = Bound.Column("P");
        yield return ConstraintSet.Over(5).Bounds(-0.5, p);
        yield return ConstraintSet.Over(5).Bounds(-0.5, 0.75);
        yield return ConstraintSet.Over(5).Simplex(p);
        yield return ConstraintSet.Over(5).Simplex(2);
        yield return ConstraintSet.Over(5).CappedSimplex(2, 0.5 + p);
        yield return ConstraintSet.Over(5).CappedSimplex(p, 0.9);
        yield return ConstraintSet.Over(5).Ball(Norm.L1, p, [0, 0.5, 1, -1, 0]);
        yield return ConstraintSet.Over(5).Ball(Norm.L2, p, [0, 0.5, 1, -1, 0]);
        yield return ConstraintSet.Over(5).Ball(Norm.LInfinity, p, [0, 0.5, 1, -1, 0]);
        yield return ConstraintSet.Over(5).Hyperplane([1, 2, 0, -1, 1], p);
        yield return ConstraintSet.Over(5).HalfSpace([1, 2, 0, -1, 1], p);
        yield return ConstraintSet.Over(5).Linear(null, [1, 2, 0, -1, 1], -0.1, p);
        yield return ConstraintSet.Over(5).Increasing();
        yield return ConstraintSet.Over(5).Decreasing("x3", "x0", "x1");
        yield return ConstraintSet.Over(5).SecondOrderCone("x2", p, [], "x0", "x1", "x4");
        yield return ConstraintSet.Over(5).Simplex(p, "x3", "x1").Increasing("x4", "x0");
        yield return ConstraintSet.Over(5).Nonnegative().Linear("x0 + x1 + x2 + x3 + x4 = @P");
        yield return ConstraintSet.Over(5).Nonnegative().Linear("2*x0 - x1 + 0.5*x2 <= @P").Bounds("x1", -2, p);
        yield return ConstraintSet.Over(5).Linear("x0 + x1 >= @P").Linear("-0.2 <= x2 - x4 <= 0.3*@P").Bounds("x2", -1, 1);
        yield return ConstraintSet.Over(5).Simplex(p).Bounds("x1", 0.01, 0.3 * p);
    }

    private static ConstraintSet RandomConicSet(Random random, int n, int trial)
    {
        // Around a point that is feasible with room, so that the set has an interior.
        double[] inside = [.. Enumerable.Range(0, n).Select(_ => ClosedForms.Normal(random))];
        ConstraintSet set = ConstraintSet.Over(n);
        Norm norm = trial % 3 == 0 ? Norm.L1 : Norm.L2;
        double[] centre = [.. inside.Select(v => v + (0.3 * ClosedForms.Normal(random)))];
        double[] d = [.. centre.Zip(inside, (p, q) => p - q)];
        double radius = 0.3 + (norm == Norm.L1 ? d.Sum(Math.Abs) : Math.Sqrt(d.Sum(v => v * v)));
        set = set.Ball(norm, radius, centre);
        if (trial % 5 == 0 && n > 2)
        {
            double length = Math.Sqrt((inside[0] * inside[0]) + (inside[1] * inside[1]));
            set = set.SecondOrderCone("x2", length - inside[2] + 0.2, [], "x0", "x1");
        }

        for (int i = 0; i < 3; i++)
        {
            double[] a = [.. inside.Select(_ => ClosedForms.Normal(random))];
            double value = a.Zip(inside, (p, q) => p * q).Sum();
            set = set.Linear(null, a, double.NegativeInfinity, value + (0.5 * random.NextDouble()));
        }

        if (trial % 4 == 0)
        {
            double[] a = [.. inside.Select(_ => ClosedForms.Normal(random))];
            double value = a.Zip(inside, (p, q) => p * q).Sum();
            set = set.Linear(null, a, value, value);
        }

        return set;
    }

    /// <summary>A feasible point, between the projected one and a random projection of a random point.</summary>
    private static double[] FeasibleNear(ConstraintSet set, double[] z, Random random)
    {
        ConstraintSystem system = set.Lower();
        var equalities = new List<double[]>();
        for (int i = 0; i < system.RowCount; i++)
        {
            if (system.IsEquality(i))
                equalities.Add(system.Row(i).ToArray());
        }

        double[] direction = [.. z.Select(_ => ClosedForms.Normal(random))];
        foreach (double[] a in equalities)
        {
            double share = a.Zip(direction, (p, q) => p * q).Sum() / a.Sum(v => v * v);
            for (int j = 0; j < a.Length; j++)
                direction[j] -= share * a[j];
        }

        for (double length = 4; length > 1e-3; length *= 0.5)
        {
            double[] v = [.. z.Select((value, j) => value + (length * direction[j]))];
            if (set.Contains(v, [], 1e-12))
                return v;
        }

        return z;
    }

    private static int CompareVjp(Projector projector, double[] y, double[] theta, double[] g, string what)
    {
        var tape = new ProjectionTape();
        var z = new double[5];
        projector.Project(y, theta, z, new SolverStatus[1], null, tape);
        Assert.AreEqual(SolverStatus.Solved, tape.Statuses[0], what);
        var input = new double[5];
        var parameters = new double[theta.Length];
        projector.Vjp(tape, g, input, parameters);
        double Loss(double[] at, double[] columns) => Solve(projector, at, columns).Z.Zip(g, (p, q) => p * q).Sum();
        const double H = 1e-5;
        int compared = 0;
        double here = Loss(y, theta);
        for (int i = 0; i < 5 + theta.Length; i++)
        {
            double[] more = [.. i < 5 ? y : theta];
            double[] less = [.. more];
            more[i % 5] += H;
            less[i % 5] -= H;
            double right = ((i < 5 ? Loss(more, theta) : Loss(y, more)) - here) / H;
            double left = (here - (i < 5 ? Loss(less, theta) : Loss(y, less))) / H;
            double given = i < 5 ? input[i] : parameters[0];
            Assert.IsTrue(double.IsFinite(given), what);
            if (Math.Abs(right - left) > 1e-2)
                continue;
            compared++;
            Assert.AreEqual(0.5 * (left + right), given, 1e-5 * Math.Max(1, Math.Abs(given)), $"{what}, slot {i}");
        }

        return compared;
    }

    private static bool Same(double[] left, double[] right) =>
        left.Zip(right).All(p => BitConverter.DoubleToInt64Bits(p.First) == BitConverter.DoubleToInt64Bits(p.Second));

    private static (double[] Z, SolverStatus Status, ProjectionDiagnostics Diagnostics) Solve(Projector projector, double[] y, double[] parameters)
    {
        var z = new double[y.Length];
        var status = new SolverStatus[1];
        var diagnostics = new ProjectionDiagnostics();
        projector.Project(y, parameters, z, status, diagnostics);
        return (z, status[0], diagnostics);
    }
}
