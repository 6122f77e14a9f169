using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>Cuts a constraint's text into tokens. Line ends separate constraints outside parentheses and are spaces inside.</summary>
internal sealed class ConstraintTokenizer
{
    private readonly string _text;
    private readonly List<ConstraintToken> _tokens = [];
    private int _at;
    private int _depth;

    private ConstraintTokenizer(string text) => _text = text;

    /// <summary>All tokens, the last of which is <see cref="ConstraintTokenKind.End"/>.</summary>
    /// <exception cref="ConstraintFormatException">A character, number or name that cannot be.</exception>
    public static List<ConstraintToken> Tokenize(string text)
    {
        if (text.Length > ConstraintLimits.TextLength)
        {
            throw new ConstraintFormatException(
                text, ConstraintLimits.TextLength,
                $"the text has {text.Length} characters; at most {ConstraintLimits.TextLength} are read. Split it.");
        }

        ConstraintTokenizer tokenizer = new(text);
        while (tokenizer.SkipSpace())
            tokenizer.Next();
        tokenizer._tokens.Add(new ConstraintToken(ConstraintTokenKind.End, text.Length, text.Length));
        return tokenizer._tokens;
    }

    private bool SkipSpace()
    {
        for (; _at < _text.Length; _at++)
        {
            char c = _text[_at];
            if (c == '#')
            {
                int end = _text.IndexOf('\n', _at);
                _at = (end < 0 ? _text.Length : end) - 1;
            }
            else if (!char.IsWhiteSpace(c) || (c == '\n' && _depth == 0))
            {
                return true;
            }
        }

        return false;
    }

    private void Next()
    {
        char c = _text[_at];
        switch (c)
        {
            case '\n' or ';': Add(ConstraintTokenKind.Separator, 1); break;
            case '@': Add(ConstraintTokenKind.At, 1); break;
            case '+': Add(ConstraintTokenKind.Plus, 1); break;
            case '-' or '\u2212': Add(ConstraintTokenKind.Minus, 1); break;
            case '*': Add(ConstraintTokenKind.Star, 1); break;
            case '/': Add(ConstraintTokenKind.Slash, 1); break;
            case ',': Add(ConstraintTokenKind.Comma, 1); break;
            case ':': Add(ConstraintTokenKind.Colon, 1); break;
            case '≤': Add(ConstraintTokenKind.LessOrEqual, 1); break;
            case '≥': Add(ConstraintTokenKind.GreaterOrEqual, 1); break;
            case '(':
                _depth++;
                Add(ConstraintTokenKind.Open, 1);
                break;
            case ')':
                _depth = Math.Max(0, _depth - 1);
                Add(ConstraintTokenKind.Close, 1);
                break;
            case '=': Add(ConstraintTokenKind.Equal, Peek(1) == '=' ? 2 : 1); break;
            case '<' or '>': Inequality(c); break;
            case '[': QuotedName(); break;
            default: Word(c); break;
        }
    }

    private void Add(ConstraintTokenKind kind, int length)
    {
        _tokens.Add(new ConstraintToken(kind, _at, _at + length));
        _at += length;
    }

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private void Inequality(char c)
    {
        if (Peek(1) != '=')
            throw Error(_at, $"expected '{c}='. A strict inequality has no nearest point; write '{c}='.");
        Add(c == '<' ? ConstraintTokenKind.LessOrEqual : ConstraintTokenKind.GreaterOrEqual, 2);
    }

    private void Word(char c)
    {
        int start = _at;
        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            Number();
        }
        else if (NameText.IsIdentifierStart(c))
        {
            while (NameText.IsIdentifierPart(Peek(0)))
                _at++;
            AddName(start, _text[start.._at], quoted: false);
        }
        else
        {
            string shown = char.IsControl(c) || char.IsSurrogate(c) ? FormattableString.Invariant($"U+{(int)c:X4}") : $"'{c}'";
            throw Error(_at, $"unexpected character {shown}. A name with such characters stands in brackets: [my name].");
        }
    }

    private void Number()
    {
        int start = _at;
        Digits();
        if (Peek(0) == '.')
        {
            _at++;
            Digits();
        }

        int sign = Peek(1) is '+' or '-' ? 1 : 0;
        if (Peek(0) is 'e' or 'E' && char.IsAsciiDigit(Peek(1 + sign)))
        {
            _at += 1 + sign;
            Digits();
        }

        double value = double.Parse(_text.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
            throw Error(start, "the number is too large; the largest is about 1.8e308.");
        _tokens.Add(new ConstraintToken(ConstraintTokenKind.Number, start, _at, null, value));
    }

    private void Digits()
    {
        while (char.IsAsciiDigit(Peek(0)))
            _at++;
    }

    private void QuotedName()
    {
        int start = _at++;
        StringBuilder name = new();
        for (; ; _at++)
        {
            if (_at >= _text.Length || _text[_at] == '\n')
                throw Error(start, "expected ']' behind the name, on the same line. (A ']' inside a name is written ']]'.)");
            if (_text[_at] == ']' && Peek(1) != ']')
                break;
            if (_text[_at] == ']')
                _at++;
            name.Append(_text[_at]);
        }

        _at++;
        AddName(start, name.ToString(), quoted: true);
    }

    private void AddName(int start, string name, bool quoted)
    {
        if (NameText.Refusal(name) is { } reason)
            throw Error(start, $"the name {reason}.");
        _tokens.Add(new ConstraintToken(ConstraintTokenKind.Name, start, _at, name, 0, quoted));
    }

    private ConstraintFormatException Error(int position, string reason) => new(_text, position, reason);
}
