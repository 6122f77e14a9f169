using System;
using System.Linq;
using System.Reflection;

namespace Microsoft.ML.Constrained.Interop;

/// <summary>One member of ML.NET that is not public and that this library calls.</summary>
/// <param name="Assembly">Simple name of the assembly that holds it in the package, for example <c>Microsoft.ML.Core</c>.</param>
/// <param name="Type">Full name of the type.</param>
/// <param name="Member">Name of the member; <c>.ctor</c> for a constructor.</param>
/// <param name="Parameters">Names of the parameter types of a method or constructor; null for a field or property, or for the type alone when <paramref name="Member"/> is empty.</param>
internal sealed record InternalMember(string Assembly, string Type, string Member, string[]? Parameters)
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Whether the member is there, looked up through <paramref name="find"/>.</summary>
    public bool IsPresent(Func<string, string, Type?> find)
    {
        if (find(Assembly, Type) is not { } type)
            return false;
        if (Member.Length == 0)
            return true;
        if (Parameters is null)
            return type.GetField(Member, Any) is not null || type.GetProperty(Member, Any) is not null;
        return type.GetMembers(Any).OfType<MethodBase>().Any(m =>
            m.Name == Member && m.GetParameters().Select(p => p.ParameterType.Name).SequenceEqual(Parameters));
    }

    public override string ToString() =>
        Member.Length == 0 ? Type : Parameters is null ? $"{Type}.{Member}" : $"{Type}.{Member}({string.Join(", ", Parameters)})";
}
