using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class DelegateSolverTests
{
    [TestMethod]
    [DataRow(Sense.Minimize)]
    [DataRow(Sense.Maximize)]
    public void Solve_UsersOwnChoiceOfOne_KeepsTheContract(Sense sense)
    {
        var solver = new DelegateSolver(4, sense, (costs, decision) =>
        {
            int best = 0;
            for (int i = 1; i < costs.Length; i++)
            {
                if (sense == Sense.Minimize ? costs[i] < costs[best] : costs[i] > costs[best])
                    best = i;
            }

            decision[best] = 1;
            return SolverStatus.Solved;
        }, [2, 2, 2, 2]);
        SolverContract.VerifyOptimal(solver, SolverContract.Binary(4, y => y.Sum() == 1), 200, 1);
        SolverContract.VerifyBatches(solver, 2);
    }

    [TestMethod]
    public void Solve_UnusableAnswers_BecomeStatuses()
    {
        var decision = new float[2];
        var nan = new DelegateSolver(2, Sense.Minimize, (_, y) =>
        {
            y[0] = float.NaN;
            return SolverStatus.Solved;
        });
        Assert.AreEqual(SolverStatus.NumericalError, nan.Solve([1f, 2f], decision));
        CollectionAssert.AreEqual(new float[2], decision);
        var infeasible = new DelegateSolver(2, Sense.Minimize, (_, y) =>
        {
            y[0] = 1;
            return SolverStatus.PrimalInfeasible;
        }, needsNonnegativeCosts: true);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, infeasible.Solve([1f, 2f], decision));
        CollectionAssert.AreEqual(new float[2], decision);
        Assert.AreEqual(SolverStatus.InvalidInput, infeasible.Solve([-1f, 2f], decision));
    }

    [TestMethod]
    public void Solve_BestOneFound_IsKept()
    {
        var decision = new float[3];
        var found = new DelegateSolver(3, Sense.Minimize, (_, y) =>
        {
            y[1] = 1;
            return SolverStatus.IterationLimit;
        });
        Assert.AreEqual(SolverStatus.IterationLimit, found.Solve([1f, 2f, 3f], decision));
        CollectionAssert.AreEqual(new float[] { 0, 1, 0 }, decision);
        var nan = new DelegateSolver(3, Sense.Minimize, (_, y) =>
        {
            y[1] = float.NaN;
            return SolverStatus.IterationLimit;
        });
        Assert.AreEqual(SolverStatus.NumericalError, nan.Solve([1f, 2f, 3f], decision));
        CollectionAssert.AreEqual(new float[3], decision);
        Assert.AreEqual(SolverStatus.NumericalError, new DelegateSolver(3, Sense.Minimize, (_, _) => (SolverStatus)77).Solve([1f, 2f, 3f], decision));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(1 << 30)]
    public void SolveBatch_ExceptionOfTheDelegate_ReachesTheCallerWithAnyNumberOfThreads(int threads)
    {
        var solver = new DelegateSolver(3, Sense.Minimize, (_, _) => throw new FormatException("mine"));
        var e = Assert.ThrowsExactly<FormatException>(() => solver.SolveBatch(new float[300], new float[300], new SolverStatus[100], threads));
        Assert.AreEqual("mine", e.Message);
        var statuses = new SolverStatus[100];
        new TopKSolver(3, 1).SolveBatch(new float[300], new float[300], statuses, threads);
        Assert.IsTrue(statuses.All(s => s == SolverStatus.Solved));
    }

    [TestMethod]
    public void Constructor_BadNormal_Throws()
    {
        CombinatorialSolve solve = (_, _) => SolverStatus.Solved;
        Assert.ThrowsExactly<ArgumentException>(() => new DelegateSolver(2, Sense.Minimize, solve, [1]));
        Assert.ThrowsExactly<ArgumentException>(() => new DelegateSolver(2, Sense.Minimize, solve, [0, 0]));
        Assert.ThrowsExactly<ArgumentException>(() => new DelegateSolver(2, Sense.Minimize, solve, [1, double.NaN]));
        Assert.ThrowsExactly<ArgumentNullException>(() => new DelegateSolver(2, Sense.Minimize, null!));
        Assert.AreEqual(0.6, new DelegateSolver(2, Sense.Minimize, solve, [3e300, 4e300]).Normal[0], 1e-15);
    }
}
