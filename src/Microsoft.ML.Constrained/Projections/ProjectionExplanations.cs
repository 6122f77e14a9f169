using System;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained;

/// <summary>Why a row is projected to where it is projected.</summary>
public static class ProjectionExplanations
{
    /// <summary>Relative slack up to which a constraint counts as binding.</summary>
    private const double Binding = 1e-8;

    /// <summary>Projects one row and says which constraints bind, at what shadow price, and how far the row was moved.</summary>
    /// <param name="projector">The projector; one is worth keeping where several rows are to be explained.</param>
    /// <param name="row">A value for each variable.</param>
    /// <param name="parameters">The row's values of <see cref="ConstraintSet.Columns"/>.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public static ProjectionExplanation Explain(this Projector projector, ReadOnlySpan<double> row, ReadOnlySpan<double> parameters = default)
    {
        ArgumentNullException.ThrowIfNull(projector);
        ConstraintSet set = projector.Set;
        var output = new double[row.Length];
        var status = new SolverStatus[1];
        var diagnostics = new ProjectionDiagnostics();
        projector.Project(row, parameters, output, status, diagnostics);
        var binding = new bool[set.Constraints.Count];
        var violations = new double[binding.Length];
        if (status[0] != SolverStatus.InvalidInput)
        {
            set.Violations(row, parameters, violations);
            if (SpanKernels.AllFinite<double>(output))
                FindBinding(set.Lower(), output, parameters, binding);
        }

        var constraints = new ExplainedConstraint[binding.Length];
        for (int i = 0; i < constraints.Length; i++)
        {
            Constraint constraint = set.Constraints[i];
            constraints[i] = new(constraint.Name, constraint.Kind, violations[i], binding[i], diagnostics.ShadowPrices[i]);
        }

        return new(set.Variables, row.ToArray(), output, status[0], diagnostics.Distance[0], constraints);
    }

    /// <inheritdoc cref="Explain(Projector, ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    /// <param name="set">The constraints; projected onto with the default options.</param>
    /// <param name="row">A value for each variable.</param>
    /// <param name="parameters">The row's values of <see cref="ConstraintSet.Columns"/>.</param>
    public static ProjectionExplanation Explain(this ConstraintSet set, ReadOnlySpan<double> row, ReadOnlySpan<double> parameters = default) =>
        new Projector(set).Explain(row, parameters);

    private static void FindBinding(ConstraintSystem system, ReadOnlySpan<double> z, ReadOnlySpan<double> parameters, Span<bool> binding)
    {
        var lower = new double[system.RowCount];
        var upper = new double[system.RowCount];
        system.EvaluateBounds(parameters, lower, upper);
        for (int i = 0; i < system.RowCount; i++)
        {
            double value = 0;
            double size = 0;
            for (int j = 0; j < z.Length; j++)
            {
                value += system.Row(i)[j] * z[j];
                size += Math.Abs(system.Row(i)[j] * z[j]);
            }

            double allowed = Binding * Math.Max(1, size);
            binding[system.RowOwner[i]] |= value >= upper[i] - allowed || value <= lower[i] + allowed;
        }

        foreach (NormBlock block in system.Norms)
        {
            var d = new double[block.Variables.Length];
            double sum = 0;
            for (int k = 0; k < d.Length; k++)
            {
                d[k] = z[block.Variables[k]] - block.Centre[k];
                sum += Math.Abs(d[k]);
            }

            double limit = block.EvaluateRadius(parameters) + (block.Height >= 0 ? z[block.Height] : 0);
            double value = block.Norm == Norm.L1 ? sum : SpanKernels.Norm(d);
            binding[block.Owner] |= value >= limit - (Binding * Math.Max(1, Math.Abs(limit)));
        }
    }
}
