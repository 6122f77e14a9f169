using System;
using Microsoft.ML.Constrained.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Rows whose own limits contradict each other, so that no point satisfies them.</summary>
internal static class ContradictoryRows
{
    /// <summary>Finds them, once before training: it takes an exact projection of each row.</summary>
    /// <param name="projector">Projects onto the constraints.</param>
    /// <param name="parameters">Rows × columns of the constraints, float64.</param>
    /// <returns>Rows × 1, true for such a row; null where there is none.</returns>
    public static Tensor? Find(Projector projector, Tensor parameters)
    {
        using var scope = NewDisposeScope();
        int rows = (int)parameters.shape[0];
        var statuses = new SolverStatus[rows];
        double[] points = new double[rows * projector.Set.Dimension];
        projector.Project(points, TensorMemory.Of(parameters.cpu().contiguous()).Span, points, statuses);
        bool[] contradictory = Array.ConvertAll(statuses, s => s == SolverStatus.PrimalInfeasible);
        return Array.IndexOf(contradictory, true) < 0 ? null : scope.MoveToOuter(tensor(contradictory, [rows, 1], ScalarType.Bool, parameters.device));
    }
}
