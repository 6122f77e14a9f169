using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Constraints;

// Expressions: sums, products, functions and lists of variables.
internal sealed partial class ConstraintParser
{
    private AffineExpression ReadExpression()
    {
        int start = Current.Start;
        AffineExpression sum = ReadTerm();
        sum.Start = start;
        while (Current.Kind is ConstraintTokenKind.Plus or ConstraintTokenKind.Minus)
        {
            double sign = Current.Kind == ConstraintTokenKind.Plus ? 1 : -1;
            _next++;
            Accumulate(sum, ReadTerm(), sign);
        }

        return sum;
    }

    private void Accumulate(AffineExpression sum, AffineExpression term, double sign)
    {
        if (sum.Special is not null && term.Special is not null)
            throw Error(term.Special.Start, "expected at most one norm or each(…) in a constraint.");
        Spend(term.Size);
        sum.Add(term, sign);
    }

    private AffineExpression ReadTerm()
    {
        AffineExpression product = ReadFactor();
        while (Current.Kind is ConstraintTokenKind.Star or ConstraintTokenKind.Slash)
        {
            ConstraintToken operation = Current;
            _next++;
            AffineExpression factor = ReadFactor();
            product = operation.Kind == ConstraintTokenKind.Star
                ? Multiply(product, factor, operation.Start)
                : Divide(product, factor);
        }

        return product;
    }

    private AffineExpression Multiply(AffineExpression left, AffineExpression right, int position)
    {
        if (!left.IsNumber && !right.IsNumber)
        {
            bool columns = left.Bound.Columns.Count > 0 || right.Bound.Columns.Count > 0;
            throw Error(position, columns
                ? "expected a number on one side of '*': coefficients are numbers, and a @column may stand only in a term of its own, " +
                    "not times a variable or a column."
                : "expected a number on one side of '*': constraints are linear in the variables.");
        }

        (AffineExpression kept, double factor) = right.IsNumber ? (left, right.Constant) : (right, left.Constant);
        Spend(kept.Size);
        kept.Scale(factor, divide: false);
        return kept;
    }

    private AffineExpression Divide(AffineExpression left, AffineExpression right)
    {
        if (!right.IsNumber)
            throw Error(right.Start, "expected a number behind '/': constraints are linear in the variables and in the @columns.");
        if (right.Constant == 0)
            throw Error(right.Start, "division by zero.");
        Spend(left.Size);
        left.Scale(right.Constant, divide: true);
        return left;
    }

    private AffineExpression ReadFactor()
    {
        ConstraintToken token = Current;
        switch (token.Kind)
        {
            case ConstraintTokenKind.Number:
                _next++;
                return new AffineExpression(token.Start) { Constant = token.Value };
            case ConstraintTokenKind.Plus or ConstraintTokenKind.Minus:
                return ReadSigned();
            case ConstraintTokenKind.Open:
                return ReadParenthesis();
            case ConstraintTokenKind.At:
                return ReadColumn();
            case ConstraintTokenKind.Name when !token.IsQuoted && _tokens[_next + 1].Kind == ConstraintTokenKind.Open:
                return ReadFunction();
            case ConstraintTokenKind.Name:
                AffineExpression variable = new(token.Start);
                variable.AddVariable(ReadVariable(), 1);
                return variable;
            case ConstraintTokenKind.Star:
                throw Error(token.Start, "expected a number, a variable, @column or '('. '*' means all variables only inside a " +
                    "function: sum(*), each(*), norm2(*).");
            default:
                throw Unexpected("a number, a variable, @column or '('");
        }
    }

    private AffineExpression ReadSigned()
    {
        bool negative = Current.Kind == ConstraintTokenKind.Minus;
        Enter();
        _next++;
        AffineExpression factor = ReadFactor();
        _depth--;
        if (negative)
        {
            Spend(factor.Size);
            factor.Scale(-1, divide: false);
        }

        return factor;
    }

    private AffineExpression ReadParenthesis()
    {
        int start = Current.Start;
        Enter();
        _next++;
        AffineExpression inner = ReadExpression();
        inner.Start = start;
        Expect(ConstraintTokenKind.Close, "an operator or ')'");
        _depth--;
        return inner;
    }

    private AffineExpression ReadColumn()
    {
        int start = Current.Start;
        _next++;
        if (Current.Kind != ConstraintTokenKind.Name)
            throw Unexpected("the name of a column behind '@'");
        AffineExpression column = new(start);
        column.AddColumn(Current.Name!, 1);
        _next++;
        return column;
    }

