using System;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>Limits that are computed from columns may contradict each other by rounding only (0.1 + 0.2 ≤ z ≤ 0.3): that is an equality.</summary>
internal static class LimitRounding
{
    /// <summary>Of max(1, the limits): a contradiction up to this size is rounding.</summary>
    private const double Share = 1e-9;

    /// <summary>Limits that contradict each other by rounding meet in the middle. False where they contradict each other by more.</summary>
    /// <param name="lower">The lower limit.</param>
    /// <param name="upper">The upper limit.</param>
    /// <param name="length">Length of the row that they are limits of.</param>
    public static bool Settle(ref double lower, ref double upper, double length = 1)
    {
        if (!(lower > upper))
            return true;
        if (lower - upper > Share * Math.Max(length, Math.Min(Math.Abs(lower), Math.Abs(upper))))
            return false;
        lower = upper = 0.5 * (lower + upper);
        return true;
    }

    /// <summary>A sum, a cap or a radius that rounding made negative is 0.</summary>
    public static double Nonnegative(double size) => size is < 0 and >= -Share ? 0 : size;

    /// <summary>A sum that rounding took beyond what there is room for is all of that.</summary>
    public static double Within(double sum, double room) => sum > room && sum - room <= Share * Math.Max(1, Math.Abs(room)) ? room : sum;
}
