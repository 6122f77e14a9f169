namespace TorchSharp;

/// <summary>Counts what became of the tensors of a thread since the last reset.</summary>
public class ThreadDisposeScopeStatistics
{
    private long _disposedOutside;

    public long CreatedOutsideScopeCount { get; private set; }
    public long CreatedInScopeCount { get; private set; }
    public long DisposedInScopeCount { get; private set; }
    public long DetachedFromScopeCount { get; private set; }
    public long ThreadTotalLiveCount => CreatedInScopeCount + CreatedOutsideScopeCount - DisposedInScopeCount - _disposedOutside;

    public void Reset()
    {
        CreatedOutsideScopeCount = CreatedInScopeCount = DisposedInScopeCount = DetachedFromScopeCount = 0;
        _disposedOutside = 0;
    }

    internal void Created(bool inScope)
    {
        if (inScope)
            CreatedInScopeCount++;
        else
            CreatedOutsideScopeCount++;
    }

    internal void Disposed(bool inScope)
    {
        if (inScope)
            DisposedInScopeCount++;
        else
            _disposedOutside++;
    }

    internal void Detached() => DetachedFromScopeCount++;
}
