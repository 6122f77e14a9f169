using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>What a side of a relation comes to: a number, plus multiples of variables, of columns, and of at most one norm or
/// <c>each(…)</c>.</summary>
internal sealed class AffineExpression
{
    private Dictionary<int, double>? _variables;
    private Dictionary<string, double>? _columns;
    private List<string>? _columnOrder;

    public AffineExpression(int start) => Start = start;

    /// <summary>Where its text begins, for messages.</summary>
    public int Start { get; set; }

    public double Constant { get; set; }

    public AffineSpecial? Special { get; private set; }

    public double SpecialFactor { get; private set; }

    /// <summary>Whether a variable occurs, even one that cancels.</summary>
    public bool MentionsVariables => _variables is not null;

    public bool IsNumber => _variables is null && _columns is null && Special is null;

    /// <summary>The coefficients that are not zero.</summary>
    public IEnumerable<KeyValuePair<int, double>> Variables => (_variables ?? []).Where(v => v.Value != 0);

    /// <summary>How many numbers an operation on it touches.</summary>
    public int Size => 1 + (_variables?.Count ?? 0) + (_columns?.Count ?? 0);

    /// <summary>Everything but variables and the special part.</summary>
    public Bound Bound
    {
        get
        {
            if (_columns is null)
                return Constant;
            return Bound.FromParts(Constant, _columnOrder!.ToArray(), _columnOrder.Select(c => _columns[c]).ToArray());
        }
    }

    public void AddVariable(int variable, double coefficient)
    {
        _variables ??= [];
        _variables[variable] = _variables.GetValueOrDefault(variable) + coefficient;
    }

    public void AddColumn(string column, double coefficient)
    {
        _columns ??= new Dictionary<string, double>(System.StringComparer.Ordinal);
        _columnOrder ??= [];
        if (!_columns.TryAdd(column, coefficient))
            _columns[column] += coefficient;
        else
            _columnOrder.Add(column);
    }

    public void SetSpecial(AffineSpecial? special, double factor)
    {
        Special = special;
        SpecialFactor = factor;
    }

    /// <summary>Adds sign · other. At most one of the two has a special part.</summary>
    public void Add(AffineExpression other, double sign)
    {
        Constant += sign * other.Constant;
        if (other._variables is not null)
        {
            foreach ((int variable, double coefficient) in other._variables)
                AddVariable(variable, sign * coefficient);
        }

        foreach (string column in other._columnOrder ?? [])
            AddColumn(column, sign * other._columns![column]);
        if (other.Special is not null)
            SetSpecial(other.Special, sign * other.SpecialFactor);
    }

    /// <summary>Multiplies by a number, or divides by it.</summary>
    public void Scale(double factor, bool divide)
    {
        double Scaled(double value) => divide ? value / factor : value * factor;
        Constant = Scaled(Constant);
        SpecialFactor = Scaled(SpecialFactor);
        foreach (int variable in _variables?.Keys.ToArray() ?? [])
            _variables![variable] = Scaled(_variables[variable]);
        foreach (string column in _columnOrder ?? [])
            _columns![column] = Scaled(_columns[column]);
    }
}
