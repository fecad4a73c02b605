using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace Nvmf.EventLoop.Tests;

public class RegistrationTests
{
    [Fact]
    public async Task ReadinessIsReportedOnTheLoopUntilItIsOver()
    {
        using var fixture = new LoopFixture();
        using var pipe = new TestPipe();
        var handler = new Handler(fixture.Loop);
        EventLoopRegistration registration = default;
        await fixture.RunAsync(() => registration = fixture.Loop.Register(pipe.Reader, ReadyEvents.Readable, handler));
        Assert.False(registration.IsEmpty);
        pipe.Write();
        await LoopFixture.Until(() => handler.Count >= 3);
        Assert.Equal(ReadyEvents.Readable, handler.Last);
        await fixture.RunAsync(() => registration.SetEvents(ReadyEvents.None));
        int count = handler.Count;
        await fixture.RunAsync(() => { });
        Assert.Equal(count, handler.Count);
        await fixture.RunAsync(() => registration.SetEvents(ReadyEvents.Readable));
        await LoopFixture.Until(() => handler.Count > count);
        await fixture.RunAsync(registration.Unregister);
        count = handler.Count;
        await fixture.RunAsync(() => { });
        Assert.Equal(count, handler.Count);
        await fixture.RunAsync(() =>
        {
            registration.Unregister();
            registration.SetEvents(ReadyEvents.Readable);
        });
        Assert.Equal(count, handler.Count);
    }

    [Fact]
    public async Task AnEdgeIsReportedOnce()
    {
        using var fixture = new LoopFixture();
        using var pipe = new TestPipe();
        var handler = new Handler(fixture.Loop);
        await fixture.RunAsync(() => fixture.Loop.Register(pipe.Reader, ReadyEvents.Readable | ReadyEvents.EdgeTriggered, handler));
        pipe.Write();
        await LoopFixture.Until(() => handler.Count > 0);
        await fixture.RunAsync(() => { });
        await fixture.RunAsync(() => { });
        Assert.Equal(1, handler.Count);
    }

    /// <summary>Two descriptors become ready in one batch; the first handler ends the registration of the second and gives its slot to a third.</summary>
    [Fact]
    public async Task AnEventFetchedBeforeTheEndOfItsRegistrationFindsNobody()
    {
        using var fixture = new LoopFixture();
        using var pipes = new TestPipe();
        using var other = new TestPipe();
        using var quiet = new TestPipe();
        var registrations = new Dictionary<Handler, EventLoopRegistration>();
        var successor = new Handler(fixture.Loop);
        Handler? first = null;
        await fixture.RunAsync(() =>
        {
            var handlers = new Handler[2];
            for (int i = 0; i < 2; i++)
            {
                int mine = i;
                handlers[i] = new Handler(fixture.Loop, () =>
                {
                    if (first is not null)
                    {
                        return;
                    }

                    first = handlers[mine];
                    foreach (EventLoopRegistration registration in registrations.Values)
                    {
                        registration.Unregister();
                    }

                    fixture.Loop.Register(quiet.Reader, ReadyEvents.Readable, successor);
                });
            }

            registrations[handlers[0]] = fixture.Loop.Register(pipes.Reader, ReadyEvents.Readable, handlers[0]);
            registrations[handlers[1]] = fixture.Loop.Register(other.Reader, ReadyEvents.Readable, handlers[1]);
            pipes.Write();
            other.Write();
        });
        await fixture.RunAsync(() => { });
        await fixture.RunAsync(() => { });
        Assert.Equal(1, registrations.Keys.Sum(handler => handler.Count));
        Assert.Equal(0, successor.Count);
        Assert.Equal(1, fixture.Loop.Statistics.LateEvents);
    }

    [Fact]
    public async Task TheDescriptorStaysOpenWhileRegistered()
    {
        using var fixture = new LoopFixture();
        using var pipe = new TestPipe();
        EventLoopRegistration registration = default;
        await fixture.RunAsync(() => registration = fixture.Loop.Register(pipe.Reader, ReadyEvents.Readable, new Handler(fixture.Loop)));
        pipe.Reader.Dispose();
        string link = $"/proc/self/fd/{pipe.Descriptor}";
        Assert.NotNull(new FileInfo(link).LinkTarget);
        await fixture.RunAsync(registration.Unregister);
    }

    [Fact]
    public async Task ADescriptorEpollRefusesIsReported()
    {
        using var fixture = new LoopFixture();
        using SafeFileHandle file = File.OpenHandle(typeof(RegistrationTests).Assembly.Location);
        await Assert.ThrowsAsync<IOException>(() => fixture.RunAsync(() => fixture.Loop.Register(file, ReadyEvents.Readable, new Handler(fixture.Loop))));
    }

    [Fact]
    public async Task AHandlerThatThrowsIsToldAndOthersGoOn()
    {
        using var fixture = new LoopFixture();
        using var pipe = new TestPipe();
        using var other = new TestPipe();
        var throwing = new Handler(fixture.Loop, () => throw new FormatException("Broken on purpose."));
        var healthy = new Handler(fixture.Loop);
        await fixture.RunAsync(() =>
        {
            fixture.Loop.Register(pipe.Reader, ReadyEvents.Readable | ReadyEvents.EdgeTriggered, throwing);
            fixture.Loop.Register(other.Reader, ReadyEvents.Readable | ReadyEvents.EdgeTriggered, healthy);
            pipe.Write();
            other.Write();
        });
        await LoopFixture.Until(() => healthy.Count > 0);
        await fixture.RunAsync(() => { });
        Assert.IsType<FormatException>(throwing.Failure);
        Assert.Contains(fixture.Logged, exception => exception is FormatException);
    }

    private sealed class TestPipe : IDisposable
    {
        private readonly AnonymousPipeServerStream _writer = new(PipeDirection.Out);

        public TestPipe()
        {
            Reader = _writer.ClientSafePipeHandle;
            Descriptor = Reader.DangerousGetHandle();
        }

        public SafePipeHandle Reader { get; }

        public nint Descriptor { get; }

        public void Write() => _writer.WriteByte(1);

        public void Dispose()
        {
            Reader.Dispose();
            _writer.Dispose();
        }
    }

    private sealed class Handler(EventLoopThread loop, Action? action = null) : IEventLoopHandler
    {
        private int _count;

        public int Count
        {
            get => Volatile.Read(ref _count);
            set => Volatile.Write(ref _count, value);
        }

        public ReadyEvents Last { get; private set; }

        public Exception? Failure { get; private set; }

        public void OnReady(ReadyEvents events)
        {
            Assert.True(loop.IsCurrent);
            Last = events;
            Count++;
            action?.Invoke();
        }

        public void OnLoopEnded()
        {
        }

        public void OnFailure(Exception exception) => Failure = exception;
    }
}
