using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Hours of a made-up grid. Each hour the eight plants share the demand so that all that are free to move have the same marginal cost,
/// within their capacities and ramps. Costs follow the price of gas, the level of the reservoir and the hour, and for each plant a
/// disturbance that nobody is told.
/// </summary>
internal static class DispatchData
{
    /// <summary>Name, least and largest output (MW), ramp (MW an hour), marginal cost empty and full (€/MWh).</summary>
    public static readonly IReadOnlyList<DispatchPlant> Plants =
    [
        new("Nuclear", 500, 900, 40, 8, 14),
        new("Lignite", 150, 700, 90, 26, 36),
        new("Coal", 60, 500, 110, 36, 47),
        new("Biomass", 20, 120, 30, 22, 40),
        new("GasNorth", 0, 450, 180, 50, 66),
        new("GasSouth", 0, 400, 170, 54, 70),
        new("Hydro", 0, 300, 280, 42, 75),
        new("Peaker", 0, 260, 260, 60, 95),
    ];

    /// <summary>What holds in every hour: the balance, and each plant's capacity and ramp.</summary>
    public static ConstraintSet Limits()
    {
        ConstraintSet set = ConstraintSet.Over([.. Plants.Select(p => p.Name)]);
        set = set.Linear("balance", string.Join(" + ", Plants.Select(p => p.Name)) + " = @Demand");
        for (int i = 0; i < Plants.Count; i++)
        {
            DispatchPlant plant = Plants[i];
            Bound before = Bound.Column($"Previous{i + 1}");
            set = set.Bounds(plant.Name, plant.Least, plant.Most).WithName(plant.Name + " capacity")
                .Bounds(plant.Name, before - plant.Ramp, before + plant.Ramp).WithName(plant.Name + " ramp");
        }

        return set;
    }

    /// <summary>Generates consecutive hours.</summary>
    public static DispatchRow[] Create(int hours, int seed)
    {
        var random = new Random(seed);
        double[] output = [.. Plants.Select(p => (p.Least + p.Most) / 2)], hidden = new double[Plants.Count];
        double gas = 25, reservoir = 0.5, wind = 0.4, cloud = 0.4, warmth = 0;
        var rows = new DispatchRow[hours];
        for (int hour = 0; hour < hours; hour++)
        {
            gas += 0.02 * (25 - gas) + (0.25 * Normal(random));
            wind = Math.Clamp(wind + (0.03 * (0.35 - wind)) + (0.05 * Normal(random)), 0, 1);
            cloud = Math.Clamp(cloud + (0.05 * (0.45 - cloud)) + (0.08 * Normal(random)), 0, 1);
            warmth += (-0.01 * warmth) + (0.3 * Normal(random));
            for (int i = 0; i < hidden.Length; i++)
                hidden[i] += (-0.1 * hidden[i]) + (0.5 * Normal(random));
            double clock = 2 * Math.PI * (hour % 24) / 24, year = 2 * Math.PI * hour / 8766;
            bool weekend = hour / 24 % 7 >= 5;
            double temperature = 10 - (9 * Math.Cos(year)) - (4 * Math.Cos(clock)) + warmth;
            double sun = Math.Max(0, -Math.Cos(clock) - (0.3 * Math.Cos(year))) * (1 - (0.7 * cloud));
            double demand = 2650 - (280 * Math.Cos(clock - 0.6)) + (160 * Math.Sin(2 * clock + 2.4)) - (weekend ? 260 : 0)
                + (14 * Math.Max(0, 15 - temperature)) + (22 * Math.Max(0, temperature - 23)) - (550 * wind) - (420 * sun) + (25 * Normal(random));
            double[] costs = Costs(gas, reservoir, clock, hidden);
            double[] before = [.. output];
            float served = (float)Dispatch(costs, before, demand, output);
            reservoir = Math.Clamp(reservoir + (0.004 * (0.5 + (0.25 * Math.Sin(year)) - (output[6] / 300))), 0, 1);
            rows[hour] = new DispatchRow
            {
                Hour = [(float)Math.Sin(clock), (float)Math.Cos(clock), weekend ? 1 : 0, (float)temperature, (float)wind, (float)sun, (float)gas, (float)reservoir],
                Demand = served,
                Previous1 = (float)before[0], Previous2 = (float)before[1], Previous3 = (float)before[2], Previous4 = (float)before[3],
                Previous5 = (float)before[4], Previous6 = (float)before[5], Previous7 = (float)before[6], Previous8 = (float)before[7],
                Output = [.. output.Select(p => (float)p)],
                Share = [.. output.Select(p => (float)(p / served))],
            };
        }

        return rows;
    }

    /// <summary>Marginal costs of the plants at their least output.</summary>
    private static double[] Costs(double gas, double reservoir, double clock, double[] hidden)
    {
        double[] costs = [.. Plants.Select((p, i) => p.Empty + hidden[i])];
        costs[4] += 1.7 * (gas - 25);
        costs[5] += 1.9 * (gas - 25);
        costs[7] += 2.6 * (gas - 25);

        // Water is kept for dry times and for the evening.
        costs[6] += (60 * (0.5 - reservoir)) - (8 * Math.Cos(clock - 5));
        return costs;
    }

    /// <summary>
    /// Outputs with a common price where nothing stops a plant, by bisection on that price; gives the demand that was served, which
    /// differs where capacities or ramps leave no other choice.
    /// </summary>
    private static double Dispatch(double[] costs, double[] before, double demand, double[] output)
    {
        double[] lower = [.. Plants.Select((p, i) => Math.Max(p.Least, before[i] - p.Ramp))], upper = [.. Plants.Select((p, i) => Math.Min(p.Most, before[i] + p.Ramp))];
        double served = Math.Clamp(demand, lower.Sum() + 1, upper.Sum() - 1), low = -500, high = 1000;
        for (int step = 0; step < 60; step++)
        {
            double price = (low + high) / 2, sum = 0;
            for (int i = 0; i < output.Length; i++)
            {
                DispatchPlant plant = Plants[i];
                double wanted = plant.Least + ((price - costs[i]) * (plant.Most - plant.Least) / (plant.Full - plant.Empty));
                output[i] = Math.Clamp(wanted, lower[i], upper[i]);
                sum += output[i];
            }

            (low, high) = sum < served ? (price, high) : (low, price);
        }

        return output.Sum();
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
