using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Microsoft.ML.Constrained;

/// <summary>What a projection did to one row, and why: which constraints bind, at what shadow price, and how far the row was moved.</summary>
public sealed class ProjectionExplanation
{
    internal ProjectionExplanation(
        IReadOnlyList<string> variables,
        double[] input,
        double[] output,
        SolverStatus status,
        double distance,
        ExplainedConstraint[] constraints)
    {
        Variables = variables;
        Input = Array.AsReadOnly(input);
        Output = Array.AsReadOnly(output);
        Status = status;
        Distance = distance;
        Constraints = Array.AsReadOnly(constraints);
    }

    /// <summary>The names of the variables.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>The row as given.</summary>
    public IReadOnlyList<double> Input { get; }

    /// <summary>The row as projected, or as the policy left it.</summary>
    public IReadOnlyList<double> Output { get; }

    /// <summary>How the projection ended.</summary>
    public SolverStatus Status { get; }

    /// <summary>The Euclidean length of the move.</summary>
    public double Distance { get; }

    /// <summary>All constraints of the set, in its order.</summary>
    public IReadOnlyList<ExplainedConstraint> Constraints { get; }

    /// <summary>Those that hold with equality at the projected row.</summary>
    public IEnumerable<ExplainedConstraint> Binding => Constraints.Where(c => c.IsBinding);

    /// <summary>Two tables: the variables that moved, and the constraints that were violated or bind.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Status}: moved by {Number(Distance)}\n");
        int width = Math.Max(8, Variables.Count == 0 ? 0 : Variables.Max(v => v.Length));
        text.Append(CultureInfo.InvariantCulture, $"  {"variable".PadRight(width)} {"before",14} {"after",14} {"change",14}\n");
        for (int j = 0; j < Variables.Count; j++)
        {
            double change = Output[j] - Input[j];
            if (change != 0)
                text.Append(CultureInfo.InvariantCulture, $"  {Variables[j].PadRight(width)} {Number(Input[j]),14} {Number(Output[j]),14} {Number(change),14}\n");
        }

        ExplainedConstraint[] shown = [.. Constraints.Where(c => c.IsBinding || c.ViolationBefore > 0)];
        if (shown.Length == 0)
            return text.Append("  no constraint was violated and none binds\n").ToString();
        width = Math.Max(10, shown.Max(c => c.Name.Length));
        text.Append(CultureInfo.InvariantCulture, $"  {"constraint".PadRight(width)} {"violated by",14} {"shadow price",14}\n");
        foreach (ExplainedConstraint c in shown)
        {
            string price = c.IsBinding ? Number(c.ShadowPrice) : "slack";
            text.Append(CultureInfo.InvariantCulture, $"  {c.Name.PadRight(width)} {Number(c.ViolationBefore),14} {price,14}\n");
        }

        return text.ToString();
    }

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
