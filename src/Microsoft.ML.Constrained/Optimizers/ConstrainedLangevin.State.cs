using System;
using System.IO;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

public sealed partial class ConstrainedLangevin
{
    /// <summary>What is remembered of a parameter.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        private Tensor? _slack;
        private Tensor? _velocity;

        /// <summary>An empty state.</summary>
        /// <param name="parameter">Whose.</param>
        /// <param name="stream">Its number among the optimizer's parameters, which chooses its noise.</param>
        internal State(Parameter parameter, int stream)
            : base(parameter) => Stream = stream;

        /// <summary>Steps taken; with the seed and <see cref="Stream"/> it determines the noise of the next.</summary>
        public long Step { get; internal set; }

        /// <summary>Which stream of noise is this parameter's.</summary>
        public int Stream { get; private set; }

        /// <summary>The slacks ξ of circles, in the shape of the parameter; null for other constraints.</summary>
        public Tensor? Slack
        {
            get => _slack;
            internal set => _slack = value;
        }

        /// <summary>
        /// The momenta p in the shape of the parameter; on circles the angular velocities ω, of which p = ωξ; null where overdamped.
        /// </summary>
        public Tensor? Velocity
        {
            get => _velocity;
            internal set => _velocity = value;
        }

        /// <summary>Momenta at rest, and what the constraint needs, from the parameter as it is now.</summary>
        /// <param name="options">Those of its group.</param>
        public override void Initialize(OptimizerOptions options)
        {
            Dispose();
            var own = (Options)options;
            Step = 0;
            (_slack, _velocity) = (null, null);
            using IDisposable off = no_grad();
            if (own.Dynamics != LangevinDynamics.Overdamped)
                _velocity = zeros(_parameter.shape, _parameter.dtype, _parameter.device).DetachFromDisposeScope();
            WeightScheme.Of(own.Constraint).Initialize(_parameter, this, own.Constraint);
        }

        /// <summary>Writes steps, stream, slack and momenta.</summary>
        /// <param name="writer">Where to.</param>
        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(Step);
            writer.Write(Stream);
            SaveConditionalStateTensor(writer, _slack);
            SaveConditionalStateTensor(writer, _velocity);
        }

        /// <summary>Reads what <see cref="SaveStateDict"/> wrote.</summary>
        /// <param name="reader">Where from.</param>
        public override void LoadStateDict(BinaryReader reader)
        {
            Step = reader.ReadInt64();
            Stream = reader.ReadInt32();
            LoadConditionalStateTensor(reader, ref _slack, _parameter.device);
            LoadConditionalStateTensor(reader, ref _velocity, _parameter.device);
        }

        /// <summary>Copies another parameter's state.</summary>
        /// <param name="source">A state of this type.</param>
        public override void LoadStateDict(OptimizerState source)
        {
            var from = (State)source;
            Dispose();
            (Step, Stream) = (from.Step, from.Stream);
            (_slack, _velocity) = (Copy(from._slack), Copy(from._velocity));
        }

        /// <inheritdoc/>
        public override bool ApproximatelyEquals(OptimizerState other) => other is State state && Step == state.Step && Stream == state.Stream
            && Near(_slack, state._slack) && Near(_velocity, state._velocity);

        /// <inheritdoc/>
        public override void to(Device device)
        {
            _slack = _slack?.to(device).DetachFromDisposeScope();
            _velocity = _velocity?.to(device).DetachFromDisposeScope();
        }

        /// <summary>Disposes the tensors.</summary>
        public void Dispose()
        {
            _slack?.Dispose();
            _velocity?.Dispose();
        }

        private static bool Near(Tensor? a, Tensor? b) => a is null || b is null ? a is null && b is null : a.allclose(b);

        private Tensor? Copy(Tensor? tensor) => tensor?.to(_parameter.device).clone().DetachFromDisposeScope();
    }
}
