using System;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public sealed class ProjectorMemoryTests
{
    [TestMethod]
    [DataRow("simplex(*) = 1")]
    [DataRow("increasing(*)")]
    [DataRow("sum(*) <= 1; x0 >= 0; x1 >= 0; x2 - x3 = 0.5")]
    [DataRow("norm2(*) <= 1; x0 + x1 >= 0.5")]
    public void Project_LargerBatches_AllocateNothingMore(string text)
    {
        var projector = new Projector(ConstraintSet.Parse(text, "x0", "x1", "x2", "x3"), new() { Threads = 1 });
        long small = Allocated(projector, 20);
        long large = Allocated(projector, 400);

        // The same few objects for a call, whatever its rows.
        Assert.IsLessThanOrEqualTo(2000, small);
        Assert.IsLessThanOrEqualTo(small + 1000, large);
    }

    [TestMethod]
    public void Project_ManyThreadsAtOnce_GiveTheSerialResult()
    {
        ConstraintSet set = ConstraintSet.Over(6).Nonnegative().Linear("x0 + x1 + x2 <= @A").Linear("x3 + x4 - x5 = 0.25");
        var projector = new Projector(set, new() { Threads = 2 });
        const int Rows = 300;
        var random = new Random(1);
        double[] y = [.. Enumerable.Range(0, 6 * Rows).Select(_ => ClosedForms.Normal(random))];
        double[] a = [.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble() - 0.1)];
        var expected = new double[y.Length];
        projector.Project(y, a, expected, new SolverStatus[Rows]);
        bool[] same = new bool[8];
        Parallel.For(0, 8, t =>
        {
            var z = new double[y.Length];
            same[t] = true;
            for (int round = 0; round < 5; round++)
            {
                projector.Project(y, a, z, new SolverStatus[Rows]);
                same[t] &= z.AsSpan().SequenceEqual(expected);
            }
        });
        Assert.IsTrue(same.All(s => s));
    }

    private static long Allocated(Projector projector, int rows)
    {
        var random = new Random(2);
        double[] y = [.. Enumerable.Range(0, 4 * rows).Select(_ => 2 * ClosedForms.Normal(random))];
        double[] z = new double[y.Length];
        var statuses = new SolverStatus[rows];
        var diagnostics = new ProjectionDiagnostics();
        var tape = new ProjectionTape();
        var input = new double[y.Length];
        return Allocation.OfOneCall(() =>
        {
            projector.Project(y, [], z, statuses, diagnostics, tape);
            projector.Vjp(tape, y, input);
        });
    }
}
