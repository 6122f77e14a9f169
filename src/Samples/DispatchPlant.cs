namespace Microsoft.ML.Constrained.Samples;

/// <summary>A power plant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Least">Least output in MW.</param>
/// <param name="Most">Largest output in MW.</param>
/// <param name="Ramp">Largest change from one hour to the next in MW.</param>
/// <param name="Empty">Marginal cost at the least output in €/MWh.</param>
/// <param name="Full">Marginal cost at the largest output in €/MWh.</param>
internal sealed record DispatchPlant(string Name, double Least, double Most, double Ramp, double Empty, double Full);
