using System;
using System.Collections.Generic;
using System.IO;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Writes and reads the description of a solver, so that a saved model holds its solver.</summary>
internal static class SolverFormat
{
    // Raised when the meaning of a field changes; 1 is the first.
    private const byte Version = 1;

    private enum Kind : byte
    {
        Grid = 1,
        ShortestPath = 2,
        AcyclicShortestPath = 3,
        TopK = 4,
        Ranking = 5,
        Assignment = 6,
        SpanningTree = 7,
        Knapsack = 8,
        BipartiteMatching = 9,
        PerfectMatching = 10,
        TravelingSalesman = 11,
    }

    // *** Binary format ***
    // byte: version (1)
    // byte: kind
    // byte: sense (0 minimise, 1 maximise)
    // then by kind, all numbers little-endian int:
    // Grid: rows, columns, start row, start column, end row, end column, steps (4 or 8)
    // ShortestPath: vertices, edges, start, end, directed (0 or 1); AcyclicShortestPath: vertices, edges, start, end
    // SpanningTree, PerfectMatching: vertices, edges; BipartiteMatching: size, edges
    //   where edges is: count, then for each its two ends
    // TopK: items, k; Ranking: items; Assignment: rows, columns; TravelingSalesman: cities
    // Knapsack: items, resources, capacities, then the weights item by item

    /// <summary>Writes a description.</summary>
    /// <exception cref="NotSupportedException">The solver is the user's own code.</exception>
    public static void Write(BinaryWriter writer, ICombinatorialSolver solver)
    {
        writer.Write(Version);
        switch (solver)
        {
            case GridShortestPathSolver grid:
                WriteNumbers(
                    writer, Kind.Grid, grid, grid.Rows, grid.Columns, grid.Start.Row, grid.Start.Column, grid.End.Row, grid.End.Column,
                    (int)grid.Neighbourhood);
                break;
            case ShortestPathSolver path:
                WriteNumbers(writer, Kind.ShortestPath, path, path.Vertices);
                WriteEdges(writer, path.Graph.From, path.Graph.To);
                WriteNumbers(writer, path.Start, path.End, path.Directed ? 1 : 0);
                break;
            case AcyclicShortestPathSolver path:
                WriteNumbers(writer, Kind.AcyclicShortestPath, path, path.Vertices);
                WriteEdges(writer, path.Graph.From, path.Graph.To);
                WriteNumbers(writer, path.Start, path.End);
                break;
            case SpanningTreeSolver tree:
                WriteNumbers(writer, Kind.SpanningTree, tree, tree.Vertices);
                WriteEdges(writer, tree.Graph.From, tree.Graph.To);
                break;
            case PerfectMatchingSolver matching:
                WriteNumbers(writer, Kind.PerfectMatching, matching, matching.Vertices);
                WriteEdges(writer, matching.Graph.From, matching.Graph.To);
                break;
            case BipartiteMatchingSolver matching:
                WriteNumbers(writer, Kind.BipartiteMatching, matching, matching.Size);
                WriteEdges(writer, matching.Left, matching.Right);
                break;
            case TopKSolver top:
                WriteNumbers(writer, Kind.TopK, top, top.Dimension, top.K);
                break;
            case RankingSolver ranking:
                WriteNumbers(writer, Kind.Ranking, ranking, ranking.Dimension);
                break;
            case AssignmentSolver assignment:
                WriteNumbers(writer, Kind.Assignment, assignment, assignment.Rows, assignment.Columns);
                break;
            case TravelingSalesmanSolver tour:
                WriteNumbers(writer, Kind.TravelingSalesman, tour, tour.Cities);
                break;
            case KnapsackSolver knapsack:
                WriteNumbers(writer, Kind.Knapsack, knapsack, knapsack.Dimension, knapsack.Resources);
                WriteNumbers(writer, knapsack.Capacities);
                foreach (int[] weights in knapsack.Weights)
                    WriteNumbers(writer, weights);
                break;
            default:
                throw new NotSupportedException(
                    $"A {solver.GetType().Name} cannot be saved: it is code, and loading a model runs none. Save the model of the costs "
                    + "and put the solver behind it after loading.");
        }
    }

