using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(ColumnConcatenatingTransformer), null, typeof(SignatureLoadModel), "Concat Transform",
    ColumnConcatenatingTransformer.LoaderSignature)]

namespace Microsoft.ML.Data
{
    /// <summary>Puts columns of one item type side by side into a vector column.</summary>
    public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
    {
        internal const string LoaderSignature = "ConcatTransform";
        private readonly (string Name, (string Column, string Alias)[] Sources)[] _columns;

        internal ColumnConcatenatingTransformer(IHostEnvironment env, string outputColumnName, params string[] inputColumnNames)
            : base(env.Register(nameof(ColumnConcatenatingTransformer))) =>
            _columns = [(outputColumnName, Array.ConvertAll(inputColumnNames, n => (n, (string)null)))];

        private ColumnConcatenatingTransformer(IHostEnvironment env, ModelLoadContext ctx)
            : base(env.Register(nameof(ColumnConcatenatingTransformer)))
        {
            ctx.CheckAtModel(Version());
            Contracts.CheckDecode(ctx.Header.ModelVerReadable >= 0x00010003, "Models of this old format are not read here");
            _columns = new (string, (string, string)[])[Count(ctx)];
            for (int i = 0; i < _columns.Length; i++)
            {
                _columns[i] = (ctx.LoadNonEmptyString(), new (string, string)[Count(ctx)]);
                for (int j = 0; j < _columns[i].Sources.Length; j++)
                    _columns[i].Sources[j] = (ctx.LoadNonEmptyString(), ctx.LoadStringOrNull());
            }
        }

        private static int Count(ModelLoadContext ctx)
        {
            int count = ctx.Reader.ReadInt32();
            Contracts.CheckDecode(count > 0 && count <= ctx.Header.CbModel);
            return count;
        }

        private static VersionInfo Version() =>
            new("CONCAT F", 0x00010003, 0x00010003, 0x00010001, UpstreamAssemblies.Data, LoaderSignature,
            "ConcatFunction");

        // *** Binary format *** int: columns; for each: int: name, int: sources; for each source: int: name, int: alias (-1: none).
        private protected override void SaveModel(ModelSaveContext ctx)
        {
            ctx.CheckAtModel();
            ctx.SetVersionInfo(Version());
            ctx.Writer.Write(_columns.Length);
            foreach (var (name, sources) in _columns)
            {
                ctx.SaveNonEmptyString(name);
                ctx.Writer.Write(sources.Length);
                foreach (var (column, alias) in sources)
                {
                    ctx.SaveNonEmptyString(column);
                    ctx.SaveStringOrNull(alias);
                }
            }
        }

        private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

        private sealed class Mapper : MapperBase
        {
            private readonly Bound[] _bound;

            public Mapper(ColumnConcatenatingTransformer parent, DataViewSchema inputSchema) : base(parent.Host, inputSchema, parent) =>
                _bound = Array.ConvertAll(parent._columns, c => new Bound(c.Name, c.Sources, inputSchema));

            protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => Array.ConvertAll(_bound, b => b.Output());

            private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
            {
                var needed = _bound.Where((_, i) => activeOutput(i)).SelectMany(b => b.Inputs).Select(c => c.Index).ToHashSet();
                return needed.Contains;
            }

            protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
            {
                disposer = null;
                var bound = _bound[iinfo];
                return bound.IsIdentity
                    ? Generics.Call<Delegate>(typeof(Mapper), null, nameof(Identity), bound.Type.RawType, input, bound.Inputs[0])
                    : Generics.Call<Delegate>(typeof(Mapper), null, nameof(Joined), bound.Type.ItemType.RawType, input, bound.Inputs);
            }

            private static Delegate Identity<TValue>(DataViewRow input, DataViewSchema.Column column) => input.GetGetter<TValue>(column);

            private static Delegate Joined<TItem>(DataViewRow input, DataViewSchema.Column[] columns)
            {
                var scalars = Array.ConvertAll(columns, c => c.Type is VectorDataViewType ? null : input.GetGetter<TItem>(c));
                var vectors = Array.ConvertAll(columns, c => c.Type is VectorDataViewType ? input.GetGetter<VBuffer<TItem>>(c) : null);
                var sizes = Array.ConvertAll(columns, c => (c.Type as VectorDataViewType)?.Size ?? 1);
                var parts = new VBuffer<TItem>[columns.Length];
                return (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> value) =>
                {
                    int length = 0, count = 0;
                    for (int i = 0; i < parts.Length; i++)
                    {
                        if (vectors[i] == null)
                        {
                            // A scalar is a vector of one.
                            var one = VBufferEditor.Create(ref parts[i], 1);
                            scalars[i](ref one.Values[0]);
                            parts[i] = one.Commit();
                        }
                        else
                            vectors[i](ref parts[i]);
                        Contracts.Check(sizes[i] == 0 || sizes[i] == parts[i].Length,
                            $"Column '{columns[i].Name}': expected {sizes[i]} slots, but got {parts[i].Length}");
                        length = checked(length + parts[i].Length);
                        count += parts[i].GetValues().Length;
                    }
                    if (count <= length / 2)
                        JoinSparse(parts, ref value, length, count);
                    else
                        JoinDense(parts, ref value, length);
                });
            }

            private static void JoinDense<TItem>(VBuffer<TItem>[] parts, ref VBuffer<TItem> value, int length)
            {
                var editor = VBufferEditor.Create(ref value, length);
                int at = 0;
                foreach (var part in parts)
                {
                    part.CopyTo(editor.Values, at);
                    at += part.Length;
                }
                value = editor.Commit();
            }

            private static void JoinSparse<TItem>(VBuffer<TItem>[] parts, ref VBuffer<TItem> value, int length, int count)
            {
                var editor = VBufferEditor.Create(ref value, length, count);
                int at = 0, n = 0;
                foreach (var part in parts)
                {
                    var values = part.GetValues();
                    var indices = part.GetIndices();
                    for (int i = 0; i < values.Length; i++, n++)
                    {
                        editor.Values[n] = values[i];
                        editor.Indices[n] = at + (part.IsDense ? i : indices[i]);
                    }
                    at += part.Length;
                }
                value = editor.Commit();
            }
        }

