using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// Compares the gradients that a layer or function gives with central differences, in float64. The output is turned into one number
/// by fixed random weights.
/// </summary>
/// <remarks>
/// Costs two forward passes an element. What is checked must give the same output for the same input: switch dropout off with
/// <c>eval()</c>. At a kink of the function the two differ rightly.
/// </remarks>
public static class GradientCheck
{
    /// <summary>Checks a module by its input and its parameters.</summary>
    /// <param name="module">The module; its parameters must be float64.</param>
    /// <param name="input">An input; a copy in float64 is used.</param>
    /// <param name="options">Settings; the defaults where null.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="ArgumentException">A parameter is not float64 or not contiguous.</exception>
    public static GradientCheckReport Run(nn.Module<Tensor, Tensor> module, Tensor input, GradientCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Run(module, tensors => module.call(tensors[0]), [input], options);
    }

    /// <summary>Checks what is computed with a module by its inputs and the module's parameters.</summary>
    /// <param name="module">The module; its parameters must be float64.</param>
    /// <param name="forward">Computes one tensor from the inputs with the module.</param>
    /// <param name="inputs">Inputs; floating-point ones are checked, in copies in float64.</param>
    /// <param name="options">Settings; the defaults where null.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="ArgumentException">A parameter is not float64 or not contiguous.</exception>
    public static GradientCheckReport Run(
        nn.Module module, Func<Tensor[], Tensor> forward, IReadOnlyList<Tensor> inputs, GradientCheckOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        var parameters = new List<(string Name, Tensor Value)>();
        if (options is null || options.IncludeParameters)
        {
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in module.named_parameters())
            {
                if (!parameter.requires_grad)
                    continue;
                if (parameter.dtype != ScalarType.Float64 || !parameter.is_contiguous())
                    throw new ArgumentException($"Parameter '{name}' is {parameter.dtype}; expected contiguous Float64: convert the module with to(ScalarType.Float64).", nameof(module));
                parameters.Add((name, parameter));
            }
        }

        return Run(forward, inputs, parameters, options ?? new GradientCheckOptions());
    }

    /// <summary>Checks a function by its inputs.</summary>
    /// <param name="function">Computes one tensor.</param>
    /// <param name="inputs">Inputs; floating-point ones are checked, in copies in float64.</param>
    /// <param name="options">Settings; the defaults where null.</param>
    /// <returns>The comparison.</returns>
    public static GradientCheckReport Run(Func<Tensor[], Tensor> function, IReadOnlyList<Tensor> inputs, GradientCheckOptions? options = null) =>
        Run(function, inputs, [], options ?? new GradientCheckOptions());

    private static GradientCheckReport Run(
        Func<Tensor[], Tensor> function, IReadOnlyList<Tensor> inputs, List<(string Name, Tensor Value)> checkedTensors, GradientCheckOptions options)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        options.Validate();
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(options.Seed);
        var copies = new Tensor[inputs.Count];
        for (int i = 0; i < copies.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(inputs[i]);
            copies[i] = inputs[i];
            if (!inputs[i].is_floating_point())
                continue;
            copies[i] = inputs[i].detach().to(ScalarType.Float64).contiguous().clone();
            copies[i].requires_grad = true;
            checkedTensors.Add(($"input {i}", copies[i]));
        }

        // Whoever calls this under no_grad still wants gradients.
        using IDisposable on = enable_grad();
        Tensor output = function(copies).to(ScalarType.Float64);
        Tensor weights = Weights(output, random);
        Tensor loss = (output * weights).sum();
        var leaves = checkedTensors.Select(item => item.Value).ToList();
        IList<Tensor?> analytic = loss.requires_grad && leaves.Count > 0
            ? autograd.grad([loss], leaves, allow_unused: true)!
            : new Tensor?[leaves.Count];
        double Loss()
        {
            using IDisposable off = no_grad();
            using DisposeScope inner = NewDisposeScope();
            return (function(copies).to(ScalarType.Float64) * weights).sum().item<double>();
        }

        var entries = new List<GradientCheckEntry>();
        for (int i = 0; i < leaves.Count; i++)
            entries.Add(Compare(checkedTensors[i].Name, leaves[i], analytic[i], Loss, options, random));
        return new GradientCheckReport(entries);
    }

    private static Tensor Weights(Tensor output, Random random)
    {
        double[] values = new double[output.numel()];
        for (int i = 0; i < values.Length; i++)
            values[i] = (2 * random.NextDouble()) - 1;
        return from_array(values).reshape(output.shape).to(output.device);
    }

    private static GradientCheckEntry Compare(
        string name, Tensor leaf, Tensor? gradient, Func<double> loss, GradientCheckOptions options, Random random)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        int count = checked((int)leaf.numel());
        double[] values = leaf.detach().cpu().data<double>().ToArray();
        double[] analytic = gradient is null || gradient.IsInvalid
            ? new double[count]
            : gradient.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        Tensor flat = leaf.detach().reshape(-1);
        int[] chosen = Enumerable.Range(0, count).ToArray();
        if (count > options.MostElements)
        {
            random.Shuffle(chosen);
            Array.Resize(ref chosen, options.MostElements);
        }

        double absolute = 0, relative = 0, worstAnalytic = 0, worstNumeric = 0;
        int worst = -1;
        foreach (int i in chosen)
        {
            double numeric = Difference(flat, i, values[i], options.Step, loss);
            double error = Math.Abs(analytic[i] - numeric);
            double share = error / Math.Max(options.Floor, Math.Max(Math.Abs(analytic[i]), Math.Abs(numeric)));
            if (!double.IsFinite(error))
                error = share = double.PositiveInfinity;
            absolute = Math.Max(absolute, error);
            if (worst >= 0 && !(share > relative))
                continue;
            (relative, worst, worstAnalytic, worstNumeric) = (share, i, analytic[i], numeric);
        }

        return new GradientCheckEntry(
            name, chosen.Length, absolute, relative, Index(worst, leaf.shape), worstAnalytic, worstNumeric, relative <= options.Tolerance);
    }

    private static double Difference(Tensor flat, int index, double value, double step, Func<double> loss)
    {
        using Tensor element = flat.select(0, index);
        step *= Math.Max(1, Math.Abs(value));
        double up = value + step, down = value - step;
        try
        {
            element.fill_(up);
            double above = loss();
            element.fill_(down);
            return (above - loss()) / (up - down);
        }
        finally
        {
            element.fill_(value);
        }
    }

    private static long[] Index(int flat, long[] shape)
    {
        if (flat < 0)
            return [];
        var index = new long[shape.Length];
        long rest = flat;
        for (int i = shape.Length - 1; i >= 0; i--)
            (rest, index[i]) = Math.DivRem(rest, shape[i]);
        return index;
    }
}
