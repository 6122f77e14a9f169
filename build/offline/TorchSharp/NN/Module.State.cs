using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <remarks>
        /// State: all parameters, then all persistent buffers. A stored state is the number of entries (LEB128), then for each
        /// its name (as BinaryWriter writes a string) and the tensor.
        /// </remarks>
        public partial class Module
        {
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor> destination = null, string prefix = null)
            {
                destination ??= new Dictionary<string, Tensor>();
                string start = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (name, parameter) in named_parameters())
                    destination.TryAdd(start + name, parameter);
                foreach (var (name, buffer) in named_buffers())
                    destination.TryAdd(start + name, buffer);
                return destination;
            }

            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string> skip = null)
            {
                skip ??= Array.Empty<string>();
                var own = state_dict();
                var missing = own.Keys.Where(k => !source.ContainsKey(k) && !skip.Contains(k)).ToList();
                var unexpected = source.Keys.Where(k => !own.ContainsKey(k) && !skip.Contains(k)).ToList();
                if (strict && missing.Count + unexpected.Count > 0)
                    throw new InvalidOperationException(
                        $"The loaded state_dict is not identical to the target dictionary: missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}].");
                using (no_grad())
                    foreach (var (key, tensor) in source)
                        if (own.TryGetValue(key, out Tensor target) && !skip.Contains(key))
                            target.copy_(tensor);
                return (missing, unexpected);
            }

            public Module save(string location, IList<string> skip = null)
            {
                using var writer = new BinaryWriter(File.Create(location));
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string> skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            /// <summary>Closes the stream, as upstream does.</summary>
            public Module save(Stream stream, IList<string> skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string> skip = null)
            {
                var kept = skip is null || skip.Count == 0 ? sd.ToList() : sd.Where(e => !skip.Contains(e.Key)).ToList();
                writer.Encode(kept.Count);
                foreach (var (name, tensor) in kept)
                {
                    writer.Write(name);
                    tensor.Save(writer);
                }
            }

            public virtual Module load(
                string location, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                if (!File.Exists(location))
                    throw new FileNotFoundException($"There is no file '{location}' to load a module from.", location);
                using var reader = new BinaryReader(File.OpenRead(location));
                return load(reader, strict, skip, loadedParameters);
            }

            /// <summary>Closes the stream, as upstream does.</summary>
            public Module load(Stream stream, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            public virtual Module load(
                BinaryReader reader, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                skip ??= Array.Empty<string>();
                var own = state_dict();
                long count = reader.Decode();
                if (strict && count != own.Count)
                    throw new ArgumentException($"Mismatched state_dict sizes: expected {own.Count}, but found {count} entries.");
                if (loadedParameters is not null)
                    foreach (string name in own.Keys)
                        loadedParameters[name] = false;
                for (long i = 0; i < count; i++)
                    LoadEntry(reader, own, strict, skip, loadedParameters);
                return this;
            }

            private static void LoadEntry(
                BinaryReader reader, Dictionary<string, Tensor> own, bool strict, IList<string> skip, Dictionary<string, bool> loaded)
            {
                string name = reader.ReadString();
                bool known = own.TryGetValue(name, out Tensor target);
                if (!known && strict && !skip.Contains(name))
                    throw new ArgumentException($"Mismatched module state names: the target module does not have a submodule or buffer named '{name}'.");
                bool take = known && !skip.Contains(name);
                if (take)
                    target.Load(reader);
                else
                    TensorExtensionMethods.Load(reader, skip: true);
                if (loaded is not null)
                    loaded[name] = take;
            }
        }
    }
}
