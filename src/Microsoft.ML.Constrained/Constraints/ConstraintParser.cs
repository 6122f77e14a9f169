using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>
/// Reads the text form by recursive descent; the grammar stands at <see cref="ConstraintSet.Parse(string, string[])"/>.
/// This part reads constraints, the other one the expressions inside them.
/// </summary>
internal sealed partial class ConstraintParser
{
    private static readonly string[] s_standalone = ["simplex", "cappedsimplex", "increasing", "decreasing", "bounds"];
    private static readonly string[] s_functions = ["sum", "each", "norm1", "norm2", "norminf"];

    private readonly string _text;
    private readonly VariableSpace _space;
    private readonly List<ConstraintToken> _tokens;
    private int _next;
    private int _depth;
    private long _work;

    public ConstraintParser(string text, VariableSpace space)
    {
        _text = text;
        _space = space;
        _tokens = ConstraintTokenizer.Tokenize(text);
    }

    private ConstraintToken Current => _tokens[_next];

    /// <summary>Adds every constraint of the text.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="ConstraintFormatException">The text cannot be read, or states something that no set can hold.</exception>
    public int ReadAll(ConstraintSetBuilder builder)
    {
        for (int count = 0; ; count++)
        {
            while (Current.Kind == ConstraintTokenKind.Separator)
                _next++;
            if (Current.Kind == ConstraintTokenKind.End)
                return count;
            int start = Current.Start;
            Constraint constraint = ReadStatement(null);
            Guard(start, () => builder.Add(constraint));
        }
    }

    /// <summary>The one constraint of the text.</summary>
    /// <param name="name">Its name; null where the text may give one.</param>
    /// <exception cref="ConstraintFormatException">The text cannot be read, or is not one constraint.</exception>
    public Constraint ReadOne(string? name)
    {
        while (Current.Kind == ConstraintTokenKind.Separator)
            _next++;
        if (Current.Kind == ConstraintTokenKind.End)
            throw Error(Current.Start, "expected a constraint such as 'x + y <= 3', got nothing.");
        Constraint constraint = ReadStatement(name);
        while (Current.Kind == ConstraintTokenKind.Separator)
            _next++;
        return Current.Kind == ConstraintTokenKind.End
            ? constraint
            : throw Error(Current.Start, "expected one constraint, got another one. " +
                $"{nameof(ConstraintSet)}.{nameof(ConstraintSet.Add)}(text) takes several.");
    }

    private Constraint ReadStatement(string? name)
    {
        if (Current.Kind == ConstraintTokenKind.Name && _tokens[_next + 1].Kind == ConstraintTokenKind.Colon)
        {
            if (name is not null)
                throw Error(Current.Start, $"expected no name, since '{name}' was given as the constraint's name. Give only one.");
            name = Current.Name;
            _next += 2;
        }

        int first = _next, start = Current.Start;
        Constraint constraint = Current is { Kind: ConstraintTokenKind.Name, IsQuoted: false } &&
            _tokens[_next + 1].Kind == ConstraintTokenKind.Open && Canonical(s_standalone, Current.Name!) is { } function
            ? ReadStandalone(function, name)
            : ReadRelation(name, first);
        if (Current.Kind is not (ConstraintTokenKind.Separator or ConstraintTokenKind.End))
            throw Unexpected("an operator, or ';' or a new line before the next constraint");
        return constraint;
    }

    private Constraint ReadStandalone(string function, string? name)
    {
        int start = Current.Start;
        _next += 2;
        if (function == "bounds")
            return ReadBounds(name, start);
        int[] variables = ReadVariables(function == "cappedsimplex", out Bound? cap);
        if (function is "increasing" or "decreasing")
            return Guard(start, () => new MonotoneConstraint(_space, variables, function == "increasing", name));
        Expect(ConstraintTokenKind.Equal, "'=' and the sum");
        Bound sum = ReadBound();
        if (function == "cappedsimplex")
            cap ??= 1;
        return Guard(start, () => new SimplexConstraint(_space, variables, sum, cap, name));
    }

    /// <summary>A relation with the operators between its sides.</summary>
    private Constraint ReadRelation(string? name, int first)
    {
        int start = Current.Start;
        (List<AffineExpression> sides, List<ConstraintToken> operators) = ReadSides();
        AffineExpression? special = sides.Find(s => s.Special is not null);
        if (special?.Special!.Norm is not null)
            return BuildNorm(sides, operators, name, start);
        if (special is not null)
            return BuildEach(sides, operators, special, name, start);
        (AffineExpression middle, Bound lower, Bound upper) = BuildRange(sides, operators, start);
        KeyValuePair<int, double>[] terms = middle.Variables.ToArray();
        string source = SourceText(first, _next);
        return Guard(start, () => LinearConstraint.Create(
            _space, Array.ConvertAll(terms, t => t.Key), Array.ConvertAll(terms, t => t.Value), lower, upper, name, source));
    }

