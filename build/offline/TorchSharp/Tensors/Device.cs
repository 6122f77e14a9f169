using System;

namespace TorchSharp
{
    public enum DeviceType
    {
        CPU = 0,
        CUDA = 1,
        MKLDNN = 2,
        OPENGL = 3,
        OPENCL = 4,
        IDEEP = 5,
        HIP = 6,
        FPGA = 7,
        MSNPU = 8,
        XLA = 9,
        MPS = 13,
        META = 14,
    }

    public static partial class torch
    {
        /// <summary>Where a tensor lives. An index of -1 means the device's current one.</summary>
        public class Device
        {
            public Device(string description)
            {
                string[] parts = description.Split(':');
                type = Enum.Parse<DeviceType>(parts[0].ToUpperInvariant());
                index = parts.Length > 1 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : -1;
            }

            public Device(string deviceType, int index = -1) : this(Enum.Parse<DeviceType>(deviceType.ToUpperInvariant()), index) { }

            public Device(DeviceType deviceType, int index = -1)
            {
                type = deviceType;
                this.index = index;
            }

            public Device(int index) : this(DeviceType.CUDA, index) { }

            public DeviceType type { get; }
            public int index { get; }

            public override string ToString()
            {
                string name = type.ToString().ToLowerInvariant();
                return type == DeviceType.CPU || index < 0 ? name : $"{name}:{index}";
            }

            public static implicit operator Device(string description) => new(description);
        }

        public static readonly Device CPU = new(DeviceType.CPU, -1);
        public static readonly Device META = new(DeviceType.META, -1);
        public static Device CUDA => InitializeDevice(new Device(DeviceType.CUDA, -1));

        public static Device device(string description) => InitializeDevice(new Device(description));
        public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));
        public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));
        public static Device device(int index) => InitializeDevice(new Device(index));

        public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
        {
            DeviceType.CUDA => cuda.Count() > 0,
            DeviceType.MPS => false,
            _ => true,
        };

        public static void InitializeDeviceType(DeviceType deviceType)
        {
            if (!TryInitializeDeviceType(deviceType))
                throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
        }

        public static Device InitializeDevice(Device device)
        {
            device ??= CPU;
            InitializeDeviceType(device.type);
            return device;
        }

        public static bool cuda_is_available() => cuda.is_available();

        public static partial class cuda
        {
            internal static long Count()
            {
                Native.NativeMethods.Check(Native.NativeMethods.ct_cuda_device_count(out long count));
                return count;
            }

            public static bool is_available() => Count() > 0;
            public static int device_count() => (int)Count();

            public static void synchronize(Device device = null)
            {
                InitializeDeviceType(DeviceType.CUDA);
                Native.NativeMethods.Check(Native.NativeMethods.ct_cuda_synchronize(device is null || device.index < 0 ? -1 : device.index));
            }
        }
    }
}
