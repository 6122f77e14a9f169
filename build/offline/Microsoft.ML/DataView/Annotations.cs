using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataViewSchema
{
    /// <summary>Named values of a column that hold for every row.</summary>
    public sealed class Annotations
    {
        private readonly Delegate[] _getters;

        internal Annotations(DataViewSchema schema, Delegate[] getters)
        {
            Schema = schema;
            _getters = getters;
        }

        public static Annotations Empty { get; } = new(new DataViewSchema([]), []);

        public DataViewSchema Schema { get; }

        public ValueGetter<TValue> GetGetter<TValue>(Column column)
        {
            if ((uint)column.Index >= (uint)_getters.Length)
                throw new ArgumentOutOfRangeException(nameof(column));
            return _getters[column.Index] as ValueGetter<TValue> ??
                throw new InvalidOperationException($"Invalid call to '{nameof(GetGetter)}'");
        }

        internal Delegate GetGetterInternal(int index) => _getters[index];

        public void GetValue<TValue>(string kind, ref TValue value)
        {
            var column = Schema.GetColumnOrNull(kind) ?? throw new InvalidOperationException($"Invalid call to '{nameof(GetValue)}'");
            GetGetter<TValue>(column)(ref value);
        }

        public override string ToString() => string.Join(", ", Schema.Select(c => c.Name));

        public sealed class Builder
        {
            private readonly List<(string Name, DataViewType Type, Delegate Getter, Annotations Annotations)> _items = [];

            public void Add(Annotations annotations, Func<string, bool> selector)
            {
                if (annotations == null)
                    return;
                ArgumentNullException.ThrowIfNull(selector);
                foreach (var column in annotations.Schema)
                    if (selector(column.Name))
                        _items.Add((column.Name, column.Type, annotations._getters[column.Index], column.Annotations));
            }

            public void Add(string name, DataViewType type, Delegate getter, Annotations annotations = null)
            {
                ArgumentNullException.ThrowIfNull(type);
                typeof(Builder).GetMethod(nameof(Check), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)
                    .MakeGenericMethod(type.RawType)
                    .Invoke(null, System.Reflection.BindingFlags.DoNotWrapExceptions, null, [name, type, getter], null);
                _items.Add((name, type, getter, annotations));
            }

            public void Add<TValue>(string name, DataViewType type, ValueGetter<TValue> getter, Annotations annotations = null)
            {
                Check<TValue>(name, type, getter);
                _items.Add((name, type, getter, annotations));
            }

            public void AddPrimitiveValue<TValue>(string name, PrimitiveDataViewType type, TValue value, Annotations annotations = null) =>
                Add(name, type, (ref TValue destination) => destination = value, annotations);

            private static void Check<TValue>(string name, DataViewType type, Delegate getter)
            {
                if (string.IsNullOrEmpty(name))
                    throw new ArgumentNullException(nameof(name));
                ArgumentNullException.ThrowIfNull(type);
                ArgumentNullException.ThrowIfNull(getter);
                if (type.RawType != typeof(TValue))
                    throw new ArgumentException($"{nameof(type)}.{nameof(type.RawType)} must be of type '{typeof(TValue).FullName}'.",
                        nameof(type));
                if (getter is not ValueGetter<TValue>)
                    throw new ArgumentException($"{nameof(getter)} must be a ValueGetter of '{typeof(TValue).FullName}'.", nameof(getter));
            }

            public Annotations ToAnnotations() => new(
                new DataViewSchema(_items.ConvertAll(i => new DetachedColumn(i.Name, i.Type, i.Annotations))),
                _items.ConvertAll(i => i.Getter).ToArray());
        }
    }
}
