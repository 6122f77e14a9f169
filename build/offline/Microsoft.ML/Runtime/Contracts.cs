using System;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Runtime;

/// <summary>Makes and throws the exceptions that callers see, with their types and the shape of their messages in one place.</summary>
internal static class Contracts
{
    public static Exception Except(string msg) => new InvalidOperationException(msg);

    public static Exception Except(Exception inner, string msg) => new InvalidOperationException(msg, inner);

    public static Exception ExceptDecode() => new FormatException();

    public static Exception ExceptDecode(string msg) => new FormatException(msg);

    public static Exception ExceptDecode(string msg, params object[] args) =>
        new FormatException(string.Format(CultureInfo.InvariantCulture, msg, args));

    public static Exception ExceptDecode(Exception inner, string msg) => new FormatException(msg, inner);

    public static Exception ExceptParam(string paramName, string msg) => new ArgumentOutOfRangeException(paramName, msg);

    public static Exception ExceptUserArg(string name, string msg) => new ArgumentOutOfRangeException(name, msg);

    public static Exception ExceptSchemaMismatch(string paramName, string columnRole, string columnName) =>
        ExceptParam(paramName, $"Could not find {columnRole} column '{columnName}'");

    public static Exception ExceptSchemaMismatch(string paramName, string columnRole, string columnName, string expectedType,
        string actualType) =>
        ExceptParam(paramName, $"Schema mismatch for {columnRole} column '{columnName}': expected {expectedType}, got {actualType}");

    public static void Check(bool f, string msg)
    {
        if (!f)
            throw Except(msg);
    }

    public static void Check(bool f, [InterpolatedStringHandlerArgument(nameof(f))] ref CheckMessage msg)
    {
        if (!f)
            throw Except(msg.Text);
    }

    public static void CheckParam(bool f, string paramName, [InterpolatedStringHandlerArgument(nameof(f))] ref CheckMessage msg)
    {
        if (!f)
            throw ExceptParam(paramName, msg.Text);
    }

    public static void CheckDecode(bool f)
    {
        if (!f)
            throw ExceptDecode();
    }

    public static void CheckDecode(bool f, string msg)
    {
        if (!f)
            throw ExceptDecode(msg);
    }

    public static void CheckParam(bool f, string paramName)
    {
        if (!f)
            throw new ArgumentOutOfRangeException(paramName);
    }

    public static void CheckParam(bool f, string paramName, string msg)
    {
        if (!f)
            throw ExceptParam(paramName, msg);
    }

    public static void CheckUserArg(bool f, string name, string msg)
    {
        if (!f)
            throw ExceptUserArg(name, msg);
    }

    public static void CheckValue<T>(T val, string paramName) where T : class
    {
        if (val == null)
            throw new ArgumentNullException(paramName);
    }

    public static string CheckNonEmpty(string s, string paramName)
    {
        if (string.IsNullOrEmpty(s))
            throw ExceptParam(paramName, $"{paramName} cannot be null or empty");
        return s;
    }
}
