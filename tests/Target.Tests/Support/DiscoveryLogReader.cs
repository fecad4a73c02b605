using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;

namespace Nvmf.Target.Tests.Support;

/// <summary>Reads a discovery log as Linux does: the header, then everything, then the generation once more.</summary>
public static class DiscoveryLogReader
{
    public static async Task<DiscoveryLogEntry[]> ReadAsync(TestHost host)
    {
        while (true)
        {
            var header = WireStructure.Read<DiscoveryLogHeader>((await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.Discovery, 1024, retain: true))).Data);
            uint length = (uint)(1024 + header.Records * 1024);
            byte[] log = (await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.Discovery, length, retain: true))).Data;
            Answer again = await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.Discovery, 16));
            if (BitConverter.ToUInt64(again.Data) == header.GenerationCounter)
            {
                return [.. Enumerable.Range(1, (int)header.Records).Select(i => WireStructure.Read<DiscoveryLogEntry>(log.AsSpan(i * 1024)))];
            }
        }
    }

    public static async Task<string[]> NqnsAsync(TestHost host) =>
        [.. (await ReadAsync(host)).Select(entry => entry.SubsystemNqn.ToString()).Distinct()];
}
