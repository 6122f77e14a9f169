using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class SudokuTests : LayerTest
{
    [TestMethod]
    public void Quick_GeneratedPuzzles_LearnsRulesAndSolvesUnseenPuzzles()
    {
        string output = SampleProcess.Run("sudoku", "--quick");
        StringAssert.Contains(output, "1500 solved puzzles to learn from, 300 others to test with");

        MatchCollection epochs = Regex.Matches(output, @"^ +(\d+) +([\d.]+) +([\d.]+) +([\d.]+) % +([\d.]+) %", RegexOptions.Multiline);
        Assert.HasCount(8, epochs, output);
        Assert.IsLessThan(0.1 * Number(epochs[0], 2), Number(epochs[7], 2), output);
        Assert.IsLessThan(10, Number(epochs[0], 4), "Nothing is learned in the first epoch that would solve many puzzles.");
        foreach (Match epoch in epochs)
            Assert.IsLessThanOrEqualTo(Number(epoch, 5), Number(epoch, 4), "The strict check passed more than the loose one: " + epoch.Value);
        Match end = Regex.Match(output, @"Median over 1 seed\(s\): ([\d.]+) % of the unseen puzzles solved after");
        Assert.IsGreaterThanOrEqualTo(95, Number(end, 1), output);
        Match distance = Regex.Match(output, @"Distance of the 64 true rules from the learned ones: median (\d+\.\d+), largest (\d+\.\d+)");
        Assert.IsLessThan(0.1, Number(distance, 1), output);
        Assert.IsLessThanOrEqualTo(Number(distance, 2), Number(distance, 1), output);
    }

    [TestMethod]
    public void Data_PuzzlesBothKnownAndUnseen_AreLeftOutOfTheKnown()
    {
        // 100 different puzzles to learn from, of which 7 come again among the 300 to test with.
        string[] boards = [.. Boards().Take(40)];
        string[] puzzles = [.. Enumerable.Range(0, 393).Select(i => Blank(boards[i % 40], i / 40) + "," + boards[i % 40])];
        string path = Path.Combine(Path.GetTempPath(), $"sudoku-{Guid.NewGuid():N}.csv");
        try
        {
            File.WriteAllLines(path, ["Puzzle,Solution", .. puzzles[..100], .. puzzles[93..]]);
            string output = SampleProcess.Run("sudoku", "--quick", "--epochs", "1", "--data", path);
            StringAssert.Contains(output, "93 solved puzzles to learn from, 300 others to test with");

            File.WriteAllLines(path, ["Puzzle,Solution", "1234,1234"]);
            (int code, _, string errors) = SampleProcess.Start("sudoku", "--data", path);
            Assert.AreNotEqual(0, code);
            StringAssert.Contains(errors, "has the line '1234,1234'; expected 16 cells");
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Valid boards: rows are permutations, columns and blocks are checked as sets.</summary>
    private static IEnumerable<string> Boards()
    {
        string[] rows =
        [
            .. from a in "1234" from b in "1234" from c in "1234" from d in "1234"
               let row = $"{a}{b}{c}{d}"
               where row.Distinct().Count() == 4
               select row,
        ];
        return from p in rows
               from q in rows
               where (p[..2] + q[..2]).Distinct().Count() == 4
               from r in rows
               from s in rows
               where Enumerable.Range(0, 4).All(j => new HashSet<char> { p[j], q[j], r[j], s[j] }.Count == 4)
               where (r[..2] + s[..2]).Distinct().Count() == 4
               select p + q + r + s;
    }

    private static string Blank(string board, int at) => board.Remove(at, 1).Insert(at, ".");

    private static double Number(Match match, int group)
    {
        Assert.IsTrue(match.Success, "A line that was expected is missing.");
        return double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }
}
