using System;
using System.Linq;
using TorchSharp.Native;

namespace TorchSharp;

/// <remarks>Random tensors. Without a generator they draw from the global one.</remarks>
public static partial class torch
{
    public static Tensor randint(
        long low, long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        Finished(Aten.randint_low_generator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, Arg.None, Located(device)), requires_grad, names);
    public static Tensor randint(
        long high, long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);
    public static Tensor randint(
        int low, int high, int[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(low, high, size.Select(i => (long)i).ToArray(), dtype, device, requires_grad, generator, names);
    public static Tensor randint(
        int high, int[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randperm(
        long n, ScalarType? dtype = null, Device device = null, bool requires_grad = false, Generator generator = null) =>
        Finished(Aten.randperm_generator.Call(n, generator, dtype ?? ScalarType.Int64, Arg.None, Located(device)), requires_grad);

    public static Tensor normal(
        double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false,
        Generator generator = null, string[] names = null) =>
        Finished(Aten.normal_float_float.Call(mean, std, size.ToArray(), generator, dtype, Arg.None, Located(device)), requires_grad, names);
    public static Tensor normal(Tensor mean, Tensor std, Generator generator = null) => Aten.normal_Tensor_Tensor.Call(mean, std, generator);

    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Finished(Aten.rand_like.Call(input, dtype, Arg.None, Located(device)), requires_grad);
    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Finished(Aten.randn_like.Call(input, dtype, Arg.None, Located(device)), requires_grad);

    public static Tensor bernoulli(Tensor input, Generator generator = null) => Aten.bernoulli.Call(input, generator);
    public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator generator = null) =>
        Aten.multinomial.Call(input, num_samples, replacement, generator);

    public static Generator manual_seed(long seed)
    {
        NativeMethods.Check(NativeMethods.ct_manual_seed((ulong)seed));
        return Generator.Default;
    }

    public static partial class random
    {
        public static long seed() => Generator.Default.seed();
        public static long initial_seed() => Generator.Default.initial_seed();
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);
        public static Tensor get_rng_state() => Generator.Default.get_state();
        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }

    /// <summary>A stream of random numbers of its own.</summary>
    public class Generator : IDisposable
    {
        private IntPtr _handle;

        private Generator(IntPtr handle, Device device)
        {
            _handle = handle;
            this.device = device;
        }

        public Generator(ulong seed = 0, Device device = null) : this(New(seed, InitializeDevice(device)), device ?? CPU) { }

        ~Generator() => Dispose(false);

        public static Generator Default
        {
            get
            {
                NativeMethods.Check(NativeMethods.ct_generator_default(out IntPtr handle));
                return new Generator(handle, CPU);
            }
        }

        public Device device { get; }

        public IntPtr Handle => _handle != IntPtr.Zero ? _handle : throw new ObjectDisposedException(nameof(Generator));

        private static IntPtr New(ulong seed, Device device)
        {
            NativeMethods.Check(NativeMethods.ct_generator_new((int)device.type, device.index, seed, out IntPtr handle));
            return handle;
        }

        public Generator manual_seed(long seed)
        {
            int code = NativeMethods.ct_generator_set_seed(Handle, (ulong)seed);
            GC.KeepAlive(this);
            NativeMethods.Check(code);
            return this;
        }

        public long seed()
        {
            int code = NativeMethods.ct_generator_seed(Handle, out ulong seed);
            GC.KeepAlive(this);
            NativeMethods.Check(code);
            return (long)seed;
        }

        public long initial_seed()
        {
            int code = NativeMethods.ct_generator_initial_seed(Handle, out ulong seed);
            GC.KeepAlive(this);
            NativeMethods.Check(code);
            return (long)seed;
        }

        public Tensor get_state()
        {
            int code = NativeMethods.ct_generator_get_state(Handle, out IntPtr state);
            GC.KeepAlive(this);
            NativeMethods.Check(code);
            return Tensor.FromNative(state);
        }

        public void set_state(Tensor value)
        {
            int code = NativeMethods.ct_generator_set_state(Handle, value.Handle);
            GC.KeepAlive(this);
            NativeMethods.Check(code);
            GC.KeepAlive(value);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            IntPtr handle = System.Threading.Interlocked.Exchange(ref _handle, IntPtr.Zero);
            if (handle != IntPtr.Zero)
                NativeMethods.ct_generator_delete(handle);
        }
    }
}
