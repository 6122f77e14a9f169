using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class SolverFormatTests
{
    private static List<ICombinatorialSolver> Solvers() =>
    [
        new GridShortestPathSolver(3, 5, (2, 1), (0, 4), GridNeighbourhood.Four),
        new GridShortestPathSolver(4, 4),
        new ShortestPathSolver(4, [(0, 1), (1, 2), (0, 2), (2, 3)], 0, 3, directed: false),
        new ShortestPathSolver(3, [(0, 1), (1, 2), (0, 2)], 0, 2),
        new AcyclicShortestPathSolver(3, [(0, 1), (1, 2), (0, 2)], 0, 2, Sense.Maximize),
        new TopKSolver(7, 3),
        new TopKSolver(7, 3, Sense.Minimize),
        new RankingSolver(6),
        new RankingSolver(6, Sense.Maximize),
        new AssignmentSolver(3, 4, Sense.Maximize),
        new SpanningTreeSolver(4, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]),
        new KnapsackSolver([[1, 2], [3, 4], [2, 2]], [4, 5]),
        new KnapsackSolver([3, 4, 5], 8, Sense.Minimize),
        new BipartiteMatchingSolver(2, [(0, 0), (0, 1), (1, 0), (1, 1)], Sense.Maximize),
        new PerfectMatchingSolver(6),
        new TravelingSalesmanSolver(5, Sense.Maximize),
    ];

    [TestMethod]
    public void WriteThenRead_EverySolver_GivesEqualDecisionsAndBytes()
    {
        var random = new Random(1);
        foreach (ICombinatorialSolver solver in Solvers())
        {
            byte[] bytes = Written(solver);
            ICombinatorialSolver again = Read(bytes);
            Assert.AreEqual(solver.GetType(), again.GetType());
            CollectionAssert.AreEqual(bytes, Written(again));
            for (int trial = 0; trial < 50; trial++)
            {
                double[] costs = SolverContract.Costs(random, solver.Dimension, solver.NeedsNonnegativeCosts, trial);
                float[] first = new float[costs.Length], second = new float[costs.Length];
                Assert.AreEqual(solver.Solve(costs, first), again.Solve(costs, second));
                CollectionAssert.AreEqual(first, second);
            }
        }
    }

    [TestMethod]
    public void Read_TruncatedOrAltered_GivesAnExceptionOrAnotherValidSolver()
    {
        var random = new Random(2);
        foreach (ICombinatorialSolver solver in Solvers())
        {
            byte[] bytes = Written(solver);
            for (int length = 0; length < bytes.Length; length++)
                Assert.ThrowsExactly<InvalidDataException>(() => Read(bytes[..length]));
            for (int trial = 0; trial < 100; trial++)
            {
                byte[] altered = (byte[])bytes.Clone();
                altered[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                try
                {
                    Assert.IsNotNull(Read(altered));
                }
                catch (InvalidDataException)
                {
                    // The only exception that a description may give; anything else fails the test.
                }
            }
        }
    }

    [TestMethod]
    public void Read_OtherVersion_NamesBoth()
    {
        byte[] bytes = Written(new RankingSolver(3));
        bytes[0] = 9;
        string message = Assert.ThrowsExactly<InvalidDataException>(() => Read(bytes)).Message;
        Assert.Contains("version 9", message);
        Assert.Contains("version 1", message);
    }

    [TestMethod]
    public void Read_FirstVersion_StillReads()
    {
        // Written by version 1: the bytes of released files must keep their meaning.
        byte[] topThreeOfSeven = Convert.FromHexString("010401" + "07000000" + "03000000");
        var solver = (TopKSolver)Read(topThreeOfSeven);
        Assert.AreEqual((7, 3, Sense.Maximize), (solver.Dimension, solver.K, solver.Sense));
        byte[] grid = Convert.FromHexString(
            "010100" + "02000000" + "03000000" + "00000000" + "01000000" + "01000000" + "02000000" + "08000000");
        var path = (GridShortestPathSolver)Read(grid);
        Assert.AreEqual((2, 3, (0, 1), (1, 2)), (path.Rows, path.Columns, path.Start, path.End));
    }

    [TestMethod]
    public void Write_DelegateSolver_SaysWhatToDo()
    {
        var solver = new DelegateSolver(2, Sense.Minimize, (_, _) => SolverStatus.Solved);
        Assert.Contains("cannot be saved", Assert.ThrowsExactly<NotSupportedException>(() => Written(solver)).Message);
    }

    private static byte[] Written(ICombinatorialSolver solver)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        SolverFormat.Write(writer, solver);
        writer.Flush();
        return stream.ToArray();
    }

    private static ICombinatorialSolver Read(byte[] bytes) => SolverFormat.Read(new BinaryReader(new MemoryStream(bytes)));
}
