using Nvmf.Target.Tests.Seam;

namespace Nvmf.Target.Tests.Support;

public static class HostRequestExtensions
{
    /// <summary>The answer, or a failed test.</summary>
    public static Task<Answer> AnswerAsync(this HostRequest request) => request.Answer.WaitAsync(TestTimeouts.Long);
}
