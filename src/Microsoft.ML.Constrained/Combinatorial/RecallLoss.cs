using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Listwise recall for rankings (Rolínek et al. 2020): the mean over a row's relevant items i of ln(1 + ln(1 + r(i) − r⁺(i))), where
/// r(i) is the item's rank among all and r⁺(i) its rank among the relevant ones: the difference counts the irrelevant items before it.
/// </summary>
/// <remarks>
/// Ranks start at 1 with the best. Both ranks come from <see cref="RankingSolver"/>; they are constants to this loss, and each has its
/// gradient, to be handed to a rule. A row without relevant items has the loss 0.
/// </remarks>
public static class RecallLoss
{
    /// <summary>The mean of the rows' losses, and its gradient with respect to both ranks.</summary>
    /// <param name="ranks">Ranks among all items, rows × items.</param>
    /// <param name="relevantRanks">Ranks among the relevant items in the same layout; entries of other items are not read.</param>
    /// <param name="relevant">Above 0.5 for relevant items, in the same layout.</param>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="gradient">
    /// Receives the gradient for <paramref name="ranks"/>; that for <paramref name="relevantRanks"/> is its negative. May be empty.
    /// </param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    public static double Evaluate(
        ReadOnlySpan<float> ranks, ReadOnlySpan<float> relevantRanks, ReadOnlySpan<float> relevant, int rows, Span<float> gradient)
    {
        LossHelper.Check(ranks.Length, rows, relevantRanks.Length, nameof(relevantRanks));
        LossHelper.Check(ranks.Length, rows, relevant.Length, nameof(relevant));
        if (!gradient.IsEmpty)
        {
            LossHelper.Check(ranks.Length, rows, gradient.Length, nameof(gradient));
            gradient.Clear();
        }

        int items = ranks.Length / rows;
        double total = 0;
        for (int row = 0; row < rows; row++)
        {
            int first = row * items, count = 0;
            double sum = 0;
            for (int i = first; i < first + items; i++)
                count += relevant[i] > 0.5f ? 1 : 0;
            for (int i = first; i < first + items; i++)
            {
                if (!(relevant[i] > 0.5f))
                    continue;

                // Ranks of two solver calls may differ by noise; fewer than none before an item means none.
                double before = Math.Max(0, (double)ranks[i] - relevantRanks[i]);
                double inner = Math.Log(1 + before);
                sum += Math.Log(1 + inner);
                if (!gradient.IsEmpty && ranks[i] >= relevantRanks[i])
                    gradient[i] = (float)(1 / ((1 + inner) * (1 + before) * count * rows));
            }

            total += count > 0 ? sum / count : 0;
        }

        return total / rows;
    }
}
