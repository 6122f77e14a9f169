using System;
using System.Linq;

namespace Microsoft.ML.Constrained.Tests.Constraints;

/// <summary>Sets of every kind with ugly names and numbers, for tests that compare two ways of the same thing.</summary>
internal static class RandomConstraintSets
{
    private static readonly string[] s_names =
    [
        "x", "Steel", "my name", "a]b", "[", "sum", "each", "norm2", "cap", "İ", "ı", "1st", "x;y", "# no comment", "@at", "größe", "e5",
        "_", "a:b", "\ud83d\ude00",
    ];

    private static readonly string[] s_columns = ["Max", "my column", "R]", "x", "4"];

    public static ConstraintSet Create(Random random, int constraints = 6)
    {
        string[] names = s_names.OrderBy(_ => random.Next()).Take(random.Next(1, 8)).ToArray();
        ConstraintSet set = ConstraintSet.Over(names);
        while (set.Constraints.Count < constraints)
        {
            int before = set.Constraints.Count;
            set = AddOne(set, random);
            if (set.Constraints.Count > before && random.Next(3) == 0)
                set = set.WithName($"{s_names[random.Next(s_names.Length)]} {set.Constraints.Count}");
        }

        return set;
    }

    public static double[] Point(Random random, int dimension) =>
        Enumerable.Range(0, dimension).Select(_ => random.Next(4) == 0 ? random.Next(-2, 3) : 4 * random.NextDouble() - 2).ToArray();

    private static ConstraintSet AddOne(ConstraintSet set, Random random)
    {
        string[] some = Subset(set, random);
        double[] numbers = some.Select(_ => random.Next(5) == 0 ? 0 : random.Next(3) == 0 ? 1 : Number(random)).ToArray();
        switch (random.Next(9))
        {
            case 0:
                Bound low = Side(random), gap = random.NextDouble();
                return set.Bounds(low, low + gap, some);
            case 1:
                return set.Bounds(
                    some.Select(_ => random.Next(2) == 0 ? Side(random) : double.NegativeInfinity).ToArray(),
                    some.Select(_ => 100 + random.NextDouble() + (random.Next(2) == 0 ? Bound.Column("Max") : 0)).ToArray(),
                    some);
            case 2:
                Bound right = Side(random);
                return numbers.All(n => n == 0)
                    ? set
                    : random.Next(3) switch
                    {
                        0 => set.HalfSpace(numbers, right, some),
                        1 => set.Hyperplane(numbers, right, some),
                        _ => set.Linear(null, numbers, right, right + 0.25, some),
                    };
            case 3:
                return set.Simplex(Positive(random), some);
            case 4:
                return set.CappedSimplex(0.5 * some.Length, random.Next(2) == 0 ? 1 : 0.75 + Positive(random), some);
            case 5:
                return set.Ball((Norm)random.Next(1, 4), Positive(random), random.Next(2) == 0 ? [] : numbers, some);
            case 6:
                return set.Increasing(some);
            case 7:
                return set.Decreasing(some);
            default:
                return some.Length < 2
                    ? set.Nonnegative(some)
                    : set.SecondOrderCone(some[0], Side(random), numbers.AsSpan(1), some[1..]);
        }
    }

    private static string[] Subset(ConstraintSet set, Random random) => random.Next(3) == 0
        ? set.Variables.ToArray()
        : set.Variables.OrderBy(_ => random.Next()).Take(random.Next(1, set.Dimension + 1)).ToArray();

    private static Bound Side(Random random)
    {
        Bound bound = random.Next(2) == 0 ? random.Next(-3, 4) : Number(random);
        for (int i = random.Next(4); i > 1; i--)
            bound += Number(random) * Bound.Column(s_columns[random.Next(s_columns.Length)]);
        return bound;
    }

    private static Bound Positive(Random random) =>
        random.Next(2) == 0 ? random.NextDouble() + 0.1 : Bound.Column(s_columns[random.Next(s_columns.Length)]) + random.Next(3);

    /// <summary>Mostly of ordinary size, sometimes as small or as large as a double gets.</summary>
    private static double Number(Random random) => random.Next(12) switch
    {
        0 => 1e-300 * random.NextDouble(),
        1 => -1e20 * random.NextDouble(),
        2 => -1,
        _ => 6 * random.NextDouble() - 3,
    };
}
