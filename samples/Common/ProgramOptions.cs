using System.Net;

namespace Nvmf.Samples;

/// <summary>What the command line of every host asks for.</summary>
/// <param name="Http">Where control is served over HTTP; null for nowhere.</param>
/// <param name="Verbose">Debug messages, and errors with their stack.</param>
internal abstract record ProgramOptions(IPEndPoint? Http, bool Verbose);
