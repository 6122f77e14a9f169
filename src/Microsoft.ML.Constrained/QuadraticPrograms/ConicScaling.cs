using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// The cone K = R₊ᵐ × SOC(q₁) × … × SOC(qₖ) and its Nesterov–Todd scaling: the symmetric W with Wλ = W⁻¹s = ℓ.
/// On the orthant W = diag(√(s/λ)); on a second-order cone W = β(2vvᵀ − J) with J = diag(1, −1, …, −1).
/// Reference: Vandenberghe, The CVXOPT linear and quadratic cone program solvers (2010), sections 4 and 5.
/// </summary>
internal sealed class ConicScaling
{
    private readonly int _orthant;
    private readonly int[] _cones;
    private readonly double[] _weights; // √(s/λ) on the orthant, v on the cones
    private readonly double[] _beta;
    private readonly double[] _lengths; // √(ℓ₀² − ‖ℓ₁‖²), kept because it cancels when worked out from ℓ
    private readonly double[] _point; // ℓ

    public ConicScaling(int orthant, ReadOnlySpan<int> cones)
    {
        _orthant = orthant;
        _cones = cones.ToArray();
        Length = orthant;
        foreach (int size in cones)
            Length += size;
        Degree = orthant + cones.Length;
        _weights = new double[Length];
        _beta = new double[cones.Length];
        _lengths = new double[cones.Length];
        _point = new double[Length];
    }

    /// <summary>m + q₁ + … + qₖ.</summary>
    public int Length { get; }

    /// <summary>m + k, the value of eᵀe.</summary>
    public int Degree { get; }

    public int Orthant => _orthant;

    public ReadOnlySpan<int> Cones => _cones;

    /// <summary>ℓ = Wλ = W⁻¹s.</summary>
    public ReadOnlySpan<double> Point => _point;

    /// <summary>Computes W and ℓ.</summary>
    /// <returns>Whether both points are inside the cone.</returns>
    public bool Update(ReadOnlySpan<double> s, ReadOnlySpan<double> lambda)
    {
        for (int i = 0; i < _orthant; i++)
        {
            if (!(s[i] > 0) || !(lambda[i] > 0))
                return false;
            _weights[i] = Math.Sqrt(s[i] / lambda[i]);
            _point[i] = Math.Sqrt(s[i]) * Math.Sqrt(lambda[i]);
        }

        int offset = _orthant;
        for (int k = 0; k < _cones.Length; k++)
        {
            int size = _cones[k];
            Span<double> weights = _weights.AsSpan(offset, size), point = _point.AsSpan(offset, size);
            if (!UpdateCone(k, s.Slice(offset, size), lambda.Slice(offset, size), weights, point))
                return false;
            offset += size;
        }

        return true;
    }

    private bool UpdateCone(int cone, ReadOnlySpan<double> s, ReadOnlySpan<double> lambda, Span<double> v, Span<double> point)
    {
        double lengthS = HyperbolicLength(s), lengthLambda = HyperbolicLength(lambda);
        if (!(lengthS > 0) || !(lengthLambda > 0))
            return false;
        double gamma = Math.Sqrt(0.5 + 0.5 * (ConicAlgebra.Dot(s, lambda) / lengthS / lengthLambda));
        double s0 = s[0] / lengthS, lambda0 = lambda[0] / lengthLambda;
        double common = Math.Sqrt(lengthS) * Math.Sqrt(lengthLambda);
        point[0] = common * gamma;
        double half = 1 / (2 * gamma), w0 = (s0 + lambda0) * half;
        double normaliser = 1 / Math.Sqrt(2 * (w0 + 1));
        v[0] = (w0 + 1) * normaliser;
        double spread = common / (s0 + lambda0 + 2 * gamma);
        for (int i = 1; i < s.Length; i++)
        {
            double si = s[i] / lengthS, li = lambda[i] / lengthLambda;
            v[i] = (si - li) * half * normaliser;
            point[i] = spread * ((gamma + lambda0) * si + (gamma + s0) * li);
        }

        _beta[cone] = Math.Sqrt(lengthS / lengthLambda);
        _lengths[cone] = common;
        return double.IsFinite(v[0]) && double.IsFinite(point[0]);
    }

    /// <summary>√(x₀² − ‖x₁‖²), or NaN or a negative number outside the cone.</summary>
    private static double HyperbolicLength(ReadOnlySpan<double> x)
    {
        double norm = Norm(x[1..]);
        return x[0] > norm ? Math.Sqrt(x[0] - norm) * Math.Sqrt(x[0] + norm) : -1;
    }

    private static double Norm(ReadOnlySpan<double> x) => Math.Sqrt(ConicAlgebra.Dot(x, x));

    /// <summary>x = Wx.</summary>
    public void Multiply(Span<double> x)
    {
        for (int i = 0; i < _orthant; i++)
            x[i] *= _weights[i];
        int offset = _orthant;
        for (int k = 0; k < _cones.Length; k++)
        {
            Span<double> block = x.Slice(offset, _cones[k]);
            ReadOnlySpan<double> v = _weights.AsSpan(offset, _cones[k]);
            double twice = 2 * ConicAlgebra.Dot(v, block);
            block[0] = _beta[k] * (twice * v[0] - block[0]);
            for (int i = 1; i < block.Length; i++)
                block[i] = _beta[k] * (twice * v[i] + block[i]);
            offset += _cones[k];
        }
    }

