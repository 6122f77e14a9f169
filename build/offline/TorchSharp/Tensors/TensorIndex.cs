using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One index of a tensor: a number, a slice, an index or mask tensor, a new dimension or the rest.</summary>
    public struct TensorIndex
    {
        internal enum Form
        {
            Slice,
            Null,
            Ellipsis,
            Bool,
            Single,
            Tensor,
        }

        internal Form Kind;
        internal long? Start;
        internal long? Stop;
        internal long? Step;
        internal bool Truth;
        internal Tensor Inner;

        public static readonly TensorIndex Ellipsis = new() { Kind = Form.Ellipsis };
        public static readonly TensorIndex Null = new() { Kind = Form.Null };
        public static readonly TensorIndex None = new() { Kind = Form.Null };
        public static readonly TensorIndex Colon = Slice();

        /// <summary>How many dimensions of the tensor it takes up.</summary>
        internal readonly long Consumes => Kind switch
        {
            Form.Single or Form.Slice => 1,
            Form.Tensor => Inner.dtype is ScalarType.Bool or ScalarType.Byte ? Inner.dim() : 1,
            _ => 0,
        };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { Kind = Form.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(Position(range.Start), End(range.End));

        public static TensorIndex Bool(bool value) => new() { Kind = Form.Bool, Truth = value };
        public static TensorIndex Single(long? index) => new() { Kind = Form.Single, Start = index };
        public static TensorIndex Tensor(Tensor tensor) => new() { Kind = Form.Tensor, Inner = tensor };

        private static long Position(Index index) => index.IsFromEnd ? -index.Value : index.Value;

        /// <summary>"^0" is the end itself, which has no negative number.</summary>
        private static long? End(Index index) => index.IsFromEnd && index.Value == 0 ? null : Position(index);

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex(Index index) => Single(Position(index));

        public static implicit operator Tensor(TensorIndex value) => value.Kind switch
        {
            Form.Tensor => value.Inner,
            Form.Single => tensor(value.Start.Value),
            _ => throw new InvalidOperationException($"An index of the form {value.Kind} is no tensor."),
        };
    }
}
