using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>4 × 4 Sudoku puzzles with their solutions: 16 cells row by row, digits 1 to 4, 0 where a puzzle is blank.</summary>
internal sealed class SudokuPuzzles
{
    private SudokuPuzzles(byte[][] puzzles, byte[][] solutions)
    {
        Puzzles = puzzles;
        Solutions = solutions;
    }

    public byte[][] Puzzles { get; }

    public byte[][] Solutions { get; }

    public int Count => Puzzles.Length;

    /// <summary>
    /// Reads a file of lines <c>PUZZLE,SOLUTION</c> under a heading, '.' for blanks. Its last <paramref name="unseen"/> puzzles are for
    /// testing; those of the others that are among them are left out.
    /// </summary>
    public static (SudokuPuzzles Known, SudokuPuzzles Unseen) Read(string path, int unseen)
    {
        string[][] lines = [.. File.ReadLines(path).Skip(1).Where(line => line.Length > 0).Select(line => line.Split(','))];
        foreach (string[] line in lines)
        {
            if (line.Length != 2 || line[0].Length != 16 || line[1].Length != 16)
            {
                throw new InvalidDataException(
                    $"'{path}' has the line '{string.Join(',', line)}'; expected 16 cells, a comma, and the 16 cells of the solution.");
            }
        }

        if (lines.Length <= unseen)
        {
            throw new InvalidDataException(
                $"'{path}' has {lines.Length} puzzles; expected more than {unseen}, which are kept for testing.");
        }

        string[][] test = lines[^unseen..];
        var held = test.Select(line => line[0]).ToHashSet();
        string[][] known = [.. lines[..^unseen].Where(line => !held.Contains(line[0]))];
        return (Parse(known), Parse(test));
    }

    /// <summary>Makes different puzzles, each with one solution, which no blank more would leave so.</summary>
    public static (SudokuPuzzles Known, SudokuPuzzles Unseen) Generate(int known, int unseen, Random random)
    {
        byte[][] boards = SudokuRules.AllBoards();
        var puzzles = new List<byte[]>();
        var solutions = new List<byte[]>();
        var seen = new HashSet<string>();
        int[] order = [.. Enumerable.Range(0, 16)];
        while (puzzles.Count < known + unseen)
        {
            byte[] solution = boards[random.Next(boards.Length)];
            byte[] puzzle = [.. solution];
            random.Shuffle(order);
            foreach (int cell in order)
            {
                puzzle[cell] = 0;
                if (boards.Count(board => Fits(board, puzzle)) > 1)
                    puzzle[cell] = solution[cell];
            }

            if (seen.Add(string.Concat(puzzle)))
            {
                puzzles.Add(puzzle);
                solutions.Add(solution);
            }
        }

        return (Part(puzzles, solutions, 0, known), Part(puzzles, solutions, known, unseen));
    }

    /// <summary>One element for each cell and digit, 1 where the cell has that digit.</summary>
    public static double[] OneHot(byte[][] boards)
    {
        var values = new double[boards.Length * 64];
        for (int i = 0; i < values.Length; i++)
            values[i] = boards[i / 64][i % 64 / 4] == (i % 4) + 1 ? 1 : 0;
        return values;
    }

    private static bool Fits(byte[] board, byte[] puzzle)
    {
        for (int i = 0; i < 16; i++)
        {
            if (puzzle[i] != 0 && puzzle[i] != board[i])
                return false;
        }

        return true;
    }

    private static SudokuPuzzles Part(List<byte[]> puzzles, List<byte[]> solutions, int first, int count) =>
        new([.. puzzles.Skip(first).Take(count)], [.. solutions.Skip(first).Take(count)]);

    private static SudokuPuzzles Parse(string[][] lines) =>
        new([.. lines.Select(line => Cells(line[0]))], [.. lines.Select(line => Cells(line[1]))]);

    private static byte[] Cells(string text) => [.. text.Select(c => c is >= '1' and <= '4' ? (byte)(c - '0') : (byte)0)];
}
