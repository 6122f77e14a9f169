using Microsoft.ML.Constrained.QuadraticPrograms;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Shape, parameters and settings of a <see cref="QuadraticProgramLayer"/>.</summary>
public sealed class QuadraticProgramLayerOptions
{
    /// <summary>n, the number of variables; at least 1.</summary>
    public int Variables { get; set; }

    /// <summary>m, the rows of G; zero unless set.</summary>
    public int Inequalities { get; set; }

    /// <summary>The rows of A; zero unless set.</summary>
    public int Equalities { get; set; }

    /// <summary>The quadratic cost, n × n; zero unless set.</summary>
    public QuadraticProgramTerm Q { get; set; } = QuadraticProgramTerm.Zero;

    /// <summary>The linear cost, n; an input of <c>forward</c> unless set.</summary>
    public QuadraticProgramTerm P { get; set; } = QuadraticProgramTerm.Input;

    /// <summary>The matrix of the inequalities, m × n; to be set where there are any.</summary>
    public QuadraticProgramTerm G { get; set; } = QuadraticProgramTerm.Zero;

    /// <summary>The right-hand sides of the inequalities, m; zero unless set.</summary>
    public QuadraticProgramTerm H { get; set; } = QuadraticProgramTerm.Zero;

    /// <summary>The matrix of the equalities, equalities × n; to be set where there are any.</summary>
    public QuadraticProgramTerm A { get; set; } = QuadraticProgramTerm.Zero;

    /// <summary>The right-hand sides of the equalities; zero unless set.</summary>
    public QuadraticProgramTerm B { get; set; } = QuadraticProgramTerm.Zero;

    /// <summary>The n elements that z₀ of <see cref="QuadraticProgramTerm.Feasible"/> starts from, before <see cref="FeasiblePointMap"/>; zeros (float64) unless set.</summary>
    public Tensor? FeasiblePoint { get; set; }

    /// <summary>How the learned elements become z₀; as they are unless set.</summary>
    public PositiveMap FeasiblePointMap { get; set; } = PositiveMap.Identity;

    /// <summary>The m elements that s₀ of <see cref="QuadraticProgramTerm.Feasible"/> starts from, before <see cref="SlackMap"/>; zeros (float64) unless set.</summary>
    public Tensor? Slack { get; set; }

    /// <summary>How the learned elements become s₀, which must be positive; exp unless set.</summary>
    public PositiveMap SlackMap { get; set; } = PositiveMap.Exp;

    /// <summary>Whether z₀ and s₀ are learned; true unless set.</summary>
    public bool LearnFeasiblePoint { get; set; } = true;

    /// <summary>
    /// Settings of the solver. <see cref="QuadraticProgramOptions.KeepFactors"/> is set by the layer as gradients are needed or not.
    /// </summary>
    public QuadraticProgramOptions Solver { get; set; } = new();

    /// <summary>
    /// Whether CPU tensors, too, go to the implementation in tensor operations that those of other devices go to; false unless set.
    /// It is slower there and serves to compare.
    /// </summary>
    public bool AlwaysUseTensorOperations { get; set; }
}
