namespace Nvmf.Samples;

/// <summary>Reads the text of one option.</summary>
/// <returns>The value; or null, and then <paramref name="error"/> is one sentence.</returns>
internal delegate T? TokenParser<T>(string text, out string? error)
    where T : class;
