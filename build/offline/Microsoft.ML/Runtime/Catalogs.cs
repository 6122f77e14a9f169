using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    internal interface IInternalCatalog
    {
        IHostEnvironment Environment { get; }
    }

    internal static class CatalogUtils
    {
        public static IHostEnvironment GetEnvironment(this IInternalCatalog catalog) => catalog.Environment;
    }
}

namespace Microsoft.ML
{
    // What the catalogs can do stands in other files, as extension methods or parts of these classes.
    public sealed partial class DataOperationsCatalog : IInternalCatalog
    {
        private readonly IHostEnvironment _env;

        internal DataOperationsCatalog(IHostEnvironment env) => _env = env;

        IHostEnvironment IInternalCatalog.Environment => _env;
    }

    public sealed class TransformsCatalog : IInternalCatalog
    {
        private readonly IHostEnvironment _env;

        internal TransformsCatalog(IHostEnvironment env)
        {
            _env = env;
            Conversion = new ConversionTransforms(this);
        }

        IHostEnvironment IInternalCatalog.Environment => _env;

        public ConversionTransforms Conversion { get; }

        public sealed class ConversionTransforms : IInternalCatalog
        {
            private readonly TransformsCatalog _owner;

            internal ConversionTransforms(TransformsCatalog owner) => _owner = owner;

            IHostEnvironment IInternalCatalog.Environment => _owner._env;
        }
    }

    public abstract partial class TrainCatalogBase : IInternalCatalog
    {
        private protected TrainCatalogBase(IHostEnvironment env, string registrationName) => Environment = env;

        internal IHostEnvironment Environment { get; }

        IHostEnvironment IInternalCatalog.Environment => Environment;

        public abstract class CatalogInstantiatorBase : IInternalCatalog
        {
            private protected CatalogInstantiatorBase(TrainCatalogBase catalog) => Owner = catalog;

            internal TrainCatalogBase Owner { get; }

            IHostEnvironment IInternalCatalog.Environment => Owner.Environment;
        }
    }

    public sealed partial class RegressionCatalog : TrainCatalogBase
    {
        internal RegressionCatalog(IHostEnvironment env) : base(env, nameof(RegressionCatalog)) => Trainers = new RegressionTrainers(this);

        public RegressionTrainers Trainers { get; }

        public sealed class RegressionTrainers : CatalogInstantiatorBase
        {
            internal RegressionTrainers(RegressionCatalog catalog) : base(catalog) { }
        }
    }

    public sealed partial class MulticlassClassificationCatalog : TrainCatalogBase
    {
        internal MulticlassClassificationCatalog(IHostEnvironment env) : base(env, nameof(MulticlassClassificationCatalog)) =>
            Trainers = new MulticlassClassificationTrainers(this);

        public MulticlassClassificationTrainers Trainers { get; }

        public sealed class MulticlassClassificationTrainers : CatalogInstantiatorBase
        {
            internal MulticlassClassificationTrainers(MulticlassClassificationCatalog catalog) : base(catalog) { }
        }
    }

    public sealed partial class BinaryClassificationCatalog : TrainCatalogBase
    {
        internal BinaryClassificationCatalog(IHostEnvironment env) : base(env, nameof(BinaryClassificationCatalog)) =>
            Trainers = new BinaryClassificationTrainers(this);

        public BinaryClassificationTrainers Trainers { get; }

        public sealed class BinaryClassificationTrainers : CatalogInstantiatorBase
        {
            internal BinaryClassificationTrainers(BinaryClassificationCatalog catalog) : base(catalog) { }
        }
    }
}
