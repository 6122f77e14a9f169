using System;
using System.Collections.Generic;
using System.Threading;

namespace Microsoft.ML.Constrained;

/// <summary>What stops a trial. Its links to other tokens end with the trial: those may live much longer, and would keep every link.</summary>
internal sealed class TrialStop(CancellationToken token) : IDisposable
{
    private readonly List<CancellationTokenSource> _links = [];

    /// <summary>The trial's token.</summary>
    public CancellationToken Token => token;

    /// <summary>A token that either this one or another cancels.</summary>
    public CancellationToken LinkedTo(CancellationToken other)
    {
        if (!other.CanBeCanceled)
            return token;
        var link = CancellationTokenSource.CreateLinkedTokenSource(token, other);
        _links.Add(link);
        return link.Token;
    }

    public void Dispose()
    {
        foreach (CancellationTokenSource link in _links)
            link.Dispose();
        _links.Clear();
    }
}
