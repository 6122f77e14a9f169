using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>
/// A network that never falls (or never rises) in some of its inputs and is convex in some, whatever its weights. The other inputs go
/// through an ordinary network, the trunk, whose units u feed two paths of non-negative inner weights |W|:
/// <code>v ← σ(|W| v + U x + T u + c)</code>
/// - the convex path, if there are convex inputs: x are all shaped inputs, σ is convex and increasing (an input-convex network, Amos, Xu
///   and Kolter 2017);
/// - the rising path, if there are monotone inputs that are not convex: x are these, and half of the units are −σ(−·), without which
///   only convex functions could be learned (Runje and Shankaranarayana 2023).
/// Columns of U that belong to monotone inputs are |U|, after inputs that must not raise the output were negated. The output is
/// |w|·v of both paths + U x + t·u + c: sums of increasing (convex) functions of increasing (convex) functions.
/// </summary>
internal sealed class ShapedModule : TrainableNetwork
{
    private readonly FeatureShapes _shapes;
    private readonly NetworkActivation _activation;
    private readonly double _dropout;
    private readonly Generator _masks;
    private readonly Device _device;
    private readonly int[] _shaped, _free;
    private readonly int _outputs;

    /// <summary>1 for those of the shaped inputs whose weights must not be negative, 0 for the others.</summary>
    private readonly Tensor _monotone, _signs, _shapedIndex, _freeIndex;

    private readonly List<Parameter[]> _trunk = [];
    private readonly List<Path> _paths = [];
    private readonly Parameter _outSkip, _outBias;
    private readonly Parameter? _outTrunk;

    /// <param name="shapes">The prescribed shapes; at least one input has one.</param>
    /// <param name="shape">Outputs, hidden layers, function and dropout.</param>
    /// <param name="random">Gives the weights and the seed of the masks.</param>
    /// <param name="device">Where it is.</param>
    public ShapedModule(FeatureShapes shapes, NetworkShape shape, Random random, Device device)
        : base(nameof(ShapedModule))
    {
        (_shapes, _activation, _dropout, _device, _outputs) = (shapes, shape.Activation, shape.Dropout, device, shape.Outputs);
        (_shaped, _free) = (shapes.Shaped, shapes.Free);
        _masks = new Generator((ulong)random.Next(), device);
        _monotone = Vector(_shaped.Select(i => shapes.Sign[i] == 0 ? 0f : 1f));
        _signs = Vector(_shaped.Select(i => shapes.Sign[i] < 0 ? -1f : 1f));
        _shapedIndex = Index(_shaped);
        _freeIndex = Index(_free);
        int trunk = _free.Length;
        foreach (int units in shape.Hidden)
        {
            if (_free.Length == 0)
                break;
            _trunk.Add([Uniform(random, trunk, device, units, trunk), Uniform(random, trunk, device, units)]);
            trunk = units;
        }

        if (shapes.Convex.Any(c => c))
            _paths.Add(new Path(this, "convex", [.. Enumerable.Range(0, _shaped.Length)], false, shape.Hidden, random));
        if (_shaped.Any(i => !shapes.Convex[i]))
            _paths.Add(new Path(this, "rising", [.. Enumerable.Range(0, _shaped.Length).Where(k => !shapes.Convex[_shaped[k]])], true, shape.Hidden, random));
        _outSkip = Uniform(random, _shaped.Length, device, _outputs, _shaped.Length);
        _outBias = Uniform(random, _shaped.Length, device, _outputs);
        _outTrunk = trunk > 0 ? Uniform(random, trunk, device, _outputs, trunk) : null;
        Register();
    }

    public override int InputCount => _shapes.Sign.Length;

    public override int OutputCount => _outputs;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = input.index_select(1, _shapedIndex) * _signs;
        Tensor? u = _free.Length > 0 ? input.index_select(1, _freeIndex) : null;
        Tensor?[] states = new Tensor?[_paths.Count];
        int depth = _paths[0].Depth;
        for (int k = 0; k < depth; k++)
        {
            for (int p = 0; p < states.Length; p++)
                states[p] = Drop(_paths[p].Step(k, states[p], x, u));
            if (u is not null)
                u = Drop(NetworkTensors.Activate(_activation, nn.functional.linear(u, _trunk[k][0], _trunk[k][1])));
        }

        Tensor y = nn.functional.linear(x, Signed(_outSkip, _monotone), _outBias);
        if (u is not null)
            y = y + nn.functional.linear(u, _outTrunk!);
        for (int p = 0; p < states.Length; p++)
        {
            if (states[p] is { } v)
                y = y + nn.functional.linear(v, _paths[p].Out!.abs());
        }

