using System.Text.Json.Serialization;

namespace TargetHost.Control;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
[JsonSerializable(typeof(HealthMessage))]
[JsonSerializable(typeof(IReadOnlyList<ListenerMessage>))]
[JsonSerializable(typeof(AddListenerMessage))]
[JsonSerializable(typeof(DrainedMessage))]
[JsonSerializable(typeof(IReadOnlyList<QueuePairMessage>))]
[JsonSerializable(typeof(IReadOnlyList<SubsystemMessage>))]
[JsonSerializable(typeof(AddNamespaceMessage))]
[JsonSerializable(typeof(ResizeNamespaceMessage))]
[JsonSerializable(typeof(NamespaceAddedMessage))]
[JsonSerializable(typeof(HostRequestMessage))]
internal sealed partial class ControlJsonContext : JsonSerializerContext;
