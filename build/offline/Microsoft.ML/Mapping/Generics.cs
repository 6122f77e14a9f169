using System;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Calls a generic method with a type that is known only when running.</summary>
internal static class Generics
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    /// <summary>The method of a type by its name (without overloads); exceptions come through as they are.</summary>
    public static TResult Call<TResult>(Type owner, object target, string method, Type argument, params object[] arguments) =>
        (TResult)owner.GetMethod(method, Any | BindingFlags.DeclaredOnly).MakeGenericMethod(argument)
            .Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    /// <summary>As above, with two types.</summary>
    public static TResult Call<TResult>(Type owner, object target, string method, Type argument1, Type argument2,
        params object[] arguments) =>
        (TResult)owner.GetMethod(method, Any | BindingFlags.DeclaredOnly).MakeGenericMethod(argument1, argument2)
            .Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
}
