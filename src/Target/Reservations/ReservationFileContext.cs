using System.Text.Json.Serialization;

namespace Nvmf.Target.Reservations;

/// <summary>How <see cref="ReservationFileContents"/> is written: no surprises, so that a file that was changed by hand is either understood or refused.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReservationFileContents))]
internal sealed partial class ReservationFileContext : JsonSerializerContext;
