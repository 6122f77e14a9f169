using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Transforms;

[TestClass]
public sealed class QuadraticProgramStageTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Contract_HoldsWithEverythingFromColumns() =>
        EstimatorContract.Verify(
            _mlContext,
            _mlContext.Transforms.QuadraticProgram(new QuadraticProgramStageOptions
            {
                OutputColumnName = "Z",
                LinearCostColumnName = "Costs",
                InequalityColumnName = "Limits",
                EqualityColumnName = "Sums",
                Q = Identity(3),
                G = new double[,] { { -1, 0, 0 }, { 0, -1, 0 } },
                A = new double[,] { { 1, 1, 1 } },
                VariableNames = ["x", "y", "z"],
                InequalityNames = ["x up", "y up"],
                Diagnostics = true,
                BatchSize = 6,
            }),
            View(40),
            _mlContext.Data.LoadFromEnumerable(new[] { new CostsOnly() }),
            _mlContext.Data.LoadFromEnumerable(new[] { new Wrong() }));

    [TestMethod]
    public void Contract_HoldsWithCostsAlone() =>
        EstimatorContract.Verify(_mlContext, _mlContext.Transforms.QuadraticProgram("Costs", "Costs", Identity(3)), View(10));

    [TestMethod]
    public void Read_MatrixOfManyValues_IsTakenWhereTheFileHasThem()
    {
        // Everything after the first matrix is zero, so that what is refused in the end is the program and not its size.
        const int Values = (1 << 24) + 1;
        var header = new MemoryStream();
        var writer = new BinaryWriter(header);
        writer.Write("Z");
        writer.Write(true);
        writer.Write(1);
        writer.Write(Values);
        Exception Fails(long length) => Assert.Throws<Exception>(() =>
            QuadraticProgramTransformer.Read(_mlContext, new BinaryReader(new ZerosAfter(header.ToArray(), length))));
        StringAssert.Contains(Fails(header.Length + (8L * Values) - 1).Message, "it claims a matrix of 1 × 16777217");
        StringAssert.Contains(Fails(header.Length + (8L * Values) + 100).Message, "'Q'");
    }

    [TestMethod]
    public void Solution_WithoutConstraints_IsMinusTheCosts()
    {
        IDataView view = View(20);
        float[][] z = [.. _mlContext.Transforms.QuadraticProgram("Z", "Costs", Identity(3)).Fit(view).Transform(view).GetColumn<float[]>("Z")];
        Program[] rows = [.. Rows(20)];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < 3; j++)
                Assert.AreEqual(-rows[i].Costs[j], z[i][j], 1e-6);
        }
    }

    [TestMethod]
    public void Solution_OnTheSimplex_IsTheProjectionOfTheReturns()
    {
        // With Q = I and p = −y the program is the projection of y: its shift τ is the budget's multiplier.
        IDataView view = View(50);
        IDataView result = _mlContext.Transforms.QuadraticProgram(new QuadraticProgramStageOptions
        {
            OutputColumnName = "Z",
            LinearCostColumnName = "Costs",
            LinearCostFactor = -1,
            Q = Identity(3),
            G = new double[,] { { -1, 0, 0 }, { 0, -1, 0 }, { 0, 0, -1 } },
            H = [0, 0, 0],
            A = new double[,] { { 1, 1, 1 } },
            B = [1],
            Diagnostics = true,
        }).Fit(view).Transform(view);
        float[][] z = [.. result.GetColumn<float[]>("Z")], nu = [.. result.GetColumn<float[]>("ZEqualityPrices")];
        float[] objective = [.. result.GetColumn<float>("ZObjective")];
        Program[] rows = [.. Rows(50)];
        for (int i = 0; i < rows.Length; i++)
        {
            double low = -10, high = 10;
            for (int k = 0; k < 100; k++)
            {
                double middle = 0.5 * (low + high);
                if (rows[i].Costs.Sum(y => Math.Max(0, y - middle)) > 1)
                    low = middle;
                else
                    high = middle;
            }

            double expected = 0;
            for (int j = 0; j < 3; j++)
            {
                double value = Math.Max(0, rows[i].Costs[j] - low);
                Assert.AreEqual(value, z[i][j], 1e-6, $"row {i}");
                expected += 0.5 * value * value - rows[i].Costs[j] * value;
            }

            Assert.AreEqual(low, nu[i][0], 1e-5, $"row {i}");
            Assert.AreEqual(expected, objective[i], 1e-5, $"row {i}");
        }

        Assert.IsTrue(result.GetColumn<uint>("ZStatus").All(s => s == (uint)SolverStatus.Solved));
    }

    [TestMethod]
    [DataRow(RowPolicy.Closest)]
    [DataRow(RowPolicy.Missing)]
    public void BadRows_FollowThePolicyAndSpoilNoNeighbour(RowPolicy policy)
    {
        QuadraticProgramStageOptions options = Box(policy);
        Program[] rows = [.. Rows(20)];
        rows[4].Costs[1] = float.NaN;
        rows[9].Limits = [-3, 1]; // x ≤ −3 and x ≥ −1
        IDataView view = _mlContext.Data.LoadFromEnumerable(rows), clean = View(20);
        IDataView result = _mlContext.Transforms.QuadraticProgram(options).Fit(view).Transform(view);
        uint[] statuses = [.. result.GetColumn<uint>("ZStatus")];
        float[][] z = [.. result.GetColumn<float[]>("Z")];
        float[][] expected = [.. _mlContext.Transforms.QuadraticProgram(options).Fit(clean).Transform(clean).GetColumn<float[]>("Z")];
        for (int i = 0; i < rows.Length; i++)
        {
            if (i == 4)
            {
                Assert.AreEqual(SolverStatus.InvalidInput, (SolverStatus)statuses[i]);
                Assert.IsTrue(z[i].All(float.IsNaN));
            }
            else if (i == 9)
            {
                Assert.AreEqual(SolverStatus.PrimalInfeasible, (SolverStatus)statuses[i]);
                if (policy == RowPolicy.Missing)
                    Assert.IsTrue(z[i].All(float.IsNaN));
                else
                    Assert.AreEqual(-2, z[i][0], 1e-5, "The least violation lies half way.");
            }
            else
            {
                Assert.AreEqual(SolverStatus.Solved, (SolverStatus)statuses[i]);
                CollectionAssert.AreEqual(expected[i], z[i], $"row {i}");
            }
        }
    }

    [TestMethod]
    public void ThrowPolicy_NamesTheRow()
    {
        Program[] rows = [.. Rows(20)];
        rows[9].Limits = [-3, 1];
        IDataView view = _mlContext.Data.LoadFromEnumerable(rows);
        IDataView result = _mlContext.Transforms.QuadraticProgram(Box(RowPolicy.Throw)).Fit(view).Transform(view);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => result.GetColumn<float[]>("Z").ToArray()).Message,
            "Row 9 of quadratic program 'Z': no point satisfies its constraints");
    }

    [TestMethod]
    public void Options_AreCheckedByName()
    {
        void Refused<T>(Action<QuadraticProgramStageOptions> change, string part)
            where T : Exception
        {
            QuadraticProgramStageOptions options = Box(RowPolicy.Closest);
            change(options);
            StringAssert.Contains(Assert.ThrowsExactly<T>(() => _mlContext.Transforms.QuadraticProgram(options)).Message, part);
        }

        Refused<ArgumentException>(o => o.Q = new double[2, 3], "'Q' is 2 × 3; expected 2 × 2");
        Refused<ArgumentException>(o => o.G = new double[2, 2], "'G' is 2 × 2; expected 2 × 3");
        Refused<ArgumentException>(o => (o.Q, o.G, o.A, o.LinearCostColumnName) = (null, null, null, null), "number of variables is not known");
        Refused<ArgumentException>(o => o.Q![0, 0] = double.NaN, "'Q' holds NaN");
        Refused<ArgumentException>(o => o.H = [1, 2], "'H' is fixed and 'InequalityColumnName' names the column 'Limits'");
        Refused<ArgumentException>(o => o.InequalityColumnName = null, "set 'H' or 'InequalityColumnName'");
        Refused<ArgumentException>(o => o.EqualityColumnName = "Sums", "there are no rows for it");
        Refused<ArgumentException>(o => o.VariableNames = ["a"], "'VariableNames' has 1 names; expected 3");
        Refused<ArgumentOutOfRangeException>(o => o.Policy = RowPolicy.KeepInput, "no input to keep");
        Refused<ArgumentOutOfRangeException>(o => o.Tolerance = 0, "Tolerance");
        Refused<ArgumentOutOfRangeException>(o => o.LinearCostFactor = double.NaN, "LinearCostFactor");
        Refused<ArgumentOutOfRangeException>(o => o.BatchSize = 0, "BatchSize");
        Assert.ThrowsExactly<ArgumentNullException>(() => _mlContext.Transforms.QuadraticProgram(null!));
    }

    /// <summary>−Limits[1] ≤ x ≤ Limits[0]; y and z are free.</summary>
    private static QuadraticProgramStageOptions Box(RowPolicy policy) => new()
    {
        OutputColumnName = "Z",
        LinearCostColumnName = "Costs",
        InequalityColumnName = "Limits",
        Q = Identity(3),
        G = new double[,] { { 1, 0, 0 }, { -1, 0, 0 } },
        Policy = policy,
        Diagnostics = true,
        BatchSize = 8,
    };

    private static double[,] Identity(int n)
    {
        var identity = new double[n, n];
        for (int i = 0; i < n; i++)
            identity[i, i] = 1;
        return identity;
    }

    private IDataView View(int count) => _mlContext.Data.LoadFromEnumerable(Rows(count));

    private static IEnumerable<Program> Rows(int count)
    {
        var random = new Random(3);
        float Next() => (float)(4 * random.NextDouble() - 2);
        for (int i = 0; i < count; i++)
            yield return new Program { Costs = [Next(), Next(), Next()], Limits = [1 + Math.Abs(Next()), Math.Abs(Next())], Sums = [Next()] };
    }

    private sealed class Program
    {
        [VectorType(3)]
        public float[] Costs { get; set; } = new float[3];

        /// <summary>Right-hand sides of x ≤ h₀ and −x ≤ h₁.</summary>
        [VectorType(2)]
        public float[] Limits { get; set; } = new float[2];

        [VectorType(1)]
        public float[] Sums { get; set; } = new float[1];
    }

    private sealed class CostsOnly
    {
        [VectorType(3)]
        public float[] Costs { get; set; } = new float[3];
    }

    private sealed class Wrong
    {
        [VectorType(3)]
        public double[] Costs { get; set; } = new double[3];

        [VectorType(2)]
        public float[] Limits { get; set; } = new float[2];

        [VectorType(1)]
        public float[] Sums { get; set; } = new float[1];
    }

    /// <summary>Bytes with as many zeros after them as the length asks for.</summary>
    private sealed class ZerosAfter(byte[] head, long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, length - Position);
            for (int i = 0; i < read; i++, Position++)
                buffer[offset + i] = Position < head.Length ? head[Position] : (byte)0;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
