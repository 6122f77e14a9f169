namespace Microsoft.ML.Data;

/// <summary>The names of well-known annotations.</summary>
internal static class AnnotationUtils
{
    public static class Kinds
    {
        public const string IsNormalized = "IsNormalized";
        public const string SlotNames = "SlotNames";
        public const string KeyValues = "KeyValues";
        public const string ScoreColumnSetId = "ScoreColumnSetId";
        public const string ScoreColumnKind = "ScoreColumnKind";
        public const string ScoreValueKind = "ScoreValueKind";
        public const string TrainingLabelValues = "TrainingLabelValues";
    }

    public static VectorDataViewType GetNamesType(int size) => new(TextDataViewType.Instance, size);
}
