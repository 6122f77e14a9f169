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
            MatrixProduct.Symmetrize(product);
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
            T* target = room, excess = target + Count, x = excess + Square, lambda = x + Square, left = lambda + Square, product = left + Square;
            T t = T.CreateTruncating(time);
            Values(_weight).CopyTo(Values(target));
            SpanKernels.AddScaled(Values(_momentum), t, Values(target));
            MatrixProduct.Run(T.One, Tall(target).Transposed, Tall(target), Small(excess), false, true, Owner.Threads);
            for (int i = 0; i < Square; i += _order + 1)
                excess[i] -= T.One;
            result = Solve(time, target, excess, x, lambda, left, product);
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

    private (bool Converged, int Iterations) Solve(double time, T* target, T* excess, T* x, T* lambda, T* left, T* product)
    {
        T half = T.CreateTruncating(0.5);
        double residual = 0, before = 0;
        for (int i = 0; i < Square; i++)
        {
            lambda[i] = half * excess[i];
            residual = Larger(residual, T.Abs(excess[i]));
        }

        double change = LongestRow(lambda, _order, _order);
        if (residual <= Tolerance || Next(change, 0, LongestColumn(_order, time, LongestOfMomentum(product), change)) <= Tolerance)
            return (true, 0);
        MatrixProduct.Run(T.One, Tall(_weight).Transposed, Tall(target), Small(x), false, false, Owner.Threads);
        for (int i = 0; i < Square; i += _order + 1)
            x[i] -= T.One;
        for (int iterations = 0; ; iterations++)
        {
            double column = Subtract(x, lambda, left, product);
            if (residual <= Tolerance || Next(change, before, column) <= Tolerance)
                return (true, iterations);
            if (iterations == Owner.Constraint.MaxIterations || !(residual <= Diverged))
                return (false, iterations);
            before = LongestRow(lambda, _order, _order);
            MatrixProduct.Run(T.One, Small(lambda), Small(left), Small(product), false, false, Owner.Threads);
            residual = Update(excess, product, lambda);
            change = 0.5 * LongestRow(product, _order, _order);
        }
    }

    /// <summary>Λ += ½R, where R = S − I − 2Λ − K − Kᵀ with K = Λ(X − ½Λ), which is left in the place of K; returns the largest element of R.</summary>
    private double Update(T* excess, T* product, T* lambda)
    {
        MatrixProduct.Symmetrize(Small(product));
        T half = T.CreateTruncating(0.5), two = T.CreateTruncating(2);
        double residual = 0;
        for (int i = 0; i < Square; i++)
        {
            T rest = excess[i] - (two * (lambda[i] + product[i]));
            product[i] = rest;
            lambda[i] += half * rest;
            residual = Larger(residual, T.Abs(rest));
        }

        return residual;
    }

    /// <summary>The longest column of P; <paramref name="squares"/> is room for a row.</summary>
    private double LongestOfMomentum(T* squares)
    {
        if (_wide)
            return LongestRow(_momentum, _order, _length);
        new Span<T>(squares, _order).Clear();
        for (int i = 0; i < Count; i += _order)
            AddSquares(_momentum + i, squares);
        return LongestOf(squares);
    }

    private static double LongestRow(T* matrix, int rows, int columns)
    {
        double longest = 0;
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<T> row = new(matrix + (i * columns), columns);
            longest = Larger(longest, SpanKernels.Dot(row, row));
        }

        return Math.Sqrt(longest);
    }

    /// <summary>Y = X − ½Λ, and the length of its longest column.</summary>
    private double Subtract(T* x, T* lambda, T* y, T* squares)
    {
        T half = T.CreateTruncating(0.5);
        new Span<T>(squares, _order).Clear();
        for (int i = 0; i < Square; i += _order)
        {
            for (int j = i; j < i + _order; j++)
                y[j] = x[j] - (half * lambda[j]);
            AddSquares(y + i, squares);
        }

        return LongestOf(squares);
    }

    private void AddSquares(T* row, T* squares)
    {
        int j = 0;
        for (; j <= _order - Vector<T>.Count; j += Vector<T>.Count)
        {
            Vector<T> value = Vector.Load(row + j);
            Vector.Store(Vector.Load(squares + j) + (value * value), squares + j);
        }

        for (; j < _order; j++)
            squares[j] += row[j] * row[j];
    }

    private double LongestOf(T* squares)
    {
        double longest = 0;
        for (int j = 0; j < _order; j++)
            longest = Larger(longest, squares[j]);
        return Math.Sqrt(longest);
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