        /// <summary>One output column over its input columns.</summary>
        private sealed class Bound
        {
            private readonly string _name;
            private readonly (string Column, string Alias)[] _sources;
            public readonly DataViewSchema.Column[] Inputs;
            public readonly VectorDataViewType Type;

            public Bound(string name, (string Column, string Alias)[] sources, DataViewSchema inputSchema)
            {
                _name = name;
                _sources = sources;
                Inputs = Array.ConvertAll(sources, s => inputSchema.GetColumnOrNull(s.Column) ??
                    throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", s.Column));
                var item = PrimitiveTypes.ItemOf(Inputs[0].Type);
                foreach (var input in Inputs)
                    if (!PrimitiveTypes.ItemOf(input.Type).Equals(item))
                        throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", input.Name, item.ToString(),
                            input.Type.ToString());
                var sizes = Array.ConvertAll(Inputs, c => (c.Type as VectorDataViewType)?.Size ?? 1);
                Type = new VectorDataViewType((PrimitiveDataViewType)item, sizes.Contains(0) ? 0 : sizes.Sum());
            }

            public bool IsIdentity => Inputs.Length == 1 && Inputs[0].Type is VectorDataViewType;

            public DataViewSchema.DetachedColumn Output()
            {
                if (IsIdentity)
                    return new(_name, Inputs[0].Type, Inputs[0].Annotations);
                var annotations = new DataViewSchema.Annotations.Builder();
                if (Type.ItemType is NumberDataViewType && Inputs.All(c => c.IsNormalized()))
                    annotations.AddPrimitiveValue(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, true);
                if (Type.IsKnownSize && Inputs.Any(c => c.Type is not VectorDataViewType || c.HasSlotNames()))
                    annotations.Add<VBuffer<ReadOnlyMemory<char>>>(AnnotationUtils.Kinds.SlotNames, AnnotationUtils.GetNamesType(Type.Size),
                        SlotNames);
                return new(_name, Type, annotations.ToAnnotations());
            }

