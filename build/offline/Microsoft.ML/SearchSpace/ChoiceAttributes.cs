using System;

namespace Microsoft.ML.SearchSpace;

/// <summary>One of several values, all of one type.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field, Inherited = false, AllowMultiple = false)]
public sealed class ChoiceAttribute : Attribute
{
    public ChoiceAttribute(params object[] candidates) => Candidates = candidates;

    public ChoiceAttribute(object[] candidates, object defaultValue) => (Candidates, DefaultValue) = (candidates, defaultValue);

    public object[] Candidates { get; }

    public object DefaultValue { get; }
}

/// <summary>True or false.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field, Inherited = false, AllowMultiple = false)]
public sealed class BooleanChoiceAttribute : Attribute
{
    public BooleanChoiceAttribute() : this(true) { }

    public BooleanChoiceAttribute(bool defaultValue) => DefaultValue = defaultValue;

    public bool DefaultValue { get; }
}

/// <summary>An object whose own members are searched for.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field, Inherited = false, AllowMultiple = false)]
public sealed class NestOptionAttribute : Attribute;
