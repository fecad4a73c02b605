using System.Text.Json.Serialization;

namespace RelayHost.Control;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
[JsonSerializable(typeof(HealthMessage))]
[JsonSerializable(typeof(StatusMessage))]
[JsonSerializable(typeof(ListenerMessage))]
[JsonSerializable(typeof(AddListenerMessage))]
[JsonSerializable(typeof(DrainedMessage))]
internal sealed partial class ControlJsonContext : JsonSerializerContext;