    private (List<AffineExpression> Sides, List<ConstraintToken> Operators) ReadSides()
    {
        List<AffineExpression> sides = [ReadExpression()];
        List<ConstraintToken> operators = [];
        while (Current.Kind is ConstraintTokenKind.LessOrEqual or ConstraintTokenKind.GreaterOrEqual or ConstraintTokenKind.Equal)
        {
            if (operators.Count == 2)
                throw Error(Current.Start, "expected at most two relations in a chain such as '0 <= x <= 1'. Write several constraints.");
            operators.Add(Current);
            if (operators.Count == 2 && (operators[0].Kind != Current.Kind || Current.Kind == ConstraintTokenKind.Equal))
                throw Error(Current.Start, "expected both relations of a chain to point the same way, as in '0 <= x <= 1'.");
            _next++;
            sides.Add(ReadExpression());
        }

        return operators.Count > 0 ? (sides, operators) : throw Unexpected("an operator, '<=', '>=' or '='");
    }

    /// <summary>Brings a relation without norms to lower ≤ (variables of the result) ≤ upper.</summary>
    private (AffineExpression Middle, Bound Lower, Bound Upper) BuildRange(
        List<AffineExpression> sides, List<ConstraintToken> operators, int start)
    {
        if (sides.TrueForAll(s => !s.MentionsVariables))
            throw Error(start, "expected a variable on at least one side. (A column of the row is written @Name; a variable is written " +
                "without @.)");
        bool rising = operators[0].Kind == ConstraintTokenKind.LessOrEqual;
        if (sides.Count == 3)
        {
            AffineExpression? outer = sides[0].MentionsVariables ? sides[0] : sides[2].MentionsVariables ? sides[2] : null;
            if (outer is not null)
                throw Error(outer.Start, "expected a number or @columns: in a chain, variables stand in the middle only. Write two " +
                    "constraints.");
            Bound first = sides[0].Bound - sides[1].Bound, last = sides[2].Bound - sides[1].Bound;
            return rising ? (sides[1], first, last) : (sides[1], last, first);
        }

        (AffineExpression left, AffineExpression right) = (sides[0], sides[1]);
        if (!left.MentionsVariables)
        {
            // 3 >= x is x <= 3, not -x >= -3.
            (left, right) = (right, left);
            rising = !rising;
        }

        Bound limit = right.Bound - left.Bound;
        left.Add(right, -1);
        if (operators[0].Kind == ConstraintTokenKind.Equal)
            return (left, limit, limit);
        return rising ? (left, double.NegativeInfinity, limit) : (left, limit, double.PositiveInfinity);
    }

    private Constraint BuildEach(
        List<AffineExpression> sides, List<ConstraintToken> operators, AffineExpression each, string? name, int start)
    {
        AffineSpecial special = each.Special!;
        if (each.MentionsVariables || each.Bound != 0 || each.SpecialFactor != 1 || (sides.Count == 3 && each != sides[1]))
            throw Error(special.Start, "expected each(…) alone on its side, in the middle of a chain: '0 <= each(x, y) <= @Max'.");
        Bound lower = double.NegativeInfinity, upper = double.PositiveInfinity;
        for (int i = 0; i < sides.Count; i++)
        {
            if (sides[i] == each)
                continue;
            if (sides[i].MentionsVariables || sides[i].Special is not null)
                throw Error(sides[i].Start, "expected a number or @columns as the limit of each(…).");
            bool equal = operators[0].Kind == ConstraintTokenKind.Equal;
            bool isUpper = i > sides.IndexOf(each) == (operators[0].Kind == ConstraintTokenKind.LessOrEqual);
            if (equal || isUpper)
                upper = sides[i].Bound;
            if (equal || !isUpper)
                lower = sides[i].Bound;
        }

        int n = special.Variables.Length;
        return Guard(start, () => new BoundsConstraint(
            _space, special.Variables, Enumerable.Repeat(lower, n).ToArray(), Enumerable.Repeat(upper, n).ToArray(), name));
    }

