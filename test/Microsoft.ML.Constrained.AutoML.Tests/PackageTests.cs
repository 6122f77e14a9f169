using System;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>The package that is meant to be shipped, read off the project file.</summary>
[TestClass]
public sealed class PackageTests
{
    private static readonly XDocument s_project =
        XDocument.Load(RepositoryFiles.Path("src", "Microsoft.ML.Constrained.AutoML", "Microsoft.ML.Constrained.AutoML.csproj"));

    [TestMethod]
    public void Package_HasIdLicenceReadmeAndSymbols()
    {
        Assert.AreEqual("Microsoft.ML.Constrained.AutoML", Property("PackageId"));
        Assert.AreEqual("MIT", Property("PackageLicenseExpression"));
        Assert.AreEqual("README.md", Property("PackageReadmeFile"));
        Assert.AreEqual("snupkg", Property("SymbolPackageFormat"));
        XDocument core = XDocument.Load(RepositoryFiles.Path("src", "Microsoft.ML.Constrained", "Microsoft.ML.Constrained.csproj"));
        Assert.AreEqual(core.Descendants("Version").Single().Value, Property("Version"), "Both packages are released together.");
    }

    [TestMethod]
    public void Dependencies_AreOurPackageAndAutoML()
    {
        XElement package = s_project.Descendants("PackageReference").Single();
        Assert.AreEqual("Microsoft.ML.AutoML", package.Attribute("Include")!.Value);
        Assert.AreEqual("'$(UpstreamPackages)' == 'true'", package.Parent!.Attribute("Condition")!.Value);
        XDocument versions = XDocument.Load(RepositoryFiles.Path("Directory.Packages.props"));
        Assert.AreEqual("0.23.0", versions.Descendants("MicrosoftMLPreviewVersion").Single().Value);
        Assert.AreEqual(
            "$(MicrosoftMLPreviewVersion)",
            versions.Descendants("PackageVersion").Single(v => v.Attribute("Include")!.Value == "Microsoft.ML.AutoML").Attribute("Version")!.Value);
    }

    [TestMethod]
    public void Subset_IsReferredToOfflineOnlyAndNeverPacked()
    {
        XElement subset = s_project.Descendants("ProjectReference").Single(p => p.Attribute("Include")!.Value.Contains("offline", StringComparison.Ordinal));
        Assert.AreEqual("'$(UpstreamPackages)' != 'true'", subset.Parent!.Attribute("Condition")!.Value);
        StringAssert.Contains(s_project.Descendants("Error").Single().Attribute("Text")!.Value, "never shipped");
    }

    [TestMethod]
    public void Probe_AsksForAutoMLToo() => StringAssert.Contains(
        File.ReadAllText(RepositoryFiles.Path("build", "common.sh")), "<PackageReference Include=\"Microsoft.ML.AutoML\" />");

    private static string Property(string name) => s_project.Descendants(name).Single().Value;
}
