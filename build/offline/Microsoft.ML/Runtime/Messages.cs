using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Runtime
{
    public readonly struct ChannelMessage
    {
        public readonly ChannelMessageKind Kind;
        public readonly MessageSensitivity Sensitivity;
        private readonly string _message;
        private readonly object[] _args;

        internal ChannelMessage(ChannelMessageKind kind, MessageSensitivity sensitivity, string message)
            : this(kind, sensitivity, message, null) { }

        internal ChannelMessage(ChannelMessageKind kind, MessageSensitivity sensitivity, string fmt, params object[] args) =>
            (Kind, Sensitivity, _message, _args) = (kind, sensitivity, fmt, args);

        public string Message => _args == null ? _message : string.Format(CultureInfo.InvariantCulture, _message, _args);
    }

    internal static class HostExtensions
    {
        public static void Trace(this IChannel ch, string message) => ch.Trace(MessageSensitivity.Unknown, message);

        public static void Trace(this IChannel ch, string fmt, params object[] args) => ch.Trace(MessageSensitivity.Unknown, fmt, args);

        public static void Error(this IChannel ch, string message) => ch.Error(MessageSensitivity.Unknown, message);

        public static void Error(this IChannel ch, string fmt, params object[] args) => ch.Error(MessageSensitivity.Unknown, fmt, args);

        public static void Warning(this IChannel ch, string message) => ch.Warning(MessageSensitivity.Unknown, message);

        public static void Warning(this IChannel ch, string fmt, params object[] args) => ch.Warning(MessageSensitivity.Unknown, fmt, args);

        public static void Info(this IChannel ch, string message) => ch.Info(MessageSensitivity.Unknown, message);

        public static void Info(this IChannel ch, string fmt, params object[] args) => ch.Info(MessageSensitivity.Unknown, fmt, args);
    }
}

namespace Microsoft.ML
{
    public sealed class LoggingEventArgs : System.EventArgs
    {
        public LoggingEventArgs(string message) => Message = message;

        public LoggingEventArgs(string message, ChannelMessageKind kind, string source)
        {
            RawMessage = message;
            Kind = kind;
            Source = source;
            Message = $"[Source={source}, Kind={kind}] {message}";
        }

        public string Message { get; }

        public ChannelMessageKind Kind { get; }

        public string Source { get; }

        public string RawMessage { get; }
    }
}
