namespace Microsoft.ML.Constrained.Constraints;

/// <summary>
/// The sizes that a set may have. They hold when a set is built, so that every set can be saved,
/// and are checked before anything is allocated when one is read.
/// </summary>
internal static class ConstraintLimits
{
    public const int Variables = 65_536;
    public const int Constraints = 65_536;
    public const int Columns = 4_096;

    /// <summary>Characters in the name of a variable, a column or a constraint.</summary>
    public const int NameLength = 1_024;

    /// <summary>Characters in a text that is parsed.</summary>
    public const int TextLength = 1_048_576;

    /// <summary>How deep parentheses, functions and signs may be nested in a text.</summary>
    public const int Nesting = 64;

    /// <summary>Coefficients that may be touched while one text is read: <c>sum(*)</c> costs as many as there are variables.</summary>
    public const long ParseWork = 1L << 24;

    /// <summary>A text longer than this does not become an automatic name.</summary>
    public const int AutomaticNameLength = 100;
}
