using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Gives rows class probabilities that satisfy constraints, and the most probable class. Made by fitting a
/// <see cref="ConstrainedClassificationEstimator"/> or by loading a saved model. Safe to use from any number of threads at once.
/// </summary>
public sealed class ConstrainedClassificationTransformer : NetworkTransformer
{
    internal const string LoaderSignature = "ConstrainedClasses";

    // Version 1.0: first.
    internal static readonly BlockFormat Format = new("ConstrainedClassification", "CMLCLSFC", LoaderSignature, 0x00010000, 0x00010000, 0x00010000);

    private readonly ClassificationModel _model;

    internal ConstrainedClassificationTransformer(IHostEnvironment environment, ClassificationModel model)
        : base(environment, Format, model.Network, model.Threads, model.Training)
    {
        _model = model;
        ClassificationHead head = model.CreateHead();
        Projector = head.Projector;
        Stage = new ClassificationStage(model, Network, head);
    }

    /// <summary>
    /// What holds for every row of the score: the constraints over the classes in the order of its slots, groups written as the sums of
    /// their classes, and the simplex.
    /// </summary>
    public ConstraintSet Constraints => _model.Constraints;

    /// <summary>What brings probabilities into the set; also explains single rows. Null where nothing has to be projected.</summary>
    public Projector? Projector { get; }

    /// <summary>The classes, in the order of the score's slots and of the predicted label's keys.</summary>
    public IReadOnlyList<string> Classes => _model.Classes.Names;

    /// <summary>The column with the features.</summary>
    public string FeatureColumnName => _model.FeatureColumnName;

    /// <summary>The column that receives the probabilities.</summary>
    public string ScoreColumnName => _model.ScoreColumnName;

    /// <summary>The column that receives the most probable class.</summary>
    public string PredictedLabelColumnName => _model.PredictedLabelColumnName;

    /// <summary>The model itself.</summary>
    internal ClassificationModel Model => _model;

    // *** Binary format *** (the payload of ModelBlock): ClassificationModel, see there
    private protected override void Write(BinaryWriter writer) => _model.Write(writer);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static ConstrainedClassificationTransformer Read(IHostEnvironment environment, BinaryReader reader) =>
        new(environment, ClassificationModel.Read(reader));
}
