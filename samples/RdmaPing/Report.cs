namespace RdmaPing;

/// <summary>What was counted, as lines "name=value", and what was not as expected.</summary>
internal sealed class Report(TextWriter output)
{
    private readonly List<string> _failures = [];

    public void Count(string name, long value) => output.WriteLine($"{name}={value}");

    public void Note(string name, string value) => output.WriteLine($"{name}={value}");

    public void Equal(string name, long actual, long expected)
    {
        Count(name, actual);
        if (actual != expected)
        {
            Fail($"{name} is {actual}, not {expected}");
        }
    }

    public void True(string name, bool condition)
    {
        Count(name, condition ? 1 : 0);
        if (!condition)
        {
            Fail($"not so: {name}");
        }
    }

    public void Fail(string sentence) => _failures.Add(sentence);

    public bool Finish()
    {
        foreach (string failure in _failures)
        {
            Console.Error.WriteLine($"failed: {failure}");
        }

        output.WriteLine(_failures.Count == 0 ? "result=ok" : "result=failed");
        return _failures.Count == 0;
    }
}
