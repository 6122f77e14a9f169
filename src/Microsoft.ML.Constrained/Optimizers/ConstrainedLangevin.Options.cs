using System;
using System.IO;
using TorchSharp.Modules;

namespace Microsoft.ML.Constrained.Optimizers;

public sealed partial class ConstrainedLangevin
{
    /// <summary>The options of a group; null stands for the optimizer's own.</summary>
    public sealed class Options : OptimizerOptions
    {
        /// <summary>τ, at least 0.</summary>
        public double? Temperature { get; set; }

        /// <summary>γ, at least 0, or infinite; not used where overdamped.</summary>
        public double? Friction { get; set; }

        /// <summary>With or without momentum; cannot change later.</summary>
        public LangevinDynamics? Dynamics { get; set; }

        /// <summary>Times the weights it is added to the gradient; at least 0.</summary>
        public double? WeightDecay { get; set; }

        /// <summary>Of the noise.</summary>
        public long? Seed { get; set; }

        /// <summary>What to keep true of the group's weights.</summary>
        public WeightConstraint Constraint { get; init; } = WeightConstraint.None;

        /// <summary>Writes the options: learning rates as upstream does, then temperature, friction, dynamics, weight decay, seed, constraint.</summary>
        /// <param name="writer">Where to.</param>
        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(Temperature!.Value);
            writer.Write(Friction!.Value);
            writer.Write((byte)Dynamics!.Value);
            writer.Write(WeightDecay!.Value);
            writer.Write(Seed!.Value);
            Constraint.Save(writer);
        }

        /// <summary>Reads what <see cref="SaveStateDict"/> wrote.</summary>
        /// <param name="reader">Where from.</param>
        /// <exception cref="InvalidDataException">The saved group has other dynamics or another constraint.</exception>
        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            Temperature = reader.ReadDouble();
            Friction = reader.ReadDouble();
            var dynamics = (LangevinDynamics)reader.ReadByte();
            if (dynamics != Dynamics)
                throw new InvalidDataException($"The saved optimizer is {dynamics} where this one is {Dynamics}; build it as it was saved.");
            WeightDecay = reader.ReadDouble();
            Seed = reader.ReadInt64();
            Constraint.CheckSaved(reader);
        }

        /// <summary>Takes over the numbers of other options.</summary>
        /// <param name="source">Options of this type.</param>
        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var from = (Options)source;
            (Temperature, Friction, WeightDecay, Seed) = (from.Temperature, from.Friction, from.WeightDecay, from.Seed);
        }

        internal void Complete(Options defaults)
        {
            LearningRate ??= defaults.LearningRate;
            Temperature ??= defaults.Temperature;
            Friction ??= defaults.Friction;
            Dynamics ??= defaults.Dynamics;
            WeightDecay ??= defaults.WeightDecay;
            Seed ??= defaults.Seed;
            InitialLearningRate = LearningRate!.Value;
        }

        internal void Validate()
        {
            CheckRange("learning rate", LearningRate!.Value, false);
            CheckRange("temperature", Temperature!.Value, false);
            CheckRange("friction", Friction!.Value, true);
            CheckRange("weight decay", WeightDecay!.Value, false);
            if (Dynamics is not (LangevinDynamics.Underdamped or LangevinDynamics.Overdamped))
                throw new ArgumentException($"The dynamics is {Dynamics}; expected Underdamped or Overdamped.");
            ArgumentNullException.ThrowIfNull(Constraint);
        }

        private static void CheckRange(string name, double value, bool infinite)
        {
            if (!(value >= 0 && (infinite || double.IsFinite(value))))
                throw new ArgumentException(FormattableString.Invariant($"The {name} is {value}; expected a{(infinite ? "" : " finite")} number of at least 0."));
        }
    }
}