            // A scalar gives its name (or alias); a vector its own slot names, behind its name.
            private void SlotNames(ref VBuffer<ReadOnlyMemory<char>> value)
            {
                var names = new List<ReadOnlyMemory<char>>(Type.Size);
                for (int i = 0; i < Inputs.Length; i++)
                {
                    string prefix = _sources[i].Alias ?? Inputs[i].Name;
                    if (Inputs[i].Type is not VectorDataViewType vector)
                        names.Add(prefix.AsMemory());
                    else if (Inputs[i].HasSlotNames())
                    {
                        VBuffer<ReadOnlyMemory<char>> own = default;
                        Inputs[i].GetSlotNames(ref own);
                        names.AddRange(own.DenseValues().Select(n => n.IsEmpty || _sources[i].Alias == Inputs[i].Name ? n
                            : $"{prefix}.{n}".AsMemory()));
                    }
                    else
                        names.AddRange(Enumerable.Repeat(ReadOnlyMemory<char>.Empty, vector.Size));
                }
                value = new VBuffer<ReadOnlyMemory<char>>(names.Count, names.ToArray());
            }
        }
    }
}

namespace Microsoft.ML.Transforms
{
    public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
    {
        private readonly IHostEnvironment _env;
        private readonly string _name;
        private readonly string[] _sources;

        internal ColumnConcatenatingEstimator(IHostEnvironment env, string outputColumnName, params string[] inputColumnNames)
        {
            Contracts.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
            Contracts.CheckValue(inputColumnNames, nameof(inputColumnNames));
            Contracts.CheckParam(inputColumnNames.Length > 0, nameof(inputColumnNames), "Input columns not specified");
            Contracts.CheckParam(!inputColumnNames.Any(string.IsNullOrEmpty), nameof(inputColumnNames),
                "Contained some null or empty items");
            (_env, _name, _sources) = (env, outputColumnName, inputColumnNames);
        }

        public ColumnConcatenatingTransformer Fit(IDataView input)
        {
            Contracts.CheckValue(input, nameof(input));
            var transformer = new ColumnConcatenatingTransformer(_env, _name, _sources);
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            Contracts.CheckValue(inputSchema, nameof(inputSchema));
            var result = inputSchema.ToDictionary(c => c.Name);
            result[_name] = Promise(inputSchema);
            return new SchemaShape(result.Values);
        }

        private SchemaShape.Column Promise(SchemaShape inputSchema)
        {
            var inputs = Array.ConvertAll(_sources, s => inputSchema.TryFindColumn(s, out var column) ? column
                : throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", s));
            var item = inputs[0].ItemType;
            foreach (var input in inputs)
            {
                Contracts.Check(!input.IsKey, $"Column '{input.Name}' is key. Concatenation of keys is unsupported.");
                Contracts.Check(input.ItemType.Equals(item),
                    $"Concatenated columns should have the same type. Column '{input.Name}' has type of " +
                    $"{input.ItemType}, but expected column type is {item}.");
            }
            var annotations = new List<SchemaShape.Column>();
            if (inputs.All(c => c.Annotations.TryFindColumn(AnnotationUtils.Kinds.IsNormalized, out _)))
                annotations.Add(new(AnnotationUtils.Kinds.IsNormalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance,
                    false));
            if (inputs.Any(c => c.Kind == SchemaShape.Column.VectorKind.Scalar ||
                c.Annotations.TryFindColumn(AnnotationUtils.Kinds.SlotNames, out _)))
                annotations.Add(new(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance,
                    false));
            bool variable = inputs.Any(c => c.Kind == SchemaShape.Column.VectorKind.VariableVector);
            return new(_name, variable ? SchemaShape.Column.VectorKind.VariableVector : SchemaShape.Column.VectorKind.Vector, item, false,
                new SchemaShape(annotations));
        }
    }
}
