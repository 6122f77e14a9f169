using System;
using Microsoft.ML.Constrained.Interop;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Interop;

[TestClass]
public sealed class UpstreamProbeTests
{
    [TestMethod]
    public void Check_OfTheReferencedVersion_FindsEverything()
    {
        Assert.IsNull(UpstreamProbe.Check(UpstreamProbe.Find));
        UpstreamProbe.Verify();
    }

    [TestMethod]
    public void Check_WithAMissingType_NamesItsMembersAndTheTestedVersions()
    {
        string? problem = UpstreamProbe.Check((assembly, type) => type == "Microsoft.ML.VersionInfo" ? null : UpstreamProbe.Find(assembly, type));
        Assert.IsNotNull(problem);
        StringAssert.Contains(problem, "'Microsoft.ML.VersionInfo..ctor(String, UInt32, UInt32, UInt32, String, String, String)'");
        StringAssert.Contains(problem, "Tested with Microsoft.ML 5.0.0");
        Assert.DoesNotContain("ModelSaveContext", problem);
    }

    [TestMethod]
    public void Check_WithAChangedSignature_NamesTheMember()
    {
        // A stand-in that has the type's name for the probe but none of its members.
        string? problem = UpstreamProbe.Check((assembly, type) => type == "Microsoft.ML.ModelLoadContext" ? typeof(string) : UpstreamProbe.Find(assembly, type));
        Assert.IsNotNull(problem);
        StringAssert.Contains(problem, "'Microsoft.ML.ModelLoadContext.CheckAtModel(VersionInfo)'; 'Microsoft.ML.ModelLoadContext.TryLoadBinaryStream(String, Action`1)'");
    }

    [TestMethod]
    public void Members_AreAllNeeded()
    {
        // Each of them, missing alone, is found out: none is listed in a way that always holds.
        foreach (InternalMember member in UpstreamProbe.Members)
        {
            string? problem = UpstreamProbe.Check((assembly, type) => type == member.Type ? null : UpstreamProbe.Find(assembly, type));
            Assert.IsNotNull(problem);
            StringAssert.Contains(problem, $"'{member}'");
        }
    }
}
