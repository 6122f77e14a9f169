using System.IO;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    public interface IMultiStreamSource
    {
        int Count { get; }

        string GetPathOrNull(int index);

        Stream Open(int index);

        TextReader OpenTextReader(int index);
    }

    public sealed class MultiFileSource : IMultiStreamSource
    {
        private readonly string[] _paths;

        public MultiFileSource(params string[] paths) => _paths = paths?.ToArray() ?? [];

        public int Count => _paths.Length;

        public string GetPathOrNull(int index)
        {
            Contracts.CheckParam((uint)index < (uint)Count, nameof(index));
            return _paths[index];
        }

        public Stream Open(int index) => new FileStream(GetPathOrNull(index), FileMode.Open, FileAccess.Read, FileShare.Read);

        public TextReader OpenTextReader(int index) => new StreamReader(Open(index));
    }
}

namespace Microsoft.ML
{
    public static class DataLoaderExtensions
    {
        public static IDataView Load(this IDataLoader<Data.IMultiStreamSource> loader, params string[] path) =>
            loader.Load(new Data.MultiFileSource(path));
    }
}
