using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Microsoft.ML.Constrained.Tests.Architecture;

/// <summary>Holds the order of the folders, read off the compiled assembly.</summary>
[TestClass]
public sealed class LayeringTests
{
    private static readonly string[] s_folders =
    [
        "LinearAlgebra", "QuadraticPrograms", "Constraints", "Analysis", "Projections", "Polyhedra", "Combinatorial", "Networks",
        "Layers", "Optimizers",
        "Interop", "Data", "Transforms", "Trainers", "Registration", "",
    ];

    private static readonly string[] s_withoutUpstream =
        ["LinearAlgebra", "QuadraticPrograms", "Constraints", "Analysis", "Projections", "Polyhedra", "Combinatorial", "Networks"];

    private static readonly string[] s_withoutTorch = ["Interop", "Data", "Transforms", "Registration"];

    private static readonly Lazy<Assembled> s_assembly = new(() => new Assembled(typeof(ConstraintSet).Assembly.Location));

    [TestMethod]
    public void EveryType_HasAFolder()
    {
        string[] lost = [.. s_assembly.Value.Types.Where(t => s_assembly.Value.FolderOf(t) is null).Select(t => t.FullName)];
        Assert.IsEmpty(lost, "No source file was found for: " + string.Join(", ", lost));
    }

    [TestMethod]
    public void Types_ReferToNothingBelowTheirOwnFolder()
    {
        Assembled assembly = s_assembly.Value;
        var faults = new SortedSet<string>();
        foreach (TypeDefinition type in assembly.Types)
        {
            int own = Array.IndexOf(s_folders, assembly.FolderOf(type));
            foreach (TypeReference reference in Assembled.References(type))
            {
                if (assembly.Own(reference) is { } target && Array.IndexOf(s_folders, assembly.FolderOf(target)) > own)
                    faults.Add($"{assembly.FolderOf(type)}/{type.Name} -> {assembly.FolderOf(target)}/{target.Name}");
            }
        }

        Assert.IsEmpty(faults, string.Join(Environment.NewLine, faults));
    }

    [TestMethod]
    public void Mathematics_KnowsNeitherMLNetNorTorchSharp() => AssertNoReference(s_withoutUpstream, "Microsoft.ML", "TorchSharp");

    [TestMethod]
    public void Scoring_KnowsNoTorchSharp() => AssertNoReference(s_withoutTorch, "TorchSharp");

    [TestMethod]
    public void UpstreamInternals_AreNamedInInteropAndRegistrationOnly()
    {
        Assembled assembly = s_assembly.Value;
        var faults = new SortedSet<string>();
        foreach (TypeDefinition type in assembly.Types)
        {
            if (assembly.FolderOf(type) is "Interop" or "Registration")
                continue;
            foreach (string member in Assembled.UpstreamInternals(type))
                faults.Add($"{assembly.FolderOf(type)}/{type.Name} -> {member}");
        }

        Assert.IsEmpty(faults, string.Join(Environment.NewLine, faults));
    }

    [TestMethod]
    public void PublicMembers_HaveNoInternalTypesInTheirSignatures()
    {
        Assembled assembly = s_assembly.Value;
        var faults = new SortedSet<string>();
        foreach (TypeDefinition type in assembly.Types.Where(Assembled.IsVisible))
        {
            foreach (MethodDefinition method in type.Methods.Where(m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly))
            {
                foreach (TypeReference used in method.Parameters.Select(p => p.ParameterType).Append(method.ReturnType))
                {
                    if (Assembled.Resolve(used) is { } definition && !Assembled.IsVisible(definition))
                        faults.Add($"{type.FullName}.{method.Name} -> {definition.FullName}");
                }
            }
        }

        Assert.IsEmpty(faults, string.Join(Environment.NewLine, faults));
    }

