using System.IO;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public static class TextLoaderSaverCatalog
{
    public static TextLoader CreateTextLoader(this DataOperationsCatalog catalog, TextLoader.Column[] columns,
        char separatorChar = TextLoader.Defaults.Separator, bool hasHeader = false, IMultiStreamSource dataSample = null,
        bool allowQuoting = false, bool trimWhitespace = false, bool allowSparse = false) =>
        catalog.CreateTextLoader(Options(columns, separatorChar, hasHeader, allowQuoting, trimWhitespace, allowSparse), dataSample);

    public static TextLoader CreateTextLoader(this DataOperationsCatalog catalog, TextLoader.Options options,
        IMultiStreamSource dataSample = null) =>
        new(CatalogUtils.GetEnvironment(catalog), options, dataSample);

    public static TextLoader CreateTextLoader<TInput>(this DataOperationsCatalog catalog,
        char separatorChar = TextLoader.Defaults.Separator, bool hasHeader = false, IMultiStreamSource dataSample = null,
        bool allowQuoting = false, bool trimWhitespace = false, bool allowSparse = false) =>
        catalog.CreateTextLoader<TInput>(Options(null, separatorChar, hasHeader, allowQuoting, trimWhitespace, allowSparse), dataSample);

    public static TextLoader CreateTextLoader<TInput>(this DataOperationsCatalog catalog, TextLoader.Options options,
        IMultiStreamSource dataSample = null) =>
        TextLoader.CreateTextLoader<TInput>(CatalogUtils.GetEnvironment(catalog), options, dataSample);

    public static IDataView LoadFromTextFile(this DataOperationsCatalog catalog, string path, TextLoader.Column[] columns,
        char separatorChar = TextLoader.Defaults.Separator, bool hasHeader = false, bool allowQuoting = false, bool trimWhitespace = false,
        bool allowSparse = false)
    {
        CheckExists(path);
        return catalog.CreateTextLoader(columns, separatorChar, hasHeader, null, allowQuoting, trimWhitespace, allowSparse)
            .Load(new MultiFileSource(path));
    }

    public static IDataView LoadFromTextFile(this DataOperationsCatalog catalog, string path, TextLoader.Options options = null)
    {
        CheckExists(path);
        var source = new MultiFileSource(path);
        return catalog.CreateTextLoader(options, source).Load(source);
    }

    public static IDataView LoadFromTextFile<TInput>(this DataOperationsCatalog catalog, string path,
        char separatorChar = TextLoader.Defaults.Separator, bool hasHeader = false, bool allowQuoting = false, bool trimWhitespace = false,
        bool allowSparse = false)
    {
        CheckExists(path);
        return catalog.CreateTextLoader<TInput>(separatorChar, hasHeader, null, allowQuoting, trimWhitespace, allowSparse)
            .Load(new MultiFileSource(path));
    }

    public static IDataView LoadFromTextFile<TInput>(this DataOperationsCatalog catalog, string path, TextLoader.Options options)
    {
        CheckExists(path);
        return catalog.CreateTextLoader<TInput>(options).Load(new MultiFileSource(path));
    }

    public static void SaveAsText(this DataOperationsCatalog catalog, IDataView data, Stream stream,
        char separatorChar = TextLoader.Defaults.Separator, bool headerRow = true, bool schema = true, bool keepHidden = false,
        bool forceDense = false)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckValue(stream, nameof(stream));
        TextSaver.Save(data, stream, separatorChar, headerRow, schema, keepHidden, forceDense);
    }

    private static TextLoader.Options Options(TextLoader.Column[] columns, char separator, bool header, bool quoting, bool trim,
        bool sparse) => new()
    {
        Columns = columns,
        Separators = [separator],
        HasHeader = header,
        AllowQuoting = quoting,
        TrimWhitespace = trim,
        AllowSparse = sparse,
    };

    private static void CheckExists(string path)
    {
        Contracts.CheckNonEmpty(path, nameof(path));
        Contracts.CheckParam(File.Exists(path), nameof(path), $"File or directory does not exist at path: {path}");
    }
}
