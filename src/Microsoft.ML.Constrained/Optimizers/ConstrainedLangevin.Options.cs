using System;
using System.Globalization;
using System.IO;
using TorchSharp.Modules;

namespace Microsoft.ML.Constrained.Optimizers;

public sealed partial class ConstrainedLangevin
{
    /// <summary>
    /// The options of a group. Null stands for the optimizer's own, which are filled in when the group is added, as TorchSharp's optimizers do;
    /// later changes count from the next step on. So options and groups belong to one optimizer: make new ones for another.
    /// </summary>
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
            var rates = new OptimizerOptions();
            rates.LoadStateDict(reader);
            (double temperature, double friction) = (reader.ReadDouble(), reader.ReadDouble());
            CheckSaved((LangevinDynamics)reader.ReadByte());
            (double decay, long seed) = (reader.ReadDouble(), reader.ReadInt64());
            Constraint.CheckSaved(reader);
            base.LoadStateDict(rates);
            (Temperature, Friction, WeightDecay, Seed) = (temperature, friction, decay, seed);
        }

        /// <summary>Takes over the numbers of other options.</summary>
        /// <param name="source">Options of this type.</param>
        /// <exception cref="InvalidDataException">They have other dynamics or another constraint; nothing has changed.</exception>
        public override void LoadStateDict(OptimizerOptions source)
        {
            Options from = CheckSaved(source);
            base.LoadStateDict(source);
            (Temperature, Friction, WeightDecay, Seed) = (from.Temperature, from.Friction, from.WeightDecay, from.Seed);
        }

        /// <summary>Fails where options to load have other dynamics or another constraint.</summary>
        internal Options CheckSaved(OptimizerOptions source)
        {
            if (source is not Options from)
                throw new InvalidDataException($"The saved options are {source?.GetType()}; expected those of a {nameof(ConstrainedLangevin)}.");
            CheckSaved(from.Dynamics);
            Constraint.CheckSaved(from.Constraint);
            return from;
        }

        /// <summary>A copy in which nothing is left open.</summary>
        internal Options Completed(Options defaults)
        {
            var copy = (Options)MemberwiseClone();
            copy.Complete(defaults);
            return copy;
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

        /// <param name="group">Whose options, for messages.</param>
        internal void Validate(int? group = null)
        {
            CheckRange("learning rate", LearningRate, false, group);
            CheckRange("temperature", Temperature, false, group);
            CheckRange("friction", Friction, true, group);
            CheckRange("weight decay", WeightDecay, false, group);
            if (Dynamics is not (LangevinDynamics.Underdamped or LangevinDynamics.Overdamped))
                throw new ArgumentException($"The dynamics{Of(group)} is {Dynamics?.ToString() ?? "null"}; expected Underdamped or Overdamped.");
            if (Seed is null)
                throw new ArgumentException($"The seed{Of(group)} is null; expected a number.");
            ArgumentNullException.ThrowIfNull(Constraint);
        }

        private static void CheckRange(string name, double? value, bool infinite, int? group)
        {
            if (value >= 0 && (infinite || double.IsFinite(value.Value)))
                return;
            string found = value?.ToString(CultureInfo.InvariantCulture) ?? "null";
            throw new ArgumentException($"The {name}{Of(group)} is {found}; expected a{(infinite ? "" : " finite")} number of at least 0.");
        }

        private static string Of(int? group) => group is null ? "" : $" of group {group}";

        private void CheckSaved(LangevinDynamics? saved)
        {
            if (saved != Dynamics)
                throw new InvalidDataException($"The saved optimizer is {saved} where this one is {Dynamics}; build it as it was saved.");
        }
    }
}
