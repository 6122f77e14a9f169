namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>Where one problem's parameters lie.</summary>
internal readonly unsafe struct ProblemData
{
    public readonly double* Q, P, G, H, A, B;

    public ProblemData(BatchPointers batch, int problem)
    {
        Q = batch.Q(problem);
        P = batch.P(problem);
        G = batch.G(problem);
        H = batch.H(problem);
        A = batch.A(problem);
        B = batch.B(problem);
    }

    public ProblemData(double* q, double* p, double* g, double* h, double* a, double* b)
    {
        Q = q;
        P = p;
        G = g;
        H = h;
        A = a;
        B = b;
    }

    /// <summary>The constraints of another problem with a cost of its own.</summary>
    public ProblemData(double* q, double* p, in ProblemData constraints)
    {
        this = constraints;
        Q = q;
        P = p;
    }
}
