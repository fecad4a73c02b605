using System.Globalization;

namespace Nvmf.Interop.Rdma;

/// <summary>What <c>samples/RdmaPing</c> printed: lines "name=value", one section per kind of receive queue.</summary>
internal sealed class PingReport
{
    private readonly Dictionary<string, Dictionary<string, string>> _sections = [];
    private readonly string _output;

    public PingReport(string output)
    {
        _output = output;
        Dictionary<string, string> section = [];
        foreach (string[] pair in output.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2))
        {
            if (pair[0] == "queue")
            {
                _sections[pair[1]] = section = [];
            }

            section[pair[0]] = pair[1];
        }
    }

    /// <summary>The kinds of receive queue that were tried.</summary>
    public IReadOnlyCollection<string> Sections => _sections.Keys;

    public string Text(string section, string name) =>
        _sections.TryGetValue(section, out Dictionary<string, string>? values) && values.TryGetValue(name, out string? value)
            ? value
            : throw new InvalidOperationException($"'{name}' is not in the section '{section}' of:\n{_output}");

    public long Count(string section, string name) => long.Parse(Text(section, name), CultureInfo.InvariantCulture);
}
