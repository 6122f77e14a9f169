using System;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Piecewise constant signals with noise, as in section 4.3 of Amos and Kolter (2017): 100 samples, one to nine segments of heights
/// 10 to 99, normal noise with deviation 10. Rows are signals.
/// </summary>
internal sealed class DenoiseSignals : IDisposable
{
    public const int Length = 100;
    public const double Noise = 10;

    private DenoiseSignals(double[] clean, double[] noisy)
    {
        (Clean, Noisy) = (clean, noisy);
        CleanTensor = tensor(clean, [Count, Length]);
        NoisyTensor = tensor(noisy, [Count, Length]);
    }

    public double[] Clean { get; }

    public double[] Noisy { get; }

    public int Count => Clean.Length / Length;

    public Tensor CleanTensor { get; }

    public Tensor NoisyTensor { get; }

    public static DenoiseSignals Generate(int count, Random random)
    {
        double[] clean = new double[count * Length], noisy = new double[count * Length];
        int[] positions = [.. Enumerable.Range(1, Length - 1)];
        for (int i = 0; i < count; i++)
        {
            random.Shuffle(positions);
            bool[] starts = new bool[Length];
            foreach (int position in positions[..(random.Next(1, 10) - 1)])
                starts[position] = true;
            double height = random.Next(10, 100);
            for (int j = 0; j < Length; j++)
            {
                if (starts[j])
                    height = random.Next(10, 100);
                clean[(i * Length) + j] = height;
                noisy[(i * Length) + j] = height + (Noise * Normal(random));
            }
        }

        return new DenoiseSignals(clean, noisy);
    }

    /// <summary>Mean squared difference from the clean signals.</summary>
    public double Error(double[] values) => values.Zip(Clean, (a, b) => (a - b) * (a - b)).Average();

    public void Dispose()
    {
        CleanTensor.Dispose();
        NoisyTensor.Dispose();
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
