using System;
using System.Collections.Generic;
using System.Diagnostics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// What the ML.NET stage costs on top of the kernels: the same rows, batch and threads, once through the projector alone and
/// once through a view that is read row by row. Rows come from a pool and are repeated, so memory stays constant.
/// </summary>
internal static class PipelineCase
{
    private const int Pool = 10_000;

    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        string kind = arguments.Text("kind", "projection");
        int rows = arguments.Int("rows", 1_000_000), threads = arguments.Threads, batch = arguments.Int("batch", 1024);
        int n = arguments.Int("variables", kind == "simplex" ? 100 : 20);
        var random = new Random(1);
        ConstraintSet set = kind switch
        {
            "simplex" => ConstraintSet.Over(n).Simplex(),
            "projection" => RandomPolyhedron(n, arguments.Int("inequalities", 40), random),
            _ => throw new ArgumentException($"Option '--kind' expects 'projection' or 'simplex', got '{kind}'."),
        };
        double spread = kind == "simplex" ? 1 : 3;
        var pool = new Row[Pool];
        for (int i = 0; i < Pool; i++)
        {
            pool[i] = new Row { Score = new float[n] };
            foreach (ref float value in pool[i].Score.AsSpan())
                value = (float)(spread * Gaussian(random));
        }

        var projector = new Projector(set, new ProjectorOptions { Threads = threads });
        double kernels = Kernels(projector, pool, rows, batch, n);
        (double stage, long allocated) = Stage(set, pool, rows, batch, n, threads);
        double stageAgain = Stage(set, pool, rows, batch, n, threads).Seconds;
        kernels = Math.Min(kernels, Kernels(projector, pool, rows, batch, n));
        double source = Source(pool, rows, n);
        stage = Math.Min(stage, stageAgain);
        return new BenchmarkResult()
            .Add("kernels_ns_per_row", 1e9 * kernels / rows)
            .Add("stage_ns_per_row", 1e9 * stage / rows)
            .Add("overhead_ns_per_row", 1e9 * (stage - kernels) / rows)
            .Add("source_ns_per_row", 1e9 * source / rows)
            .Add("ratio", stage / kernels)
            .Add("items_per_second", rows / stage)
            .Add("allocated_bytes_per_row", (double)allocated / rows);
    }

    private static double Kernels(Projector projector, Row[] pool, int rows, int batch, int n)
    {
        var input = new float[pool.Length * n];
        for (int i = 0; i < pool.Length; i++)
            pool[i].Score.CopyTo(input, i * n);
        var output = new float[batch * n];
        var statuses = new SolverStatus[batch];
        long start = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            start = Stopwatch.GetTimestamp();
            for (int done = 0, at = 0; done < rows; done += batch, at = (at + batch) % (pool.Length - batch))
            {
                int count = Math.Min(batch, rows - done);
                projector.Project(input.AsSpan(at * n, count * n), [], output.AsSpan(0, count * n), statuses.AsSpan(0, count));
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static (double Seconds, long Allocated) Stage(ConstraintSet set, Row[] pool, int rows, int batch, int n, int threads)
    {
        var mlContext = new MLContext(1);
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Score)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, n);
        ConstrainedProjectionEstimator estimator = mlContext.Transforms.ConstrainedProjection(new ConstrainedProjectionOptions
        {
            OutputColumnName = "Plan",
            InputColumnName = "Score",
            Constraints = set,
            BatchSize = batch,
            Threads = threads,
        });
        ConstrainedProjectionTransformer model = estimator.Fit(mlContext.Data.LoadFromEnumerable(pool, schema));
        Read(model.Transform(mlContext.Data.LoadFromEnumerable(Repeat(pool, rows / 10), schema)));
        IDataView view = model.Transform(mlContext.Data.LoadFromEnumerable(Repeat(pool, rows), schema));
        long allocated = GC.GetTotalAllocatedBytes(precise: true), start = Stopwatch.GetTimestamp();
        Read(view);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (seconds, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }

    /// <summary>What reading the rows costs without any stage: part of the overhead that is not the stage's.</summary>
    private static double Source(Row[] pool, int rows, int n)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Score)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, n);
        IDataView view = new MLContext(1).Data.LoadFromEnumerable(Repeat(pool, rows), schema);
        Read(view, nameof(Row.Score));
        long start = Stopwatch.GetTimestamp();
        Read(view, nameof(Row.Score));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Read(IDataView view, string name = "Plan")
    {
        DataViewSchema.Column column = view.Schema[name];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> value = default;
        while (cursor.MoveNext())
            getter(ref value);
    }

    private static IEnumerable<Row> Repeat(Row[] pool, int rows)
    {
        for (int i = 0; i < rows; i++)
            yield return pool[i % pool.Length];
    }

    private static ConstraintSet RandomPolyhedron(int n, int m, Random random)
    {
        ConstraintSet set = ConstraintSet.Over(n);
        var row = new double[n];
        for (int i = 0; i < m; i++)
        {
            foreach (ref double value in row.AsSpan())
                value = Gaussian(random);
            set = set.Linear($"row{i}", row, double.NegativeInfinity, 0.5 + random.NextDouble());
        }

        return set;
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private sealed class Row
    {
        public float[] Score { get; set; } = [];
    }
}