    /// <summary>x = W⁻¹x.</summary>
    public void MultiplyInverse(Span<double> x)
    {
        for (int i = 0; i < _orthant; i++)
            x[i] /= _weights[i];
        int offset = _orthant;
        for (int k = 0; k < _cones.Length; k++)
        {
            Span<double> block = x.Slice(offset, _cones[k]);
            ReadOnlySpan<double> v = _weights.AsSpan(offset, _cones[k]);
            double twice = 2 * (2 * v[0] * block[0] - ConicAlgebra.Dot(v, block));
            block[0] = (twice * v[0] - block[0]) / _beta[k];
            for (int i = 1; i < block.Length; i++)
                block[i] = (block[i] - twice * v[i]) / _beta[k];
            offset += _cones[k];
        }
    }

    /// <summary>result = W⁻¹G for a row-major G with the given number of columns; <paramref name="work"/> holds one row.</summary>
    public void MultiplyInverse(ReadOnlySpan<double> g, int columns, Span<double> result, Span<double> work)
    {
        for (int i = 0; i < _orthant; i++)
        {
            ReadOnlySpan<double> row = g.Slice(i * columns, columns);
            Span<double> target = result.Slice(i * columns, columns);
            double factor = 1 / _weights[i];
            for (int j = 0; j < columns; j++)
                target[j] = factor * row[j];
        }

        int offset = _orthant;
        for (int k = 0; k < _cones.Length; k++)
        {
            int size = _cones[k];
            ReadOnlySpan<double> v = _weights.AsSpan(offset, size);
            ReadOnlySpan<double> block = g.Slice(offset * columns, size * columns);
            Span<double> twice = work[..columns];
            twice.Clear();
            ConicAlgebra.AddScaled(2 * v[0], block[..columns], twice);
            for (int i = 1; i < size; i++)
                ConicAlgebra.AddScaled(-2 * v[i], block.Slice(i * columns, columns), twice);
            for (int i = 0; i < size; i++)
            {
                ReadOnlySpan<double> row = block.Slice(i * columns, columns);
                Span<double> target = result.Slice((offset + i) * columns, columns);
                double sign = i == 0 ? -1 : 1, factor = -sign * v[i];
                for (int j = 0; j < columns; j++)
                    target[j] = (factor * twice[j] + sign * row[j]) / _beta[k];
            }

            offset += size;
        }
    }

    /// <summary>result = x ∘ y, the Jordan product: elementwise on the orthant, (xᵀy, x₀y₁ + y₀x₁) on a cone.</summary>
    public void Product(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> result)
    {
        for (int i = 0; i < _orthant; i++)
            result[i] = x[i] * y[i];
        int offset = _orthant;
        foreach (int size in _cones)
        {
            ReadOnlySpan<double> a = x.Slice(offset, size), b = y.Slice(offset, size);
            Span<double> target = result.Slice(offset, size);
            double a0 = a[0], b0 = b[0], first = ConicAlgebra.Dot(a, b);
            for (int i = 1; i < size; i++)
                target[i] = a0 * b[i] + b0 * a[i];
            target[0] = first;
            offset += size;
        }
    }

    /// <summary>x = ℓ \ x, the solution y of ℓ ∘ y = x.</summary>
    public void DivideByPoint(Span<double> x)
    {
        for (int i = 0; i < _orthant; i++)
            x[i] /= _point[i];
        int offset = _orthant;
        for (int k = 0; k < _cones.Length; k++)
        {
            int size = _cones[k];
            Span<double> block = x.Slice(offset, size);
            ReadOnlySpan<double> point = _point.AsSpan(offset, size);
            double length = _lengths[k];
            double inner = ConicAlgebra.Dot(point[1..], block[1..]);
            double first = (point[0] * block[0] - inner) / length / length;
            for (int i = 1; i < size; i++)
                block[i] = (block[i] - first * point[i]) / point[0];
            block[0] = first;
            offset += size;
        }
    }

    /// <summary>x += α e, where e is 1 on the orthant and (1, 0, …, 0) on a cone.</summary>
    public void AddIdentity(double alpha, Span<double> x)
    {
        for (int i = 0; i < _orthant; i++)
            x[i] += alpha;
        int offset = _orthant;
        foreach (int size in _cones)
        {
            x[offset] += alpha;
            offset += size;
        }
    }

    /// <summary>The largest α with x − αe in the cone; +∞ where there is no cone.</summary>
    public double Margin(ReadOnlySpan<double> x)
    {
        double margin = double.PositiveInfinity;
        for (int i = 0; i < _orthant; i++)
            margin = Math.Min(margin, x[i]);
        int offset = _orthant;
        foreach (int size in _cones)
        {
            margin = Math.Min(margin, x[offset] - Norm(x.Slice(offset + 1, size - 1)));
            offset += size;
        }

        return margin;
    }

    /// <summary>The reciprocal of the largest step α that keeps ℓ + αd in the cone; 0 where every step does.</summary>
    public double InverseStep(ReadOnlySpan<double> d)
    {
        double inverse = 0;
        for (int i = 0; i < _orthant; i++)
            inverse = Math.Max(inverse, -d[i] / _point[i]);
        int offset = _orthant;
        for (int k = 0; k < _cones.Length; k++)
        {
            int size = _cones[k];
            inverse = Math.Max(inverse, InverseStepInCone(_point.AsSpan(offset, size), d.Slice(offset, size), _lengths[k]));
            offset += size;
        }

        return inverse;
    }

    /// <summary>Maps ℓ to a multiple of e, where the bound is a difference of a norm and a number.</summary>
    private static double InverseStepInCone(ReadOnlySpan<double> point, ReadOnlySpan<double> d, double length)
    {
        double p0 = point[0] / length;
        double inner = (point[0] * d[0] - ConicAlgebra.Dot(point[1..], d[1..])) / length;
        double factor = (inner + d[0]) / (p0 + 1) / length, square = 0;
        for (int i = 1; i < d.Length; i++)
        {
            double value = d[i] - factor * point[i];
            square += value * value;
        }

        return (Math.Sqrt(square) - inner) / length;
    }
}
