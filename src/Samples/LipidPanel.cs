using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>One blood test, in mg/dl.</summary>
public sealed class LipidPanel
{
    public float TotalCholesterol { get; set; }

    public float LowDensityLipoproteins { get; set; }

    public float HighDensityLipoproteins { get; set; }

    /// <summary>Very low density lipoproteins: triglycerides / 5.</summary>
    public float Vldl { get; set; }

    /// <summary>The stored ratio of total to HDL cholesterol.</summary>
    public float CholesterolRatio { get; set; }

    /// <summary>The measurements that may be wrong, in the order of the constraints' variables.</summary>
    internal float[] Lipids => [LowDensityLipoproteins, HighDensityLipoproteins, TotalCholesterol];

    internal LipidPanel Copy() => (LipidPanel)MemberwiseClone();

    /// <summary>The panels of <c>diabetes.csv</c>, read by ML.NET.</summary>
    internal static LipidPanel[] Read(MLContext mlContext)
    {
        IDataView file = mlContext.Data.LoadFromTextFile<Columns>(SampleData.Path("diabetes.csv"), separatorChar: ',', hasHeader: true);
        return
        [
            .. mlContext.Data.CreateEnumerable<Columns>(file, reuseRowObject: false).Select(c => new LipidPanel
            {
                TotalCholesterol = c.TotalCholesterol,
                LowDensityLipoproteins = c.LowDensityLipoproteins,
                HighDensityLipoproteins = c.HighDensityLipoproteins,
                Vldl = MathF.Exp(c.LogTriglycerides) / 5,
                CholesterolRatio = c.CholesterolRatio,
            }),
        ];
    }

    private sealed class Columns
    {
        [LoadColumn(4)]
        public float TotalCholesterol { get; set; }

        [LoadColumn(5)]
        public float LowDensityLipoproteins { get; set; }

        [LoadColumn(6)]
        public float HighDensityLipoproteins { get; set; }

        [LoadColumn(7)]
        public float CholesterolRatio { get; set; }

        [LoadColumn(8)]
        public float LogTriglycerides { get; set; }
    }
}