    private static void AssertNoReference(string[] folders, params string[] upstream)
    {
        Assembled assembly = s_assembly.Value;
        var faults = new SortedSet<string>();
        foreach (TypeDefinition type in assembly.Types.Where(t => folders.Contains(assembly.FolderOf(t))))
        {
            foreach (TypeReference reference in Assembled.References(type))
            {
                if (assembly.IsOwn(reference))
                    continue;
                string scope = Path.GetFileNameWithoutExtension(reference.Scope?.Name ?? "");
                if (upstream.Any(u => scope == u || scope.StartsWith(u + ".", StringComparison.Ordinal)))
                    faults.Add($"{assembly.FolderOf(type)}/{type.Name} -> {reference.FullName}");
            }
        }

        Assert.IsEmpty(faults, string.Join(Environment.NewLine, faults));
    }

    /// <summary>The compiled library and the folders of its sources.</summary>
    private sealed class Assembled
    {
        private readonly ModuleDefinition _module;
        private readonly ILookup<string, string> _foldersOfFile;
        private readonly List<(string Folder, string Text)> _sources = [];
        private readonly Dictionary<TypeDefinition, string?> _folders = [];

        public Assembled(string path)
        {
            var resolver = new DefaultAssemblyResolver();
            resolver.AddSearchDirectory(Path.GetDirectoryName(path));
            _module = ModuleDefinition.ReadModule(path, new ReaderParameters { AssemblyResolver = resolver, ReadSymbols = true });
            var files = new List<(string Name, string Folder)>();
            string source = RepositoryFiles.Path("src", "Microsoft.ML.Constrained");
            foreach (string file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
            {
                string folder = Path.GetDirectoryName(Path.GetRelativePath(source, file))!.Replace('\\', '/').Split('/')[0];
                if (folder is "bin" or "obj")
                    continue;
                files.Add((Path.GetFileNameWithoutExtension(file), folder));
                _sources.Add((folder, File.ReadAllText(file)));
            }

            _foldersOfFile = files.ToLookup(f => f.Name, f => f.Folder, StringComparer.Ordinal);
            Types = [.. _module.Types.Where(t => t.Name != "<Module>" && t.Namespace.StartsWith("Microsoft.ML", StringComparison.Ordinal))];
            foreach (TypeDefinition type in Types)
                _folders[type] = Locate(type);
        }

        /// <summary>The top-level types.</summary>
        public IReadOnlyList<TypeDefinition> Types { get; }

        public string? FolderOf(TypeDefinition type) => _folders.GetValueOrDefault(TopLevel(type));

        /// <summary>The type of this library that is referred to, or null.</summary>
        public TypeDefinition? Own(TypeReference reference) =>
            Resolve(reference) is { } definition && definition.Module == _module && _folders.ContainsKey(TopLevel(definition)) ? TopLevel(definition) : null;

        /// <summary>Whether the type is in this library, those that the compiler made included.</summary>
        public bool IsOwn(TypeReference reference) => Resolve(reference)?.Module == _module;

        public static TypeDefinition? Resolve(TypeReference reference)
        {
            TypeReference element = reference.GetElementType();
            if (element is GenericParameter)
                return null;
            try
            {
                return element.Resolve();
            }
            catch (AssemblyResolutionException)
            {
                return null;
            }
        }

        public static bool IsVisible(TypeDefinition type) =>
            type.DeclaringType is null ? type.IsPublic : (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamilyOrAssembly) && IsVisible(type.DeclaringType);

        /// <summary>Every type that a type names: in its shape, its members and their bodies, nested types included.</summary>
        public static IEnumerable<TypeReference> References(TypeDefinition type) => Direct(type).SelectMany(Flatten);

        public static IEnumerable<string> UpstreamInternals(TypeDefinition type)
        {
            foreach (TypeReference reference in References(type))
            {
                if (IsUpstream(reference) && Resolve(reference) is { } definition && !IsVisible(definition))
                    yield return definition.FullName;
            }

            foreach (MemberReference member in type.GetAllNested().SelectMany(t => t.Methods).SelectMany(Operands))
            {
                if (!IsUpstream(member.DeclaringType))
                    continue;
                bool hidden = member switch
                {
                    MethodReference method => TryResolve(method) is { IsPublic: false, IsFamily: false, IsFamilyOrAssembly: false },
                    FieldReference field => field.Resolve() is { IsPublic: false, IsFamily: false, IsFamilyOrAssembly: false },
                    _ => false,
                };
                if (hidden)
                    yield return member.FullName;
            }
        }

        private static MethodDefinition? TryResolve(MethodReference method) => method.Resolve();

        private static bool IsUpstream(TypeReference? type)
        {
            string scope = Path.GetFileNameWithoutExtension(type?.GetElementType().Scope?.Name ?? "");
            return scope is "TorchSharp" or "Microsoft.ML" ||
                (scope.StartsWith("Microsoft.ML.", StringComparison.Ordinal) && !scope.StartsWith("Microsoft.ML.Constrained", StringComparison.Ordinal));
        }

        private static IEnumerable<MemberReference> Operands(MethodDefinition method) =>
            method.HasBody ? method.Body.Instructions.Select(i => i.Operand).OfType<MemberReference>().Where(m => m is MethodReference or FieldReference) : [];

        private static IEnumerable<TypeReference> Direct(TypeDefinition type)
        {
            foreach (TypeDefinition part in type.GetAllNested())
            {
                if (part.BaseType is not null)
                    yield return part.BaseType;
                foreach (InterfaceImplementation implemented in part.Interfaces)
                    yield return implemented.InterfaceType;
                foreach (FieldDefinition field in part.Fields)
                    yield return field.FieldType;
                foreach (MethodDefinition method in part.Methods)
                {
                    yield return method.ReturnType;
                    foreach (ParameterDefinition parameter in method.Parameters)
                        yield return parameter.ParameterType;
                    if (!method.HasBody)
                        continue;
                    foreach (VariableDefinition variable in method.Body.Variables)
                        yield return variable.VariableType;
                    foreach (Instruction instruction in method.Body.Instructions)
                    {
                        if (instruction.Operand is TypeReference used)
                            yield return used;
                        else if (instruction.Operand is MemberReference { DeclaringType: not null } member)
                            yield return member.DeclaringType;
                    }
                }
            }
        }

        private static IEnumerable<TypeReference> Flatten(TypeReference type)
        {
            if (type is GenericInstanceType generic)
            {
                foreach (TypeReference argument in generic.GenericArguments.SelectMany(Flatten))
                    yield return argument;
            }

            TypeReference element = type.GetElementType();
            if (element is not GenericParameter)
                yield return element;
        }

        private static TypeDefinition TopLevel(TypeDefinition type) => type.DeclaringType is null ? type : TopLevel(type.DeclaringType);

        /// <summary>
        /// By the file of the type's name; for a second type in a file, by the file that its code comes from, or, if it has no code,
        /// by the one that declares it.
        /// </summary>
        private string? Locate(TypeDefinition type)
        {
            string name = type.Name.Split('`')[0];
            if (_foldersOfFile[name].Any())
                return Choose(name, type);
            string? url = type.GetAllNested().SelectMany(t => t.Methods)
                .Where(m => m.DebugInformation.HasSequencePoints)
                .Select(m => m.DebugInformation.SequencePoints[0].Document.Url)
                .FirstOrDefault();
            if (url is not null)
                return Choose(Path.GetFileNameWithoutExtension(url.Replace('\\', '/').Split('/')[^1]), type);
            var declaration = new Regex($@"\b(enum|interface|struct|class|record|delegate\s+[\w<>\[\]]+)\s+{name}\b");
            return _sources.Where(s => declaration.IsMatch(s.Text)).Select(s => s.Folder).FirstOrDefault();
        }

        /// <summary>Files of one name in several folders: the one that the namespace is called after.</summary>
        private string? Choose(string file, TypeDefinition type) =>
            _foldersOfFile[file].FirstOrDefault(f => type.Namespace.EndsWith("." + f, StringComparison.Ordinal)) ?? _foldersOfFile[file].FirstOrDefault();
    }
}

/// <summary>Walks nested types.</summary>
internal static class NestedTypes
{
    public static IEnumerable<TypeDefinition> GetAllNested(this TypeDefinition type) => type.NestedTypes.SelectMany(GetAllNested).Prepend(type);
}
