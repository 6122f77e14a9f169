namespace Microsoft.ML.Constrained.Constraints;

/// <summary>What a token of the text form is.</summary>
internal enum ConstraintTokenKind : byte
{
    End,
    Separator,
    Number,
    Name,
    At,
    Plus,
    Minus,
    Star,
    Slash,
    Open,
    Close,
    Comma,
    Colon,
    LessOrEqual,
    GreaterOrEqual,
    Equal,
}
