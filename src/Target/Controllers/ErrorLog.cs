using System.Runtime.InteropServices;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Controllers;

/// <summary>The last commands that failed, for the Error Information log page. Any thread; written only when a command fails.</summary>
internal sealed class ErrorLog(NvmeTransportType transportType)
{
    /// <summary>Entries kept (ELPE + 1).</summary>
    public const int Capacity = 64;

    private readonly Lock _lock = new();
    private ErrorInformationEntry[]? _entries;
    private ulong _count;

    /// <summary>Errors since the controller was made.</summary>
    public ulong Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public void Add(ushort queueId, ref readonly SubmissionQueueEntry command, NvmeStatus status)
    {
        lock (_lock)
        {
            _entries ??= new ErrorInformationEntry[Capacity];
            _entries[_count % Capacity] = new ErrorInformationEntry
            {
                ErrorCount = ++_count,
                SubmissionQueueId = queueId,
                CommandId = command.CommandId,
                Status = status,
                ParameterErrorLocation = 0xFFFF,
                Lba = queueId == 0 ? 0 : command.StartingLba,
                NamespaceId = command.IsFabrics() ? 0 : command.NamespaceId,
                TransportType = (FabricsTransportType)transportType,
            };
        }
    }

    /// <summary>Newest first.</summary>
    public void Read(Span<byte> page)
    {
        Span<ErrorInformationEntry> entries = MemoryMarshal.Cast<byte, ErrorInformationEntry>(page);
        lock (_lock)
        {
            for (ulong i = 0; i < Math.Min(_count, Capacity) && (int)i < entries.Length; i++)
            {
                entries[(int)i] = _entries![(_count - 1 - i) % Capacity];
            }
        }
    }
}
