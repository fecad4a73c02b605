namespace RdmaSharp.Tests;

/// <summary>A handle of nothing, which writes down its destruction.</summary>
internal sealed class FakeHandle : RdmaHandle
{
    private readonly string _name;
    private readonly List<string> _log;

    public FakeHandle(string name, List<string> log, params RdmaHandle?[] parents) : this(name, log, fail: false, parents)
    {
    }

    public FakeHandle(string name, List<string> log, bool fail, params RdmaHandle?[] parents) : base(owned: true, parents)
    {
        _name = name;
        _log = log;
        Adopt(fail ? 0 : 1, "fake_create");
    }

    public int Error { get; init; }

    public nint TakeCookie() => Cookie;

    private protected override int DestroyNative(nint native)
    {
        _log.Add(_name);
        return Error;
    }
}
