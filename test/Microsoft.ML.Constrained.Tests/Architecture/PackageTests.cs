using System.IO;
using System.Linq;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Architecture;

/// <summary>The package that is meant to be shipped, read off the project files: it is only packed where the real packages are.</summary>
[TestClass]
public sealed class PackageTests
{
    private static readonly XDocument s_project = XDocument.Load(RepositoryFiles.Path("src", "Microsoft.ML.Constrained", "Microsoft.ML.Constrained.csproj"));
    private static readonly XDocument s_versions = XDocument.Load(RepositoryFiles.Path("Directory.Packages.props"));

    [TestMethod]
    public void Package_HasIdLicenceReadmeAndSymbols()
    {
        Assert.AreEqual("Microsoft.ML.Constrained", Property("PackageId"));
        StringAssert.Contains(Element("PackageId").Attribute("Condition")?.Value, "$(PackageId)", "The id must stay a property that a build can set.");
        Assert.AreEqual("MIT", Property("PackageLicenseExpression"));
        Assert.AreEqual("README.md", Property("PackageReadmeFile"));
        Assert.IsTrue(File.Exists(RepositoryFiles.Path("README.md")));
        Assert.AreEqual("true", Property("IncludeSymbols"));
        Assert.AreEqual("snupkg", Property("SymbolPackageFormat"));
    }

    [TestMethod]
    public void Dependencies_AreThePinnedUpstreamPackages()
    {
        string[] shipped =
        [
            .. s_project.Descendants("PackageReference")
                .Where(p => p.Attribute("PrivateAssets")?.Value != "all")
                .Select(p => $"{p.Attribute("Include")!.Value} {Version(p.Attribute("Include")!.Value)}")
                .Order(),
        ];
        CollectionAssert.IsSubsetOf(shipped, new[] { "Microsoft.ML 5.0.0", "TorchSharp 0.102.7" });
        CollectionAssert.Contains(shipped, "Microsoft.ML 5.0.0");
        Assert.IsTrue(s_project.Descendants("PackageReference").All(p => p.Parent!.Attribute("Condition")!.Value.Contains("'true'", System.StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Subsets_AreReferredToOfflineOnlyAndNeverPacked()
    {
        XElement[] subsets = [.. s_project.Descendants("ProjectReference").Where(p => p.Attribute("Include")!.Value.Contains("offline", System.StringComparison.Ordinal))];
        Assert.IsNotEmpty(subsets);
        Assert.IsTrue(subsets.All(s => s.Parent!.Attribute("Condition")!.Value == "'$(UpstreamPackages)' != 'true'"));
        Assert.IsNotNull(s_project.Descendants("Error").SingleOrDefault(e => e.Attribute("Text")!.Value.Contains("never shipped", System.StringComparison.Ordinal)));
        StringAssert.Contains(File.ReadAllText(RepositoryFiles.Path("build", "offline", "Directory.Build.props")), "<IsPackable>false</IsPackable>");
    }

    [TestMethod]
    public void NuGetConfig_NamesNoFeed() =>
        Assert.IsEmpty(XDocument.Load(RepositoryFiles.Path("nuget.config")).Descendants("packageSources"));

    private static XElement Element(string name) => s_project.Descendants(name).Single();

    private static string Property(string name) => Element(name).Value;

    private static string Version(string package)
    {
        string version = s_versions.Descendants("PackageVersion").Single(v => v.Attribute("Include")!.Value == package).Attribute("Version")!.Value;
        return version.StartsWith("$(", System.StringComparison.Ordinal) ? s_versions.Descendants(version[2..^1]).Single().Value : version;
    }
}
