using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Nvmf.Teardown.Tests.Hosts;

/// <summary>
/// A filter on a socket that drops every packet (socket(7), SO_ATTACH_FILTER): the kernel does not even acknowledge them. Needs no privileges, unlike
/// everything that drops packets on the way.
/// </summary>
internal static unsafe class PacketFilter
{
    private const int SOL_SOCKET = 1;
    private const int SO_ATTACH_FILTER = 26;
    private const int SO_DETACH_FILTER = 27;
    private const ushort BPF_RET_K = 0x06;

    public static void DropAll(Socket socket)
    {
        var drop = new Instruction { Code = BPF_RET_K };
        var program = new Program { Length = 1, Instructions = &drop };
        socket.SetRawSocketOption(SOL_SOCKET, SO_ATTACH_FILTER, MemoryMarshal.AsBytes(new ReadOnlySpan<Program>(in program)));
    }

    public static void Remove(Socket socket) => socket.SetRawSocketOption(SOL_SOCKET, SO_DETACH_FILTER, new byte[sizeof(int)]);

    [StructLayout(LayoutKind.Sequential)]
    private struct Instruction
    {
        public ushort Code;
        public byte JumpTrue;
        public byte JumpFalse;
        public uint Operand;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
