using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.Native.NativeMethods;
using static TorchSharp.torch;

namespace TorchSharp.Native;

/// <summary>
/// An operator of libtorch by its schema's name, "add.Tensor". It is looked up at its first call, so that the assembly
/// loads and the rest works where there is no libtorch, or where libtorch lacks this one.
/// </summary>
internal sealed unsafe class Op
{
    private const int StackWords = 256;
    private readonly string _name;
    private IntPtr _handle;

    internal Op(string name) => _name = name;

    /// <summary>The call's only, or first, result; null when it is undefined.</summary>
    internal Tensor Call(params ReadOnlySpan<Arg> args)
    {
        Value result = default;
        Invoke(args, &result, 1);
        return Tensor.FromNative((IntPtr)result.Bits);
    }

    /// <summary>An operator that writes into its first argument, which is returned.</summary>
    internal Tensor InPlace(Tensor self, params ReadOnlySpan<Arg> args)
    {
        Invoke(args, null, 0);
        return self;
    }

    internal void Run(params ReadOnlySpan<Arg> args) => Invoke(args, null, 0);

    internal (Tensor, Tensor) Call2(params ReadOnlySpan<Arg> args)
    {
        Value* results = stackalloc Value[2];
        Clear(results, 2);
        Invoke(args, results, 2);
        return (Tensor.FromNative((IntPtr)results[0].Bits), Tensor.FromNative((IntPtr)results[1].Bits));
    }

    internal (Tensor, Tensor, Tensor) Call3(params ReadOnlySpan<Arg> args)
    {
        Value* results = stackalloc Value[3];
        Clear(results, 3);
        Invoke(args, results, 3);
        return (Tensor.FromNative((IntPtr)results[0].Bits), Tensor.FromNative((IntPtr)results[1].Bits), Tensor.FromNative((IntPtr)results[2].Bits));
    }

    internal (Tensor, Tensor, Tensor, Tensor) Call4(params ReadOnlySpan<Arg> args)
    {
        Value* results = stackalloc Value[4];
        Clear(results, 4);
        Invoke(args, results, 4);
        return (Tensor.FromNative((IntPtr)results[0].Bits), Tensor.FromNative((IntPtr)results[1].Bits),
            Tensor.FromNative((IntPtr)results[2].Bits), Tensor.FromNative((IntPtr)results[3].Bits));
    }

    internal Tensor[] CallList(params ReadOnlySpan<Arg> args)
    {
        Value result = default;
        Invoke(args, &result, 1);
        var list = new Tensor[result.Extra];
        for (int i = 0; i < list.Length; i++)
            list[i] = Tensor.FromNative(((IntPtr*)result.Bits)[i]);
        ct_free((void*)result.Bits);
        return list;
    }

    /// <summary>A result that is a number: its kind tells which.</summary>
    internal Value CallValue(params ReadOnlySpan<Arg> args)
    {
        Value result = default;
        Invoke(args, &result, 1);
        return result;
    }

    private static void Clear(Value* results, int count) => new Span<Value>(results, count).Clear();

    private void Invoke(ReadOnlySpan<Arg> args, Value* results, int wanted)
    {
        int words = 0;
        foreach (ref readonly Arg arg in args)
            if (arg.Kind >= ArgKind.Ints)
                words += arg.Words;
        if (words <= StackWords)
        {
            long* scratch = stackalloc long[words];
            Invoke(args, scratch, results, wanted);
        }
        else
        {
            fixed (long* scratch = new long[words])
                Invoke(args, scratch, results, wanted);
        }
    }

    private void Invoke(ReadOnlySpan<Arg> args, long* scratch, Value* results, int wanted)
    {
        if (_handle == IntPtr.Zero)
            Find();
        Value* values = stackalloc Value[args.Length];
        for (int i = 0; i < args.Length; i++)
        {
            ref readonly Arg arg = ref args[i];
            values[i].Kind = arg.Kind;
            values[i].Extra = arg.Extra;
            values[i].Bits = arg.Reference is null ? arg.Bits
                : arg.Kind == ArgKind.Tensor ? Unsafe.As<Tensor>(arg.Reference).Handle
                : Spread(arg, ref scratch, out values[i].Extra);
        }
        int code = ct_call(_handle, values, args.Length, results, wanted);
        foreach (ref readonly Arg arg in args)
            GC.KeepAlive(arg.Reference);
        Check(code);
    }

    /// <summary>Lays a list out in the scratch memory and moves that on; a generator is its handle.</summary>
    private static long Spread(in Arg arg, ref long* scratch, out long length)
    {
        long* start = scratch;
        length = arg.Extra;
        switch (arg.Kind)
        {
            case ArgKind.Generator:
                return ((Generator)arg.Reference).Handle;
            case ArgKind.Ints:
                long[] ints = (long[])arg.Reference;
                ints.CopyTo(new Span<long>(start, ints.Length));
                length = ints.Length;
                break;
            case ArgKind.Doubles:
                double[] doubles = (double[])arg.Reference;
                doubles.CopyTo(new Span<double>(start, doubles.Length));
                length = doubles.Length;
                break;
            case ArgKind.String:
                string text = (string)arg.Reference;
                length = Encoding.UTF8.GetBytes(text, new Span<byte>(start, arg.Words * 8));
                break;
            default:
                Tensor[] tensors = (Tensor[])arg.Reference;
                for (int i = 0; i < tensors.Length; i++)
                    start[i] = tensors[i] is null ? 0 : tensors[i].Handle;
                length = tensors.Length;
                break;
        }
        scratch += arg.Words;
        return (long)start;
    }

    private void Find()
    {
        int dot = _name.IndexOf('.');
        string name = "aten::" + (dot < 0 ? _name : _name[..dot]);
        string overload = dot < 0 ? "" : _name[(dot + 1)..];
        fixed (byte* n = Encoding.UTF8.GetBytes(name + "\0"), o = Encoding.UTF8.GetBytes(overload + "\0"))
        {
            Check(ct_op(n, o, out IntPtr handle));
            _handle = handle;
        }
    }
}
