using System.Net;
using Microsoft.Extensions.Logging;

namespace Nvmf.Initiator.Multipath;

internal sealed partial class MultipathLog(ILogger<NvmeSubsystemConnection> logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1, LogLevel.Warning, "The path by {EndPoint} could not be connected.")]
    public partial void ConnectFailed(Exception error, EndPoint endPoint);

    [LoggerMessage(2, LogLevel.Warning, "The path by {EndPoint} is removed.")]
    public partial void PathRemoved(EndPoint endPoint);

    [LoggerMessage(3, LogLevel.Warning, "The ANA log of the controller at {EndPoint} could not be read.")]
    public partial void AnaFailed(Exception error, EndPoint endPoint);

    [LoggerMessage(4, LogLevel.Information, "Controller {ControllerId} at {EndPoint} is fenced {Elapsed} after its end: {How}.")]
    public partial void Fenced(EndPoint endPoint, ushort controllerId, string how, TimeSpan elapsed);

    [LoggerMessage(5, LogLevel.Warning, "Controller {ControllerId} could not be reset by the one at {Helper}.")]
    public partial void ResetFailed(Exception error, ushort controllerId, EndPoint helper);

    [LoggerMessage(6, LogLevel.Error, "{Bytes} bytes sent to {EndPoint} were never proven off the wire.")]
    public partial void Unproven(EndPoint endPoint, long bytes);

    [LoggerMessage(7, LogLevel.Error, "Namespace {NamespaceId} at {EndPoint} is not the one of the other paths ({Found}, not {Expected}): not used.")]
    public partial void OtherNamespace(uint namespaceId, EndPoint endPoint, NamespaceIdentity found, NamespaceIdentity expected);

    [LoggerMessage(8, LogLevel.Warning, "Namespace {NamespaceId} cannot be reached by {EndPoint}.")]
    public partial void AttachFailed(Exception error, uint namespaceId, EndPoint endPoint);

    [LoggerMessage(9, LogLevel.Debug, "{Command} on namespace {NamespaceId} failed on the path by {EndPoint} and is tried again.")]
    public partial void Retry(Exception error, string command, uint namespaceId, EndPoint endPoint);

    [LoggerMessage(10, LogLevel.Information, "The path by {EndPoint} is lost.")]
    public partial void PathLost(EndPoint endPoint);
}
