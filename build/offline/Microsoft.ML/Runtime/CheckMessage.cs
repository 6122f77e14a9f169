using System.Runtime.CompilerServices;

namespace Microsoft.ML.Runtime;

/// <summary>A message that is put together only when its check fails, so that checks of every row cost nothing.</summary>
[InterpolatedStringHandler]
internal ref struct CheckMessage
{
    private DefaultInterpolatedStringHandler _text;

    public CheckMessage(int literalLength, int formattedCount, bool f, out bool failed)
    {
        failed = !f;
        _text = failed ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public string Text => _text.ToStringAndClear();
}