    private Constraint BuildNorm(List<AffineExpression> sides, List<ConstraintToken> operators, string? name, int start)
    {
        AffineExpression left = sides[0], right = sides[1];
        if (sides.Count == 3 || (left.Special is not null && right.Special is not null))
            throw Error(sides[^1].Start, "expected one norm and one limit, as in 'norm2(x, y) <= @Radius'.");
        bool atMost = operators[0].Kind == ConstraintTokenKind.LessOrEqual;
        if (left.Special is null)
        {
            (left, right) = (right, left);
            atMost = !atMost;
        }

        AffineSpecial special = left.Special!;
        double factor = left.SpecialFactor;
        if (operators[0].Kind == ConstraintTokenKind.Equal || factor == 0 || atMost == (factor < 0))
            throw Error(operators[0].Start, "expected a norm to be limited from above: 'norm2(x, y) <= 3'. Other relations leave a set " +
                "that is not convex.");
        left.SetSpecial(null, 0);
        right.Add(left, -1);
        right.Scale(factor, divide: true);
        KeyValuePair<int, double>[] heights = right.Variables.ToArray();
        Bound radius = right.Bound;
        if (heights.Length == 0)
            return Guard(start, () => BallConstraint.Ball(_space, special.Norm!.Value, special.Variables, special.Centre, radius, name));
        if (heights.Length > 1 || heights[0].Value != 1 || special.Norm != Norm.L2)
        {
            throw Error(special.Start, "expected numbers and @columns as the limit of a norm, or, for norm2 alone, " +
                "one variable with coefficient 1 besides: 'norm2(x, y) <= t + 2'.");
        }

        return Guard(start, () => BallConstraint.Cone(_space, special.Variables, special.Centre, heights[0].Key, radius, name));
    }

    /// <summary><c>bounds(0 &lt;= x &lt;= 1, y &gt;= 2)</c>, from behind the parenthesis.</summary>
    private BoundsConstraint ReadBounds(string? name, int start)
    {
        List<int> variables = [];
        HashSet<int> seen = [];
        List<Bound> lower = [], upper = [];
        do
        {
            int at = Current.Start;
            (List<AffineExpression> sides, List<ConstraintToken> operators) = ReadSides();
            if (sides.Exists(s => s.Special is not null))
                throw Error(at, "expected limits of one variable, such as '0 <= x <= 1'.");
            (AffineExpression middle, Bound from, Bound to) = BuildRange(sides, operators, at);
            KeyValuePair<int, double>[] terms = middle.Variables.ToArray();
            if (terms.Length != 1 || terms[0].Value != 1)
                throw Error(at, "expected limits of one variable with coefficient 1, such as '0 <= x <= 1'.");
            if (!seen.Add(terms[0].Key))
                throw Error(at, $"the variable '{_space.Names[terms[0].Key]}' is limited twice. Name each variable once.");
            variables.Add(terms[0].Key);
            lower.Add(from);
            upper.Add(to);
        }
        while (Accept(ConstraintTokenKind.Comma));

        Expect(ConstraintTokenKind.Close, "',' or ')'");
        return Guard(start, () => new BoundsConstraint(_space, variables.ToArray(), lower, upper, name));
    }

    /// <summary>What the user wrote, spaces and comments reduced to single spaces.</summary>
    private string SourceText(int first, int end)
    {
        StringBuilder source = new();
        for (int i = first; i < end; i++)
        {
            if (i > first && _tokens[i].Start > _tokens[i - 1].End)
                source.Append(' ');
            source.Append(_text, _tokens[i].Start, _tokens[i].End - _tokens[i].Start);
        }

        return source.ToString();
    }

    private T Guard<T>(int start, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw new ConstraintFormatException(_text, start, e.Message, e);
        }
    }

    private void Guard(int start, Action action) => Guard(start, () =>
    {
        action();
        return true;
    });

    private bool Accept(ConstraintTokenKind kind)
    {
        if (Current.Kind != kind)
            return false;
        _next++;
        return true;
    }

    private void Expect(ConstraintTokenKind kind, string what)
    {
        if (!Accept(kind))
            throw Unexpected(what);
    }

    private void Spend(long amount)
    {
        _work += amount;
        if (_work > ConstraintLimits.ParseWork)
            throw Error(Current.Start, "the text takes too much work to read. Split it, or state the constraint by its coefficients.");
    }

    private ConstraintFormatException Unexpected(string expected)
    {
        string got = Current.Kind switch
        {
            ConstraintTokenKind.End => "the end of the text",
            ConstraintTokenKind.Separator => _text[Current.Start] == ';' ? "';'" : "the end of the line",
            _ => $"'{Shorten(_text[Current.Start..Current.End])}'",
        };
        return Error(Current.Start, $"expected {expected}, got {got}.");
    }

    private ConstraintFormatException Error(int position, string reason) => new(_text, position, reason);

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..39] + "…";

    /// <summary>The function of that name in lower case, or null.</summary>
    private static string? Canonical(string[] functions, string name) =>
        Array.Find(functions, f => string.Equals(f, name, StringComparison.OrdinalIgnoreCase));
}
