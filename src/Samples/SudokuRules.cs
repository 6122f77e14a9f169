using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>The rules, which the model is never told: they serve to make puzzles, to check answers and to judge what was learned.</summary>
internal static class SudokuRules
{
    /// <summary>Each as the elements of the one-hot board whose sum is 1. Of the 64, 40 are independent.</summary>
    public static IReadOnlyList<(string Name, int[] Elements)> All { get; } = [.. Enumerate()];

    /// <summary>Whether the digits of largest value make a board that follows all rules and keeps the puzzle's clues.</summary>
    public static bool Solves(ReadOnlySpan<double> z, byte[] puzzle)
    {
        byte[] board = Digits(z);
        for (int i = 0; i < 16; i++)
        {
            if (puzzle[i] != 0 && puzzle[i] != board[i])
                return false;
        }

        return Follows(board);
    }

    /// <summary>
    /// The check in OptNet's code: of the digits 0 to 3 in each row, column and block, the least is 0, the greatest 3 and the sum 6.
    /// It also lets 0, 0, 3, 3 pass, and boards that overwrite clues.
    /// </summary>
    public static bool PassesOptNetCheck(ReadOnlySpan<double> z)
    {
        byte[] board = Digits(z);
        return Units().All(unit =>
        {
            int[] digits = [.. unit.Cells.Select(cell => board[cell] - 1)];
            return digits.Min() == 0 && digits.Max() == 3 && digits.Sum() == 6;
        });
    }

    /// <summary>The 288 boards there are.</summary>
    public static byte[][] AllBoards()
    {
        var boards = new List<byte[]>();
        Fill(new byte[16], 0, boards);
        return [.. boards];
    }

    private static bool Follows(byte[] board) =>
        Units().All(unit => unit.Cells.Aggregate(0, (digits, cell) => digits | (1 << board[cell])) == 0b11110);

    private static byte[] Digits(ReadOnlySpan<double> z)
    {
        var board = new byte[16];
        for (int cell = 0; cell < 16; cell++)
        {
            int best = 0;
            for (int digit = 1; digit < 4; digit++)
                best = z[(cell * 4) + digit] > z[(cell * 4) + best] ? digit : best;
            board[cell] = (byte)(best + 1);
        }

        return board;
    }

    private static void Fill(byte[] board, int cell, List<byte[]> boards)
    {
        if (cell == 16)
        {
            boards.Add([.. board]);
            return;
        }

        for (byte digit = 1; digit <= 4; digit++)
        {
            board[cell] = 0;
            if (Units().Where(unit => unit.Cells.Contains(cell)).All(unit => unit.Cells.All(other => board[other] != digit)))
            {
                board[cell] = digit;
                Fill(board, cell + 1, boards);
            }
        }

        board[cell] = 0;
    }

    private static IEnumerable<(string Name, int[] Cells)> Units()
    {
        for (int i = 0; i < 4; i++)
        {
            int first = (i / 2 * 8) + (i % 2 * 2);
            yield return ($"row {i + 1}", [i * 4, (i * 4) + 1, (i * 4) + 2, (i * 4) + 3]);
            yield return ($"column {i + 1}", [i, i + 4, i + 8, i + 12]);
            yield return ($"block {i + 1}", [first, first + 1, first + 4, first + 5]);
        }
    }

    private static IEnumerable<(string Name, int[] Elements)> Enumerate()
    {
        for (int cell = 0; cell < 16; cell++)
        {
            int first = cell * 4;
            yield return ($"one digit in row {(cell / 4) + 1}, column {(cell % 4) + 1}", [first, first + 1, first + 2, first + 3]);
        }

        foreach ((string name, int[] cells) in Units())
        {
            for (int digit = 0; digit < 4; digit++)
            {
                int k = digit;
                yield return ($"one {digit + 1} in {name}", [.. cells.Select(cell => (cell * 4) + k)]);
            }
        }
    }
}