    private AffineExpression ReadFunction()
    {
        ConstraintToken token = Current;
        string? function = Canonical(s_functions, token.Name!);
        if (function is null)
        {
            if (Canonical(s_standalone, token.Name!) is { } alone)
                throw Error(token.Start, $"expected an expression: {alone}(…) begins a constraint of its own, as in '{Example(alone)}'.");
            string hint = NameText.Nearest(token.Name!, s_functions.Concat(s_standalone)) is { } near ? $" Did you mean '{near}'?" : "";
            string product = _space.IndexOf(token.Name!) >= 0 ? " (A product is written with '*'.)" : "";
            throw Error(token.Start, $"'{Shorten(token.Name!)}' is not a function.{hint}{product} Functions: " +
                $"{string.Join(", ", s_functions.Concat(s_standalone))}.");
        }

        Enter();
        _next += 2;
        AffineExpression result = new(token.Start);
        if (function == "each")
        {
            int[] variables = ReadVariables(false, out _);
            result.SetSpecial(new AffineSpecial(null, variables, [], token.Start), 1);
        }
        else if (function == "sum")
        {
            ReadSum(result);
        }
        else
        {
            Norm norm = function switch { "norm1" => Norm.L1, "norm2" => Norm.L2, _ => Norm.LInfinity };
            (int[] variables, double[] centre) = ReadNorm();
            result.SetSpecial(new AffineSpecial(norm, variables, centre, token.Start), 1);
        }

        _depth--;
        return result;
    }

    private void ReadSum(AffineExpression sum)
    {
        if (AcceptAll())
        {
            Spend(_space.Count);
            for (int i = 0; i < _space.Count; i++)
                sum.AddVariable(i, 1);
            return;
        }

        do
            Accumulate(sum, ReadExpression(), 1);
        while (Accept(ConstraintTokenKind.Comma));
        Expect(ConstraintTokenKind.Close, "an operator, ',' or ')'");
    }

    private (int[] Variables, double[] Centre) ReadNorm()
    {
        if (AcceptAll())
        {
            Spend(_space.Count);
            return (Enumerable.Range(0, _space.Count).ToArray(), new double[_space.Count]);
        }

        List<int> variables = [];
        HashSet<int> seen = [];
        List<double> centre = [];
        do
        {
            AffineExpression part = ReadExpression();
            KeyValuePair<int, double>[] terms = part.Variables.Take(2).ToArray();
            if (terms.Length != 1 || terms[0].Value != 1 || !part.Bound.IsConstant || part.Special is not null)
                throw Error(part.Start, "expected a variable, or a variable minus a number: norm2(x - 1, y).");
            if (!seen.Add(terms[0].Key))
                throw Error(part.Start, $"the variable '{_space.Names[terms[0].Key]}' is in the norm twice. Name each variable once.");
            variables.Add(terms[0].Key);
            centre.Add(-part.Constant);
        }
        while (Accept(ConstraintTokenKind.Comma));
        Expect(ConstraintTokenKind.Close, "an operator, ',' or ')'");
        return (variables.ToArray(), centre.ToArray());
    }

    /// <summary>Variables by name, or <c>*</c>, and the closing parenthesis; on request a last <c>cap = limit</c>.</summary>
    private int[] ReadVariables(bool capAllowed, out Bound? cap)
    {
        cap = null;
        List<int> variables = [];
        HashSet<int> seen = [];
        bool all = Accept(ConstraintTokenKind.Star);
        if (all)
        {
            Spend(_space.Count);
            variables.AddRange(Enumerable.Range(0, _space.Count));
        }

        while (!all || Accept(ConstraintTokenKind.Comma))
        {
            if (capAllowed && variables.Count > 0 && Current is { Kind: ConstraintTokenKind.Name, IsQuoted: false, Name: "cap" } &&
                _tokens[_next + 1].Kind == ConstraintTokenKind.Equal)
            {
                _next += 2;
                cap = ReadBound();
                break;
            }

            if (all)
                throw Unexpected(capAllowed ? "'cap =' and a limit" : "')' behind '*'");
            if (Current.Kind != ConstraintTokenKind.Name)
                throw Unexpected("the name of a variable");
            ConstraintToken token = Current;
            variables.Add(ReadVariable());
            if (!seen.Add(variables[^1]))
                throw Error(token.Start, $"the variable '{token.Name}' is named twice. Name each variable once.");
            if (!Accept(ConstraintTokenKind.Comma))
                break;
        }

        Expect(ConstraintTokenKind.Close, "',' or ')'");
        return variables.ToArray();
    }

    private int ReadVariable()
    {
        int index = _space.IndexOf(Current.Name!);
        if (index < 0)
            throw Error(Current.Start, _space.Unknown(Current.Name!) + " (A column of the row is written @Name.)");
        _next++;
        return index;
    }

    /// <summary>An expression without variables.</summary>
    private Bound ReadBound()
    {
        AffineExpression value = ReadExpression();
        return value.MentionsVariables || value.Special is not null
            ? throw Error(value.Start, "expected a number or @columns, got an expression with variables.")
            : value.Bound;
    }

    private bool AcceptAll()
    {
        if (Current.Kind != ConstraintTokenKind.Star)
            return false;
        _next++;
        Expect(ConstraintTokenKind.Close, "')' behind '*'");
        return true;
    }

    private void Enter()
    {
        if (++_depth > ConstraintLimits.Nesting)
            throw Error(Current.Start, $"parentheses, functions and signs are nested more than {ConstraintLimits.Nesting} deep. Write " +
                "it more simply.");
    }

    private static string Example(string function) => function switch
    {
        "simplex" => "simplex(x, y) = 1",
        "cappedsimplex" => "cappedsimplex(*) = 2",
        "bounds" => "bounds(0 <= x <= 1, y >= 2)",
        _ => $"{function}(x, y, z)",
    };
}
