using System;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>
/// Cholesky factorisation M = LLᵀ in packed panels (see <see cref="PanelKernels{TLane, TVector}"/>), left-looking by block columns:
/// nearly all work is register tiles. Panel I of the triangle starts at Rows²·I(I+1)/2 and has (I+1)·Rows columns.
/// The inverses of the diagonal blocks are kept (Rows² doubles each), so that solves have no chain of divisions.
/// Rows and columns beyond the order are padding: the caller packs an identity there.
/// </summary>
internal static unsafe class PanelCholesky<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    /// <summary>What a pivot is replaced by when its row depends on those before it: the row's unknown then comes out as zero.</summary>
    private const double DroppedPivot = 1e150;

    private static int Rows => PanelKernels<TLane, TVector>.Rows;

    /// <summary>Doubles that a triangle of order <paramref name="order"/> takes.</summary>
    public static int TriangleLength(int order)
    {
        int panels = PanelKernels<TLane, TVector>.PanelCount(order);
        return Rows * Rows * (panels * (panels + 1) / 2);
    }

    /// <summary>Doubles that the inverses of the diagonal blocks take.</summary>
    public static int InverseLength(int order) => Rows * PanelKernels<TLane, TVector>.Padded(order);

    /// <summary>Where panel <paramref name="panel"/> of a triangle starts.</summary>
    public static int PanelOffset(int panel) => Rows * Rows * (panel * (panel + 1) / 2);

    /// <summary>
    /// Factors in place. A pivot that is not above <paramref name="threshold"/> times its diagonal element's first value counts as
    /// dropped and its unknown is fixed to zero.
    /// </summary>
    /// <returns>The number of dropped pivots; stops at the first panel with one when <paramref name="stopWhenDropped"/>.</returns>
    public static int Factor(double* triangle, double* inverses, int order, double threshold, bool stopWhenDropped)
    {
        int mr = Rows;
        int panels = PanelKernels<TLane, TVector>.PanelCount(order);
        double* first = stackalloc double[mr];
        double* copy = stackalloc double[mr * mr];
        int dropped = 0;
        for (int j = 0; j < panels; j++)
        {
            double* panelJ = triangle + PanelOffset(j);
            double* diagonal = panelJ + (j * mr * mr);
            for (int i = 0; i < mr; i++)
                first[i] = diagonal[(i * mr) + i];
            if (j > 0)
            {
                for (int i = j; i < panels; i++)
                {
                    double* panelI = triangle + PanelOffset(i);
                    PanelKernels<TLane, TVector>.MultiplySquare(j * mr, panelI, panelJ, panelI + (j * mr * mr), mr, subtract: true);
                }
            }

            double* inverse = inverses + (j * mr * mr);
            dropped += FactorDiagonal(diagonal, inverse, first, threshold);
            if (stopWhenDropped && dropped > 0)
                return dropped;
            for (int i = j + 1; i < panels; i++)
                DivideByDiagonal(triangle + PanelOffset(i) + (j * mr * mr), inverse, copy);
        }

        return dropped;
    }

    /// <summary>
    /// Overwrites panels of further rows C with C·L⁻ᵀ: what the Cholesky factor of a larger matrix has below L.
    /// </summary>
    /// <param name="triangle">The factor.</param>
    /// <param name="inverses">Its inverted diagonal blocks.</param>
    /// <param name="order">The factor's order.</param>
    /// <param name="rows">Panels of Rows × padded order.</param>
    /// <param name="rowCount">Rows in them.</param>
    public static void SolveRows(double* triangle, double* inverses, int order, double* rows, int rowCount)
    {
        int mr = Rows;
        int panels = PanelKernels<TLane, TVector>.PanelCount(order);
        int rowPanels = PanelKernels<TLane, TVector>.PanelCount(rowCount);
        double* copy = stackalloc double[mr * mr];
        for (int i = 0; i < rowPanels; i++)
        {
            double* panelI = rows + (i * mr * mr * panels);
            for (int j = 0; j < panels; j++)
            {
                double* tile = panelI + (j * mr * mr);
                if (j > 0)
                    PanelKernels<TLane, TVector>.MultiplySquare(j * mr, panelI, triangle + PanelOffset(j), tile, mr, subtract: true);
                DivideByDiagonal(tile, inverses + (j * mr * mr), copy);
            }
        }
    }

    /// <summary><c>R = W·Wᵀ</c>, whole and row-major, for <paramref name="rowCount"/> rows W in panels of depth <paramref name="order"/>.</summary>
    /// <param name="rows">The panels of W.</param>
    /// <param name="rowCount">Rows of W.</param>
    /// <param name="order">Columns of W.</param>
    /// <param name="product">The padded row count, squared, of doubles.</param>
    public static void Gram(double* rows, int rowCount, int order, double* product)
    {
        int mr = Rows;
        int panelStride = mr * PanelKernels<TLane, TVector>.Padded(order);
        int rowPanels = PanelKernels<TLane, TVector>.PanelCount(rowCount);
        int stride = rowPanels * mr;
        for (int i = 0; i < rowPanels; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double* tile = product + (j * mr * stride) + (i * mr);
                PanelKernels<TLane, TVector>.MultiplySquare(order, rows + (i * panelStride), rows + (j * panelStride), tile, stride, subtract: false);
                if (j < i)
                    Transpose(tile, product + (i * mr * stride) + (j * mr), stride);
            }
        }
    }

    /// <summary>x = L⁻¹x in place; x has the padded order of doubles.</summary>
    public static void Forward(double* triangle, double* inverses, int order, double* x)
    {
        int mr = Rows;
        int panels = PanelKernels<TLane, TVector>.PanelCount(order);
        double* sum = stackalloc double[mr];
        for (int i = 0; i < panels; i++)
        {
            double* target = x + (i * mr);
            TimesColumns(triangle + PanelOffset(i), i * mr, x, sum);
            for (int v = 0; v < mr; v += TLane.Width)
                TLane.Store(sum + v, TLane.Subtract(TLane.Load(target + v), TLane.Load(sum + v)));
            TimesColumns(inverses + (i * mr * mr), mr, sum, target);
        }
    }

    /// <summary>x = L⁻ᵀx in place; x has the padded order of doubles.</summary>
    public static void Backward(double* triangle, double* inverses, int order, double* x)
    {
        int mr = Rows;
        int w = TLane.Width;
        int panels = PanelKernels<TLane, TVector>.PanelCount(order);
        double* rest = stackalloc double[mr];
        for (int j = panels - 1; j >= 0; j--)
        {
            for (int k = 0; k < mr; k++)
            {
                TVector sum = default;
                for (int i = j + 1; i < panels; i++)
                {
                    double* column = triangle + PanelOffset(i) + (((j * mr) + k) * mr);
                    double* xi = x + (i * mr);
                    for (int v = 0; v < mr; v += w)
                        sum = TLane.MultiplyAdd(TLane.Load(column + v), TLane.Load(xi + v), sum);
                }

                rest[k] = x[(j * mr) + k] - TLane.Sum(sum);
            }

            double* inverse = inverses + (j * mr * mr);
            for (int k = 0; k < mr; k++)
            {
                TVector sum = default;
                for (int v = 0; v < mr; v += w)
                    sum = TLane.MultiplyAdd(TLane.Load(inverse + (k * mr) + v), TLane.Load(rest + v), sum);
                x[(j * mr) + k] = TLane.Sum(sum);
            }
        }
    }

    /// <summary>result = panel·x for a panel of <paramref name="columns"/> columns.</summary>
    public static void TimesColumns(double* panel, int columns, double* x, double* result)
    {
        int mr = Rows;
        int w = TLane.Width;
        for (int v = 0; v < mr; v += w)
        {
            double* source = panel + v;
            TVector s0 = default, s1 = default, s2 = default, s3 = default;
            int k = 0;
            for (; k + 4 <= columns; k += 4)
            {
                s0 = TLane.MultiplyAdd(TLane.Load(source), TLane.Broadcast(x[k]), s0);
                s1 = TLane.MultiplyAdd(TLane.Load(source + mr), TLane.Broadcast(x[k + 1]), s1);
                s2 = TLane.MultiplyAdd(TLane.Load(source + (2 * mr)), TLane.Broadcast(x[k + 2]), s2);
                s3 = TLane.MultiplyAdd(TLane.Load(source + (3 * mr)), TLane.Broadcast(x[k + 3]), s3);
                source += 4 * mr;
            }

            for (; k < columns; k++)
            {
                s0 = TLane.MultiplyAdd(TLane.Load(source), TLane.Broadcast(x[k]), s0);
                source += mr;
            }

            TLane.Store(result + v, TLane.Add(TLane.Add(s0, s1), TLane.Add(s2, s3)));
        }
    }

    /// <summary>
    /// As LDLᵀ first: the chain from one pivot to the next then has one division and no root; the roots are taken all at once.
    /// </summary>
    private static int FactorDiagonal(double* block, double* inverse, double* first, double threshold)
    {
        int mr = Rows;
        int w = TLane.Width;
        int dropped = 0;
        double* pivots = stackalloc double[mr];
        for (int j = 0; j < mr; j++)
        {
            double* column = block + (j * mr);
            double pivot = column[j];
            if (!(pivot > threshold * first[j]) || pivot == double.PositiveInfinity)
            {
                dropped++;
                pivot = DroppedPivot;
            }

            pivots[j] = pivot;
            double scale = -1 / pivot;
            for (int l = j + 1; l < mr; l++)
            {
                TVector f = TLane.Broadcast(scale * column[l]);
                double* other = block + (l * mr);
                for (int v = l / w * w; v < mr; v += w)
                    TLane.Store(other + v, TLane.MultiplyAdd(f, TLane.Load(column + v), TLane.Load(other + v)));
            }
        }

        double* reciprocal = stackalloc double[mr];
        for (int v = 0; v < mr; v += w)
            TLane.Store(reciprocal + v, TLane.Divide(TLane.Broadcast(1), TLane.Sqrt(TLane.Load(pivots + v))));
        for (int j = 0; j < mr; j++)
        {
            double* column = block + (j * mr);
            for (int i = 0; i < j; i++)
                column[i] = 0;
            TVector by = TLane.Broadcast(reciprocal[j]);
            for (int v = j / w * w; v < mr; v += w)
                TLane.Store(column + v, TLane.Multiply(TLane.Load(column + v), by));
            column[j] = pivots[j] * reciprocal[j];
        }

        InvertDiagonal(block, inverse, reciprocal);
        return dropped;
    }

    private static void InvertDiagonal(double* block, double* inverse, double* reciprocal)
    {
        int mr = Rows;
        int w = TLane.Width;
        new Span<double>(inverse, mr * mr).Clear();
        for (int j = 0; j < mr; j++)
        {
            double* column = block + (j * mr);
            inverse[(j * mr) + j] = 1;
            for (int l = 0; l <= j; l++)
            {
                double* target = inverse + (l * mr);
                double x = target[j] * reciprocal[j];
                TVector f = TLane.Broadcast(-x);
                for (int v = j / w * w; v < mr; v += w)
                    TLane.Store(target + v, TLane.MultiplyAdd(f, TLane.Load(column + v), TLane.Load(target + v)));
                target[j] = x;
            }
        }
    }

    private static void DivideByDiagonal(double* tile, double* inverse, double* copy)
    {
        int mr = Rows;
        int columns = TLane.TileColumns;
        for (int v = 0; v < mr * mr; v += TLane.Width)
            TLane.Store(copy + v, TLane.Load(tile + v));
        for (int j = 0; j < mr; j += columns)
            PanelKernels<TLane, TVector>.Multiply(j + columns, copy, inverse + j, tile + (j * mr), mr, subtract: false);
    }

    private static void Transpose(double* source, double* target, int stride)
    {
        int mr = Rows;
        for (int i = 0; i < mr; i++)
        {
            for (int j = 0; j < mr; j++)
                target[(i * stride) + j] = source[(j * stride) + i];
        }
    }
}