        return scope.MoveToOuter(y);
    }

    /// <summary>
    /// As ordinary dense steps over rows of [shaped inputs | trunk | paths], of which the first part is handed on untouched. Units
    /// −σ(−·) become σ by negating the weights before and after them.
    /// </summary>
    protected override void Export(List<NetworkLayer> layers, Scaling? output)
    {
        int depth = _paths[0].Depth, kept = _shaped.Length, trunk = _free.Length;
        layers.Add(Selection());
        int[] widths = [.. _paths.Select(_ => 0)];
        for (int k = 0; k < depth; k++)
        {
            int units = _paths[0].Units[k], nextTrunk = _free.Length > 0 ? units : 0;
            var dense = new BlockMatrix(kept + nextTrunk + (units * _paths.Count), kept + trunk + widths.Sum());
            dense.Identity(kept);
            if (nextTrunk > 0)
                dense.Set(kept, kept, TrainingTensors.Values(_trunk[k][0]), trunk, TrainingTensors.Values(_trunk[k][1]));
            for (int p = 0; p < _paths.Count; p++)
                _paths[p].Export(k, dense, kept + nextTrunk + (p * units), kept, kept + trunk + widths.Take(p).Sum());
            layers.Add(Dense(dense.Weights, dense.Bias, null));
            layers.Add(new PartialActivationLayer(_activation, kept, dense.Bias.Length - kept));
            trunk = nextTrunk;
            Array.Fill(widths, units);
        }

        var last = new BlockMatrix(_outputs, kept + trunk + widths.Sum());
        last.Set(0, 0, TrainingTensors.Values(Signed(_outSkip, _monotone)), kept, TrainingTensors.Values(_outBias));
        if (_outTrunk is not null)
            last.Set(0, kept, TrainingTensors.Values(_outTrunk), trunk, null);
        for (int p = 0; p < _paths.Count; p++)
        {
            if (_paths[p].Out is not null)
                last.Set(0, kept + trunk + (p * widths[p]), _paths[p].ExportedOut(), widths[p], null);
        }

        layers.Add(Dense(last.Weights, last.Bias, output));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _masks.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Weights with those of monotone inputs made non-negative.</summary>
    private static Tensor Signed(Tensor weights, Tensor monotone) => (weights.abs() * monotone) + (weights * (1 - monotone));

    /// <summary>From features to [shaped inputs, negated where they must not raise the output | the others].</summary>
    private DenseLayer Selection()
    {
        var dense = new BlockMatrix(InputCount, InputCount);
        for (int k = 0; k < _shaped.Length; k++)
            dense[k, _shaped[k]] = _shapes.Sign[_shaped[k]] < 0 ? -1 : 1;
        for (int k = 0; k < _free.Length; k++)
            dense[_shaped.Length + k, _free[k]] = 1;
        return new DenseLayer(dense.Weights, dense.Bias, InputCount);
    }

    private Tensor Drop(Tensor x)
    {
        if (!training || _dropout == 0)
            return x;
        return x * rand(x.shape, ScalarType.Float32, _device, false, _masks).ge(_dropout).to(ScalarType.Float32) * (float)(1 / (1 - _dropout));
    }

    private Tensor Vector(IEnumerable<float> values) => tensor(values.ToArray(), ScalarType.Float32, _device);

    private Tensor Index(int[] values) => tensor(Array.ConvertAll(values, v => (long)v), ScalarType.Int64, _device);

    private void Register()
    {
        register_buffer("monotone", _monotone);
        register_buffer("signs", _signs);
        register_buffer("shaped", _shapedIndex);
        register_buffer("free", _freeIndex);
        for (int k = 0; k < _trunk.Count; k++)
        {
            register_parameter($"trunk{k}_weight", _trunk[k][0]);
            register_parameter($"trunk{k}_bias", _trunk[k][1]);
        }

        foreach (Path path in _paths)
        {
            foreach ((string name, Parameter parameter) in path.Parameters)
                register_parameter(name, parameter);
            register_buffer(path.Name + "_monotone", path.Monotone);
            register_buffer(path.Name + "_inputs", path.InputIndex);
        }

        register_parameter("out_skip", _outSkip);
        register_parameter("out_bias", _outBias);
        if (_outTrunk is not null)
            register_parameter("out_trunk", _outTrunk);
    }

    /// <summary>A path of non-negative inner weights.</summary>
    private sealed class Path
    {
        private readonly ShapedModule _owner;
        private readonly int[] _inputs;
        private readonly bool _reflects;
        private readonly List<Parameter?> _inner = [], _trunk = [];
        private readonly List<Parameter> _skip = [], _bias = [];
        private readonly List<Tensor> _reflection = [];

        /// <param name="owner">The network.</param>
        /// <param name="name">What its parameters are called by.</param>
        /// <param name="inputs">Which of the shaped inputs it takes.</param>
        /// <param name="reflects">Whether every other unit is −σ(−·).</param>
        /// <param name="hidden">Units of each layer.</param>
        /// <param name="random">Gives the weights.</param>
        public Path(ShapedModule owner, string name, int[] inputs, bool reflects, IReadOnlyList<int> hidden, Random random)
        {
            (_owner, Name, _inputs, _reflects, Units) = (owner, name, inputs, reflects, hidden);
            InputIndex = owner.Index(inputs);
            Monotone = owner._monotone.index_select(0, InputIndex);
            int before = 0, trunk = owner._free.Length;
            foreach (int units in hidden)
            {
                // A mean of the units below: non-negative weights of the usual size would add up.
                _inner.Add(before > 0 ? Uniform(random, Math.Max(1, before * before / 4), owner._device, units, before) : null);
                _skip.Add(Uniform(random, inputs.Length, owner._device, units, inputs.Length));
                _trunk.Add(trunk > 0 ? Uniform(random, trunk, owner._device, units, trunk) : null);
                _bias.Add(Uniform(random, Math.Max(1, inputs.Length), owner._device, units));
                _reflection.Add(owner.Vector(Enumerable.Range(0, units).Select(i => reflects && i % 2 == 1 ? -1f : 1f)));
                before = units;
                trunk = trunk > 0 ? units : 0;
            }

            Out = before > 0 ? Uniform(random, Math.Max(1, before * before / 4), owner._device, owner._outputs, before) : null;
        }

        public string Name { get; }

        public Tensor InputIndex { get; }

        public Tensor Monotone { get; }

        public IReadOnlyList<int> Units { get; }

        public int Depth => Units.Count;

        /// <summary>Weights of the output, before they are made non-negative.</summary>
        public Parameter? Out { get; }

        public IEnumerable<(string Name, Parameter Parameter)> Parameters
        {
            get
            {
                for (int k = 0; k < Depth; k++)
                {
                    if (_inner[k] is { } inner)
                        yield return ($"{Name}{k}_inner", inner);
                    yield return ($"{Name}{k}_skip", _skip[k]);
                    if (_trunk[k] is { } trunk)
                        yield return ($"{Name}{k}_trunk", trunk);
                    yield return ($"{Name}{k}_bias", _bias[k]);
                }

                if (Out is not null)
                    yield return ($"{Name}_out", Out);
            }
        }

        public Tensor Step(int k, Tensor? v, Tensor x, Tensor? u)
        {
            Tensor y = nn.functional.linear(x.index_select(1, InputIndex), Signed(_skip[k], Monotone), _bias[k]);
            if (u is not null)
                y = y + nn.functional.linear(u, _trunk[k]!);
            if (v is not null)
                y = y + nn.functional.linear(v, _inner[k]!.abs());
            return _reflects ? NetworkTensors.Activate(_owner._activation, y * _reflection[k]) * _reflection[k] : NetworkTensors.Activate(_owner._activation, y);
        }

        /// <summary>Its rows of a dense step, at <paramref name="row"/>: skips from the start, trunk and own units from where they stand.</summary>
        public void Export(int k, BlockMatrix dense, int row, int trunkColumn, int ownColumn)
        {
            float[] skip = TrainingTensors.Values(Signed(_skip[k], Monotone)), bias = TrainingTensors.Values(_bias[k]);
            float[]? trunk = _trunk[k] is { } t ? TrainingTensors.Values(t) : null;
            float[]? inner = _inner[k] is { } w ? TrainingTensors.Values(w.abs()) : null;
            for (int i = 0; i < Units[k]; i++)
            {
                float sign = Reflection(i);
                dense.Bias[row + i] = sign * bias[i];
                for (int j = 0; j < _inputs.Length; j++)
                    dense[row + i, _inputs[j]] = sign * skip[(i * _inputs.Length) + j];
                int width = trunk is null ? 0 : trunk.Length / Units[k];
                for (int j = 0; j < width; j++)
                    dense[row + i, trunkColumn + j] = sign * trunk![(i * width) + j];
                int before = inner is null ? 0 : Units[k - 1];
                for (int j = 0; j < before; j++)
                    dense[row + i, ownColumn + j] = sign * Reflection(j) * inner![(i * before) + j];
            }
        }

        /// <summary>Weights of the output for the units as they are exported.</summary>
        public float[] ExportedOut()
        {
            float[] weights = TrainingTensors.Values(Out!.abs());
            for (int i = 0; i < weights.Length; i++)
                weights[i] *= Reflection(i % Units[^1]);
            return weights;
        }

        private float Reflection(int unit) => _reflects && unit % 2 == 1 ? -1 : 1;
    }

    /// <summary>A matrix and bias that are put together of blocks.</summary>
    private sealed class BlockMatrix(int rows, int columns)
    {
        public float[] Weights { get; } = new float[checked(rows * columns)];

        public float[] Bias { get; } = new float[rows];

        public float this[int row, int column]
        {
            set => Weights[(row * columns) + column] = value;
        }

        public void Identity(int count)
        {
            for (int i = 0; i < count; i++)
                this[i, i] = 1;
        }

        public void Set(int row, int column, float[] block, int width, float[]? bias)
        {
            for (int i = 0; i < block.Length; i++)
                this[row + (i / width), column + (i % width)] = block[i];
            bias?.CopyTo(Bias, row);
        }
    }
}
