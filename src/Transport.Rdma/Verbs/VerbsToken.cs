using System.Runtime.InteropServices;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>Carries an event's object through the token of the seam's copy of it, once.</summary>
internal static class VerbsToken
{
    public static nint Of(object item) => GCHandle.ToIntPtr(GCHandle.Alloc(item));

    public static T Take<T>(nint token) where T : class
    {
        GCHandle handle = GCHandle.FromIntPtr(token);
        var item = (T)handle.Target!;
        handle.Free();
        return item;
    }
}
