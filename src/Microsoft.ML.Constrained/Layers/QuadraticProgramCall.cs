using System.Collections.Generic;
using Microsoft.ML.Constrained.QuadraticPrograms;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>One forward pass of a <see cref="QuadraticProgramLayer"/>: what its backward pass needs besides the saved tensors.</summary>
internal sealed class QuadraticProgramCall
{
    private readonly bool[] _present = new bool[6];

    public required TensorPrograms Programs { get; init; }

    public required LayerDiagnostics Diagnostics { get; init; }

    public required int BatchSize { get; init; }

    public required int Variables { get; init; }

    public required int Inequalities { get; init; }

    public required int Equalities { get; init; }

    public required Device Device { get; init; }

    /// <summary>The parameters whose gradients are asked for, in the order Q, p, G, h, A, b.</summary>
    public bool[] Wanted { get; } = new bool[6];

    public SolverStatus[] Status { get; set; } = [];

    /// <summary>What the managed solver keeps; of no use to others.</summary>
    public QuadraticProgramBatch? Batch { get; set; }

    public ProgramWorkspace? Workspace { get; set; }

    public long Generation { get; set; }

    public bool OwnsWorkspace { get; set; }

    /// <summary>The number of parameters that there are.</summary>
    public int Present { get; private set; }

    public bool IsPresent(int parameter) => _present[parameter];

    /// <summary>Remembers which parameters there are, so that only those enter the graph.</summary>
    public void SetPresent(Tensor?[] data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            _present[i] = data[i] is not null;
            Present += _present[i] ? 1 : 0;
        }
    }

    /// <summary>The six parameters from those that there are.</summary>
    public Tensor?[] Restore(List<Tensor> present, int first)
    {
        var data = new Tensor?[6];
        for (int i = 0; i < data.Length; i++)
            data[i] = _present[i] ? present[first++] : null;
        return data;
    }

    public Tensor Empty(int length) => empty(BatchSize, length, ScalarType.Float64, Device);
}
