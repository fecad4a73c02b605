using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.Features;

/// <summary>Which feature value is meant.</summary>
/// <param name="Controller">The controller.</param>
/// <param name="NamespaceId">NSID as sent.</param>
/// <param name="Value">Command dword 11.</param>
internal readonly record struct FeatureRequest(Controller Controller, uint NamespaceId, uint Value);
