using System;
using System.Collections.Generic;
using System.Globalization;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// A polyhedron by its generators: every point is a convex combination of the vertices, plus a non-negative combination of the
/// rays, plus any combination of the lines. (Minkowski–Weyl; Ziegler, Lectures on Polytopes, 1995, theorem 1.2.)
/// </summary>
/// <remarks>
/// Where there are lines, the vertices and rays are representatives of the minimal faces and of the faces one dimension above.
/// No vertices means that the polyhedron is empty.
/// </remarks>
public sealed class GeneratorSet
{
    internal GeneratorSet(int dimension, IReadOnlyList<double[]> vertices, IReadOnlyList<double[]> rays, IReadOnlyList<double[]> lines)
    {
        Dimension = dimension;
        Vertices = vertices;
        Rays = rays;
        Lines = lines;
    }

    /// <summary>n, the dimension of the space.</summary>
    public int Dimension { get; }

    /// <summary>Points, n values each. A cone has the origin.</summary>
    public IReadOnlyList<double[]> Vertices { get; }

    /// <summary>Directions of unit Euclidean length, n values each, in which the polyhedron goes on without end.</summary>
    public IReadOnlyList<double[]> Rays { get; }

    /// <summary>Directions of unit Euclidean length, n values each, in which it goes on without end both ways; linearly independent.</summary>
    public IReadOnlyList<double[]> Lines { get; }

    /// <summary>Whether the polyhedron has no points.</summary>
    public bool IsEmpty => Vertices.Count == 0;

    /// <summary>Whether the polyhedron is bounded: a polytope.</summary>
    public bool IsBounded => Rays.Count == 0 && Lines.Count == 0;

    /// <summary>The numbers of generators.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Vertices.Count} vertices, {Rays.Count} rays, {Lines.Count} lines in dimension {Dimension}");
}
