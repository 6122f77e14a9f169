using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

/// <summary>Runs a sample as a user does: in a process of its own.</summary>
internal static class SampleProcess
{
    /// <summary>What the sample printed; fails the test when it does not end well within two minutes.</summary>
    public static string Run(params string[] args)
    {
        (int code, string output, string errors) = Start(args);
        Assert.AreEqual(0, code, $"sample {string.Join(' ', args)}{Environment.NewLine}{output}{errors}");
        return output;
    }

    public static (int Code, string Output, string Errors) Start(params string[] args)
    {
        string configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Debug"
            : "Release";
        string path = RepositoryFiles.Path("src", "Samples", "bin", configuration, "net10.0", "Microsoft.ML.Constrained.Samples.dll");
        var start = new ProcessStartInfo("dotnet", [path, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The sample {string.Join(' ', args)} did not end within two minutes.");
        }

        return (process.ExitCode, output.Result, errors.Result);
    }
}
