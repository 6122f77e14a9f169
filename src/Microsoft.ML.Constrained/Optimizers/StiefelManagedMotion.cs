using System;
using System.Buffers;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>The motion in managed code, on the memory of CPU tensors. V stands for the weights as a tall matrix, however they are stored.</summary>
internal sealed unsafe class StiefelManagedMotion<T> : StiefelMotion
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T* _weight;
    private readonly T* _momentum;
    private readonly int _order;
    private readonly int _length;
    private readonly bool _wide;

    public StiefelManagedMotion(WeightStep step)
        : base(step)
    {
        _weight = RawTensor.Pointer<T>(step.Weight);
        _momentum = RawTensor.Pointer<T>(Momentum);
        int rows = checked((int)step.Weight.shape[0]), columns = checked((int)(step.Weight.numel() / step.Weight.shape[0]));
        _wide = rows < columns;
        (_order, _length) = _wide ? (rows, columns) : (columns, rows);
    }

    private int Count => _order * _length;

    private int Square => _order * _order;

    public override void MakeTangent()
    {
        T[] rented = ArrayPool<T>.Shared.Rent(Square);
        fixed (T* small = rented)
        {
            MatrixView<T> product = Small(small);
            MatrixProduct.Run(T.One, Tall(_weight).Transposed, Tall(_momentum), product, false, false, Owner.Threads);
            T half = T.CreateTruncating(0.5);
            for (int i = 0; i < _order; i++)
            {
                for (int j = 0; j <= i; j++)
                    small[(i * _order) + j] = small[(j * _order) + i] = half * (small[(i * _order) + j] + small[(j * _order) + i]);
            }

            AddProduct(-T.One, product, _momentum);
        }

        ArrayPool<T>.Shared.Return(rented);
        GC.KeepAlive(Owner);
    }

    protected override (bool Converged, int Iterations) Shake(double time)
    {
        T[] rented = ArrayPool<T>.Shared.Rent(Count + (5 * Square));
        (bool Converged, int Iterations) result;
        fixed (T* room = rented)
        {
            T* target = room, excess = target + Count, m = excess + Square, lambda = m + Square, left = lambda + Square, product = left + Square;
            T t = T.CreateTruncating(time);
            Values(_weight).CopyTo(Values(target));
            SpanKernels.AddScaled(Values(_momentum), t, Values(target));
            MatrixProduct.Run(T.One, Tall(target).Transposed, Tall(target), Small(excess), false, true, Owner.Threads);
            MatrixProduct.Run(T.One, Tall(_weight).Transposed, Tall(target), Small(m), false, false, Owner.Threads);
            for (int i = 0; i < _order; i++)
                excess[(i * _order) + i] -= T.One;
            result = Solve(excess, m, lambda, left, product);
            if (result.Converged)
            {
                AddProduct(-T.One / t, Small(lambda), _momentum);
                SpanKernels.AddScaled(Values(_momentum), t, Values(_weight));
            }
        }

        ArrayPool<T>.Shared.Return(rented);
        GC.KeepAlive(Owner);
        return result;
    }

    private (bool Converged, int Iterations) Solve(T* excess, T* m, T* lambda, T* left, T* product)
    {
        T half = T.CreateTruncating(0.5);
        double residual = 0;
        for (int i = 0; i < Square; i++)
        {
            lambda[i] = half * excess[i];
            residual = Larger(residual, T.Abs(excess[i]));
        }

        int iterations = 0;
        while (!(residual <= Tolerance))
        {
            if (iterations == Owner.Constraint.MaxIterations || !(residual <= Diverged))
                return (false, iterations);
            iterations++;
            for (int i = 0; i < Square; i++)
                left[i] = m[i] - (half * lambda[i]);
            MatrixProduct.Run(T.One, Small(lambda), Small(left), Small(product), false, false, Owner.Threads);
            residual = Update(excess, product, lambda);
        }

        return (true, iterations);
    }

    /// <summary>Λ += ½(S − I − K − Kᵀ) with K = Λ(M − ½Λ); the largest element of what was added, twice.</summary>
    private double Update(T* excess, T* product, T* lambda)
    {
        const int Tile = 32;
        T half = T.CreateTruncating(0.5);
        double residual = 0;
        for (int first = 0; first < _order; first += Tile)
        {
            for (int i = 0; i < _order; i++)
            {
                T* k = product + (i * _order), e = excess + (i * _order), l = lambda + (i * _order);
                for (int j = first; j < Math.Min(first + Tile, _order); j++)
                {
                    T rest = e[j] - k[j] - product[(j * _order) + i];
                    l[j] += half * rest;
                    residual = Larger(residual, T.Abs(rest));
                }
            }
        }

        return residual;
    }

    /// <summary>A NaN is larger than anything.</summary>
    private static double Larger(double largest, T value)
    {
        double number = double.CreateTruncating(value);
        return number <= largest ? largest : number;
    }

    private Span<T> Values(T* data) => new(data, Count);

    private MatrixView<T> Small(T* data) => new(data, _order, _order, _order, 1);

    private MatrixView<T> Tall(T* data) => _wide ? new(data, _length, _order, 1, _length) : new(data, _length, _order, _order, 1);

    /// <summary>result += factor·V·K for a symmetric K.</summary>
    private void AddProduct(T factor, MatrixView<T> symmetric, T* result)
    {
        MatrixView<T> v = Tall(_weight), target = Tall(result);
        if (_wide)
            MatrixProduct.Run(factor, symmetric, v.Transposed, target.Transposed, true, false, Owner.Threads);
        else
            MatrixProduct.Run(factor, v, symmetric, target, true, false, Owner.Threads);
    }
}
