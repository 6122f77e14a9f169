using System.Runtime.CompilerServices;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Interop;

/// <summary>What <c>MLContext.GpuDeviceId</c> and <c>MLContext.FallbackToCpu</c> were when a host was made.</summary>
/// <param name="DeviceId">The CUDA device; null where none was chosen.</param>
/// <param name="FallbackToCpu">Whether the CPU may take the place of a device that is not there.</param>
internal readonly record struct GpuChoice(int? DeviceId, bool FallbackToCpu)
{
    public static GpuChoice Of(IHostEnvironment environment)
    {
        UpstreamProbe.Verify();
        return Get(environment);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static GpuChoice Get(IHostEnvironment environment) =>
            environment is IHostEnvironmentInternal settings ? new(settings.GpuDeviceId, settings.FallbackToCpu) : new(null, true);
    }
}
