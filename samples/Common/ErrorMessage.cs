using System.Text.Json.Serialization;

namespace Nvmf.Samples;

/// <summary>The answer of a control end point to a mistake.</summary>
/// <param name="Error">One sentence.</param>
internal sealed record ErrorMessage(string Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ErrorMessage))]
internal sealed partial class ErrorJsonContext : JsonSerializerContext;
