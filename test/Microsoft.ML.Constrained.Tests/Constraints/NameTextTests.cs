using Microsoft.ML.Constrained.Constraints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Constraints;

[TestClass]
public class NameTextTests
{
    private static readonly string[] s_candidates = ["Steel", "Wood", "Glass", "x", "y1"];

    [TestMethod]
    [DataRow("steel", "Steel")]
    [DataRow("Stel", "Steel")]
    [DataRow("Glsas", null)]
    [DataRow("Woods", "Wood")]
    [DataRow("Iron", null)]
    [DataRow("X", "x")]
    [DataRow("q", null)]
    [DataRow("y2", "y1")]
    public void Nearest_OfATypingError_IsTheNameMeant(string unknown, string? expected) =>
        Assert.AreEqual(expected, NameText.Nearest(unknown, s_candidates));

    [TestMethod]
    [DataRow("x1", "x1")]
    [DataRow("_", "_")]
    [DataRow("größe", "größe")]
    [DataRow("1x", "[1x]")]
    [DataRow("a b", "[a b]")]
    [DataRow("a]", "[a]]]")]
    [DataRow("a.b", "[a.b]")]
    public void Quote_OfAName_PutsBracketsWhereNeeded(string name, string expected) => Assert.AreEqual(expected, NameText.Quote(name));
}
