using System;
using TorchSharp;
using static TorchSharp.torch;
using Kind = Microsoft.ML.Constrained.Layers.QuadraticProgramTerm.TermKind;

namespace Microsoft.ML.Constrained.Layers;

// The six parameters from what is learned, fixed and given.
public sealed partial class QuadraticProgramLayer
{
    private const string FactorName = "L";
    private const string FeasiblePointName = "FeasiblePoint";
    private const string SlackName = "Slack";

    private readonly QuadraticProgramTerm[] _terms;
    private readonly PositiveMap _feasiblePointMap;
    private readonly PositiveMap _slackMap;

    private static Tensor Mapped(Tensor value, PositiveMap map) => map switch
    {
        PositiveMap.Exp => value.exp(),
        PositiveMap.Softplus => nn.functional.softplus(value),
        _ => value,
    };

    private void CheckTerms()
    {
        for (int i = 0; i < 6; i++)
        {
            QuadraticProgramTerm term = _terms[i] ?? throw new ArgumentException($"'{s_names[i]}' is null; use QuadraticProgramTerm.Zero.");
            if (term.Kind == Kind.Factor && i != 0)
                throw new ArgumentException($"'{s_names[i]}' is a factor LLᵀ + εI, which only Q can be: use Learnable, Fixed or Input.");
            if (term.Kind == Kind.Feasible && i is not (3 or 5))
                throw new ArgumentException($"'{s_names[i]}' is made from a feasible point, which only H and B can be: use Learnable, Fixed or Input.");
        }

        if (Inequalities > 0 && _terms[2].Kind == Kind.Zero)
            throw new ArgumentException($"'G' is zero, but there are {Inequalities} inequalities: set G, or 'Inequalities' to 0.");
        if (Equalities > 0 && _terms[4].Kind == Kind.Zero)
            throw new ArgumentException($"'A' is zero, but there are {Equalities} equalities: set A, or 'Equalities' to 0.");
        if (_slackMap == PositiveMap.Identity)
            throw new ArgumentException("'SlackMap' is Identity, but s0 must be positive: use Exp or Softplus.");
    }

    private void Register(QuadraticProgramLayerOptions options)
    {
        (int Rows, int Columns)[] shapes =
            [(Variables, Variables), (Variables, 0), (Inequalities, Variables), (Inequalities, 0), (Equalities, Variables), (Equalities, 0)];
        for (int i = 0; i < 6; i++)
        {
            if (_terms[i].Value is not { } value)
                continue;
            TermShape.Check(s_names[i], value, shapes[i].Rows, shapes[i].Columns);
            Keep(_terms[i].Kind == Kind.Factor ? FactorName : s_names[i], value, _terms[i].Kind != Kind.Fixed);

            // The layer has its own copy now and must not hold on to the caller's.
            _terms[i] = _terms[i].WithoutValue();
        }

        bool feasible = _terms[3].Kind == Kind.Feasible || _terms[5].Kind == Kind.Feasible;
        if (feasible)
            KeepVector(FeasiblePointName, options.FeasiblePoint, Variables, options.LearnFeasiblePoint);
        if (_terms[3].Kind == Kind.Feasible)
            KeepVector(SlackName, options.Slack, Inequalities, options.LearnFeasiblePoint);
    }

    private void KeepVector(string name, Tensor? value, int length, bool learned)
    {
        if (value is null)
        {
            using Tensor start = zeros(length, ScalarType.Float64);
            Keep(name, start, learned);
            return;
        }

        if (TermShape.Check(name, value, length, 0) >= 0)
            throw new ArgumentException($"'{name}' has the shape [{string.Join(", ", value.shape)}]; expected [{length}]: one point serves all problems.");
        Keep(name, value, learned);
    }

    private void Keep(string name, Tensor value, bool learned)
    {
        Tensor copy;
        using (no_grad())
            copy = value.detach().clone();
        if (learned)
            register_parameter(name, new TorchSharp.Modules.Parameter(copy));
        else
            register_buffer(name, copy);
    }

    private Tensor Learned(string name) =>
        get_parameter(name) is { } parameter ? parameter : get_buffer(name) is { } buffer ? buffer : throw new InvalidOperationException($"'{name}' is not registered.");

    private Tensor?[] Assemble(Func<int, Tensor?> input)
    {
        var data = new Tensor?[6];
        for (int i = 0; i < 6; i++)
        {
            Tensor? given = input(i);
            if (_terms[i].Kind == Kind.Input && given is null)
                throw new ArgumentException($"'{s_names[i]}' is an input of this layer, but is missing.");
            if (_terms[i].Kind != Kind.Input && given is not null)
                throw new ArgumentException($"'{s_names[i]}' is given, but is no input of this layer: declare it with QuadraticProgramTerm.Input.");
            data[i] = _terms[i].Kind switch
            {
                Kind.Input => given,
                Kind.Fixed => get_buffer(s_names[i]),
                Kind.Learnable => get_parameter(s_names[i]),
                Kind.Factor => Factored(_terms[i].Epsilon),
                _ => null,
            };
        }

        if (Inequalities > 0 && _terms[3].Kind == Kind.Feasible)
            data[3] = AtFeasiblePoint(data[2]!) + Mapped(Learned(SlackName), _slackMap).to(data[2]!.dtype);
        if (Equalities > 0 && _terms[5].Kind == Kind.Feasible)
            data[5] = AtFeasiblePoint(data[4]!);

        return data;
    }

    private Tensor AtFeasiblePoint(Tensor matrix) => matrix.matmul(Mapped(Learned(FeasiblePointName), _feasiblePointMap).to(matrix.dtype));

    private Tensor Factored(double epsilon)
    {
        Tensor l = Learned(FactorName).tril();
        Tensor q = l.matmul(l.mT);
        return q + (eye(Variables, Variables, q.dtype, q.device) * epsilon);
    }
}
