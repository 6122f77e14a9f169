using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Checks of one parameter of a batch of quadratic programs.</summary>
internal static class TermShape
{
    /// <summary>The batch size that a parameter is given for, or −1 where it has no batch dimension.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="tensor">The parameter.</param>
    /// <param name="rows">Rows of a matrix, length of a vector.</param>
    /// <param name="columns">Columns; zero for a vector.</param>
    public static int Check(string name, Tensor tensor, int rows, int columns)
    {
        bool matrix = columns > 0;
        int rank = matrix ? 2 : 1;
        if (tensor.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"'{name}' is of type {tensor.dtype}; expected Float32 or Float64.");
        long[] shape = tensor.shape;
        bool fits = shape.Length == rank || shape.Length == rank + 1;
        if (fits && matrix)
            fits = shape[^2] == rows && shape[^1] == columns;
        else if (fits)
            fits = shape[^1] == rows;
        if (!fits)
        {
            string expected = matrix ? $"[{rows}, {columns}] or [batch, {rows}, {columns}]" : $"[{rows}] or [batch, {rows}]";
            throw new ArgumentException($"'{name}' has the shape [{string.Join(", ", shape)}]; expected {expected}.");
        }

        return shape.Length == rank ? -1 : checked((int)shape[0]);
    }
}
