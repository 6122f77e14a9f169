using System;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained;

// The text form.
public sealed partial class ConstraintSet
{
    /// <summary>Reads constraints from a text.</summary>
    /// <param name="text">The constraints, on lines of their own or with semicolons between; none gives a set without constraints.</param>
    /// <param name="variables">The names of the variables, in the order of the vector's slots.</param>
    /// <returns>The set; its <see cref="ToString"/> reads back to an equal one.</returns>
    /// <remarks>
    /// <para>The grammar, where <c>{ }</c> repeats and <c>[ ]</c> is optional; upper and lower case differ in names but not in functions,
    /// numbers have a point whatever the culture:</para>
    /// <code>
    /// text       = { [ constraint ] ( ";" | newline ) } [ constraint ]
    /// constraint = [ name ":" ] ( relation | shape )
    /// relation   = side ( "&lt;=" | "&gt;=" | "=" ) side
    ///            | side "&lt;=" side "&lt;=" side  |  side "&gt;=" side "&gt;=" side
    /// shape      = "simplex" "(" variables ")" "=" limit                            z ≥ 0, Σz = limit
    ///            | "cappedsimplex" "(" variables [ "," "cap" "=" limit ] ")" "=" limit   0 ≤ z ≤ cap (1), Σz = limit
    ///            | ( "increasing" | "decreasing" ) "(" variables ")"
    ///            | "bounds" "(" relation { "," relation } ")"                       limits of one variable each
    /// side       = expression | "each" "(" variables ")"                            each variable by itself
    /// limit      = expression                                                       without variables
    /// expression = term { ( "+" | "-" ) term }
    /// term       = factor { ( "*" | "/" ) factor }                                  all but one factor are numbers
    /// factor     = number | name | "@" name | ( "+" | "-" ) factor | "(" expression ")"
    ///            | "sum" "(" ( "*" | expression { "," expression } ) ")"
    ///            | ( "norm1" | "norm2" | "norminf" ) "(" ( "*" | expression { "," expression } ) ")"
    /// variables  = "*" | name { "," name }                                          "*": all of them
    /// number     = digits [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ]     also ".5" and "5."
    /// name       = ( letter | "_" ) { letter | digit | "_" } | "[" characters "]"   a "]" inside is doubled
    /// </code>
    /// <para>A name stands for a variable, behind <c>@</c> for a <see cref="float"/> column of the row, before <c>:</c> for the constraint.
    /// A constraint without a name is named by its text, or <c>c</c> and its number where that is longer than 100 characters.
    /// Constraints are linear in variables and columns; a column stands in a term of its own, never times a variable.
    /// In a chain of two relations variables stand in the middle only. Inside a norm stands a variable, or a variable minus a number, in
    /// each place; the norm is limited from above, by a limit or, for <c>norm2</c>, by one variable with coefficient 1 plus a limit.
    /// <c>==</c>, <c>≤</c> and <c>≥</c> are read too. <c>#</c> begins a comment up to the end of the line; line ends inside parentheses are
    /// spaces.</para>
    /// <para>A text has at most 1,048,576 characters, nested at most 64 deep.</para>
    /// </remarks>
    /// <example><c>
    /// ConstraintSet.Parse("balance: Glass &lt;= 0.3 * (Steel + Wood); 0 &lt;= each(*) &lt;= @Max; sum(*) = 1", "Steel", "Wood", "Glass")
    /// </c></example>
    /// <exception cref="ConstraintFormatException">The text cannot be read, or states something that no set can hold.</exception>
    /// <exception cref="ArgumentException">The names of the variables cannot be used; see <see cref="Over(string[])"/>.</exception>
    public static ConstraintSet Parse(string text, params string[] variables)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(variables);
        VariableSpace space = new(variables);
        ConstraintSetBuilder builder = new(space);
        new ConstraintParser(text, space).ReadAll(builder);
        return builder.Build();
    }

    /// <summary>The constraints of a text besides those of this set.</summary>
    /// <param name="text">One constraint or several, of any kind; <see cref="Parse(string, string[])"/> has the grammar.</param>
    /// <exception cref="ConstraintFormatException">The text cannot be read, holds no constraint, or states something that no set can
    /// hold.</exception>
    public ConstraintSet Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ConstraintSetBuilder builder = new(_space, _constraints, _columns);
        if (new ConstraintParser(text, _space).ReadAll(builder) == 0)
            throw new ConstraintFormatException(text, text.Length, "expected a constraint such as 'x + y <= 3', got nothing.");
        return builder.Build();
    }

    /// <summary>A linear constraint as text: <c>"Steel + Wood &lt;= @Capacity"</c>.</summary>
    /// <param name="text">One constraint with or without a name; <see cref="Parse(string, string[])"/> has the grammar.</param>
    /// <exception cref="ConstraintFormatException">The text cannot be read, is not one linear constraint, or states something that no point
    /// satisfies.</exception>
    /// <exception cref="ArgumentException">The set has a constraint of that name.</exception>
    public ConstraintSet Linear(string text) => AddLinear(null, text);

    /// <summary>A named linear constraint as text.</summary>
    /// <param name="name">The constraint's name.</param>
    /// <param name="text">One constraint; <see cref="Parse(string, string[])"/> has the grammar.</param>
    /// <exception cref="ConstraintFormatException">The text cannot be read, is not one linear constraint, or states something that no point
    /// satisfies.</exception>
    /// <exception cref="ArgumentException">The name is empty, holds control characters, or is taken.</exception>
    public ConstraintSet Linear(string name, string text) => AddLinear(NameText.Check(name, "a constraint"), text);

    private ConstraintSet AddLinear(string? name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Constraint constraint = new ConstraintParser(text, _space).ReadOne(name);
        if (constraint.Kind is not (ConstraintKind.Linear or ConstraintKind.Bounds))
        {
            throw new ConstraintFormatException(
                text, 0, $"expected a linear constraint, got one of kind {constraint.Kind}. Add(text) takes every kind.");
        }

        return Add(constraint);
    }
}
