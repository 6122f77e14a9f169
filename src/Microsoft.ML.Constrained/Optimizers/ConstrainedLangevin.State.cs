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
        private LangevinDynamics? _dynamics;
        private WeightConstraint? _constraint;

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
            (_dynamics, _constraint) = (own.Dynamics, own.Constraint);
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
        /// <exception cref="InvalidDataException">The state is that of a parameter of another shape or type; this one has not changed.</exception>
        public override void LoadStateDict(BinaryReader reader)
        {
            (long step, int stream) = (reader.ReadInt64(), reader.ReadInt32());
            Tensor? slack = Read(reader, _slack, "slack"), velocity = null;
            try
            {
                velocity = Read(reader, _velocity, "momentum");
            }
            catch
            {
                slack?.Dispose();
                throw;
            }

            Dispose();
            (Step, Stream, _slack, _velocity) = (step, stream, slack, velocity);
        }

        /// <summary>Copies another parameter's state.</summary>
        /// <param name="source">A state of this type, of a parameter of the same shape and type.</param>
        /// <exception cref="InvalidDataException">It is another one; nothing has changed.</exception>
        public override void LoadStateDict(OptimizerState source)
        {
            State from = CheckSaved(source);
            (Tensor? slack, Tensor? velocity) = (Copy(from._slack), Copy(from._velocity));
            Dispose();
            (Step, Stream, _slack, _velocity) = (from.Step, from.Stream, slack, velocity);
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

        /// <summary>Fails where a state to load does not fit this parameter and its constraint.</summary>
        internal State CheckSaved(OptimizerState source)
        {
            if (source is not State from)
                throw new InvalidDataException($"The saved state is {source?.GetType()}; expected that of a {nameof(ConstrainedLangevin)}.");
            CheckSaved(_slack, from._slack, "slack");
            CheckSaved(_velocity, from._velocity, "momentum");
            return from;
        }

        /// <summary>Fails where options became others than this state was made for.</summary>
        internal void CheckUnchanged(Options options, int group)
        {
            if (options.Dynamics != _dynamics)
                throw new ArgumentException($"The dynamics of group {group} is {options.Dynamics} but was {_dynamics}; it cannot change. Make another optimizer.");
            if (!options.Constraint.Agrees(_constraint!))
                throw new ArgumentException($"The constraint of group {group} is {options.Constraint} but was {_constraint}; it cannot change. Make another optimizer.");
        }

        private static void CheckSaved(Tensor? own, Tensor? saved, string name)
        {
            if (own is null ? saved is null : saved is not null && saved.dtype == own.dtype && saved.shape.AsSpan().SequenceEqual(own.shape))
                return;
            throw new InvalidDataException($"The saved {name} is {Describe(saved)} where this parameter's is {Describe(own)}; build the optimizer as it was saved.");
        }

        private static string Describe(Tensor? tensor) => tensor is null ? "none" : $"{tensor.dtype} of shape [{string.Join(", ", tensor.shape)}]";

        /// <summary>A tensor like the present one.</summary>
        private Tensor? Read(BinaryReader reader, Tensor? own, string name)
        {
            // Into one of the right shape, so that a damaged file cannot ask for room.
            Tensor? read = own is null ? null : empty_like(own);
            try
            {
                LoadConditionalStateTensor(reader, ref read, _parameter.device);
                CheckSaved(own, read, name);
                return read?.DetachFromDisposeScope();
            }
            catch (Exception e)
            {
                read?.Dispose();
                if (e is ArgumentException)
                    throw new InvalidDataException($"The saved {name} does not fit this parameter, whose own is {Describe(own)}: {e.Message}", e);
                throw;
            }
        }

        private static bool Near(Tensor? a, Tensor? b) => a is null || b is null ? a is null && b is null : a.allclose(b);

        private Tensor? Copy(Tensor? tensor) => tensor?.to(_parameter.device).clone().DetachFromDisposeScope();
    }
}
