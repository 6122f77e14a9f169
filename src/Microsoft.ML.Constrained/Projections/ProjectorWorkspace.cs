namespace Microsoft.ML.Constrained.Projections;

/// <summary>What one thread needs to project rows with a <see cref="Projector"/>.</summary>
internal sealed class ProjectorWorkspace
{
    private readonly ProjectionRoute _own;
    private object? _general;
    private double[] _generalState = [];
    private float[]? _singleY;
    private float[]? _singleZ;
    private double[]? _again;
    private double[]? _againState;

    public ProjectorWorkspace(ProjectionRoute route, ConstraintSet set)
    {
        _own = route;
        Route = route.CreateWorkspace();
        State = new double[route.StateLength];
        Y = new double[set.Dimension];
        Z = new double[set.Dimension];
        Scratch = new double[set.Dimension];
        Parameters = new double[set.Columns.Count];
    }

    public object Route { get; }

    /// <summary>The state of a row that nobody keeps.</summary>
    public double[] State { get; }

    public double[] Y { get; }

    public double[] Z { get; }

    public double[] Scratch { get; }

    public double[] Parameters { get; }

    /// <summary>A row for a method in single precision.</summary>
    public float[] SingleY => _singleY ??= new float[Y.Length];

    /// <summary>Its result.</summary>
    public float[] SingleZ => _singleZ ??= new float[Y.Length];

    /// <summary>A result that is projected once more.</summary>
    public double[] Again => _again ??= new double[Y.Length];

    /// <summary>The state of that second projection, which nobody keeps.</summary>
    public double[] AgainState => _againState ??= new double[State.Length];

    public object General(ProjectionRoute general) => ReferenceEquals(general, _own) ? Route : _general ??= general.CreateWorkspace();

    public double[] GeneralState(ProjectionRoute general)
    {
        if (_generalState.Length != general.StateLength)
            _generalState = new double[general.StateLength];
        return _generalState;
    }
}
