using System;
using System.Linq.Expressions;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Compiled reading and writing of fields and properties.</summary>
internal static class MemberAccess
{
    public static Type TypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    /// <summary>Whether the member holds a vector (array or buffer), and the raw type of its column's items.</summary>
    public static (bool IsVector, Type Raw) ShapeOf(MemberInfo member)
    {
        var type = TypeOf(member);
        bool isVector = type.IsArray || IsBuffer(type);
        var item = type.IsArray ? type.GetElementType() : isVector ? type.GetGenericArguments()[0] : type;
        return (isVector, PrimitiveTypes.OrNull(item)?.RawType ??
            throw Contracts.ExceptParam("rawType",
                $"Could not determine an IDataView type and registered custom types for member {member.Name}"));
    }

    public static bool IsBuffer(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>);

    public static Func<TRow, TValue> Reader<TRow, TValue>(MemberInfo member)
    {
        var row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda<Func<TRow, TValue>>(Expression.MakeMemberAccess(row, member), row).Compile();
    }

    public static Action<TRow, TValue> Writer<TRow, TValue>(MemberInfo member)
    {
        if (member is FieldInfo { IsInitOnly: true } field)
            return (target, content) => field.SetValue(target, content);
        var row = Expression.Parameter(typeof(TRow));
        var value = Expression.Parameter(typeof(TValue));
        return Expression.Lambda<Action<TRow, TValue>>(Expression.Assign(Expression.MakeMemberAccess(row, member), value), row, value)
            .Compile();
    }
}