    /// <summary>Reads a description and builds the solver.</summary>
    /// <exception cref="InvalidDataException">The description is cut short, of another version, or describes no solver.</exception>
    public static ICombinatorialSolver Read(BinaryReader reader)
    {
        try
        {
            byte version = reader.ReadByte();
            if (version != Version)
                throw new InvalidDataException($"The solver's description has version {version}; this package reads version {Version}.");
            var kind = (Kind)reader.ReadByte();
            return ReadKind(reader, kind, (Sense)reader.ReadByte());
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"The solver's description is not valid: {e.Message}", e);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The solver's description is cut short.", e);
        }
    }

    private static ICombinatorialSolver ReadKind(BinaryReader reader, Kind kind, Sense sense)
    {
        int first = reader.ReadInt32();
        switch (kind)
        {
            case Kind.Grid:
                Require(sense == Sense.Minimize, "a path on a grid is a minimum");
                int columns = reader.ReadInt32();
                (int, int) start = (reader.ReadInt32(), reader.ReadInt32()), end = (reader.ReadInt32(), reader.ReadInt32());
                int steps = reader.ReadInt32();
                Require(steps is 4 or 8, $"a grid with {steps} neighbours");
                return new GridShortestPathSolver(first, columns, start, end, (GridNeighbourhood)steps);
            case Kind.ShortestPath:
                Require(sense == Sense.Minimize, "a path by Dijkstra's method is a minimum");
                List<(int, int)> edges = ReadEdges(reader);
                return new ShortestPathSolver(first, edges, reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32() != 0);
            case Kind.AcyclicShortestPath:
                edges = ReadEdges(reader);
                return new AcyclicShortestPathSolver(first, edges, reader.ReadInt32(), reader.ReadInt32(), sense);
            case Kind.SpanningTree:
                return new SpanningTreeSolver(first, ReadEdges(reader), sense);
            case Kind.PerfectMatching:
                return new PerfectMatchingSolver(first, ReadEdges(reader), sense);
            case Kind.BipartiteMatching:
                return new BipartiteMatchingSolver(first, ReadEdges(reader), sense);
            case Kind.TopK:
                return new TopKSolver(first, reader.ReadInt32(), sense);
            case Kind.Ranking:
                return new RankingSolver(first, sense);
            case Kind.Assignment:
                return new AssignmentSolver(first, reader.ReadInt32(), sense);
            case Kind.TravelingSalesman:
                return new TravelingSalesmanSolver(first, sense);
            case Kind.Knapsack:
                return ReadKnapsack(reader, first, sense);
            default:
                throw new InvalidDataException($"The solver's description has the unknown kind {(byte)kind}.");
        }
    }

    private static KnapsackSolver ReadKnapsack(BinaryReader reader, int items, Sense sense)
    {
        int resources = reader.ReadInt32();
        Require(
            items is > 0 and <= GraphEdges.MaxSize && resources is > 0 and <= KnapsackSolver.MaxResources,
            $"{items} items with {resources} resources");
        int[] capacities = ReadNumbers(reader, resources);
        var weights = new List<int[]>();
        for (int item = 0; item < items; item++)
            weights.Add(ReadNumbers(reader, resources));
        return new KnapsackSolver(weights, capacities, sense);
    }

    // Lists grow with what is really there: a false count allocates nothing.
    private static List<(int, int)> ReadEdges(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        Require(count is > 0 and <= GraphEdges.MaxSize, $"a graph of {count} edges");
        var edges = new List<(int, int)>();
        for (int edge = 0; edge < count; edge++)
            edges.Add((reader.ReadInt32(), reader.ReadInt32()));
        return edges;
    }

    private static int[] ReadNumbers(BinaryReader reader, int count)
    {
        var numbers = new int[count];
        for (int i = 0; i < count; i++)
            numbers[i] = reader.ReadInt32();
        return numbers;
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new InvalidDataException($"The solver's description is not valid: {what}.");
    }

    private static void WriteNumbers(BinaryWriter writer, Kind kind, ICombinatorialSolver solver, params ReadOnlySpan<int> numbers)
    {
        writer.Write((byte)kind);
        writer.Write((byte)solver.Sense);
        WriteNumbers(writer, numbers);
    }

    private static void WriteNumbers(BinaryWriter writer, params ReadOnlySpan<int> numbers)
    {
        foreach (int number in numbers)
            writer.Write(number);
    }

    private static void WriteEdges(BinaryWriter writer, ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        writer.Write(from.Length);
        for (int edge = 0; edge < from.Length; edge++)
        {
            writer.Write(from[edge]);
            writer.Write(to[edge]);
        }
    }
}
