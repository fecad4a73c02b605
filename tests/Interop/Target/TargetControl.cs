using System.Net.Http.Json;
using System.Text.Json;

namespace Nvmf.Interop;

/// <summary>TargetHost's control end point.</summary>
public sealed class TargetControl(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>True when GET /health answers with success.</summary>
    public async Task<bool> IsHealthyAsync()
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync("/health");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>GET /queuepairs.</summary>
    public Task<JsonElement> QueuePairsAsync() => _http.GetFromJsonAsync<JsonElement>("/queuepairs");

    /// <summary>POST /listeners.</summary>
    public Task<JsonElement> AddListenerAsync(string address) => SendAsync(HttpMethod.Post, "/listeners", new { address });

    /// <summary>DELETE /listeners: the drain report.</summary>
    public Task<JsonElement> RemoveListenerAsync(string address) =>
        SendAsync(HttpMethod.Delete, $"/listeners?address={Uri.EscapeDataString(address)}", null);

    /// <summary>POST /namespaces.</summary>
    public Task<JsonElement> AddNamespaceAsync(string nqn, string disk) => SendAsync(HttpMethod.Post, "/namespaces", new { nqn, disk });

    /// <summary>DELETE /namespaces.</summary>
    public Task<JsonElement> RemoveNamespaceAsync(string nqn, int nsid) =>
        SendAsync(HttpMethod.Delete, $"/namespaces?nqn={Uri.EscapeDataString(nqn)}&nsid={nsid}", null);

    /// <summary>PATCH /namespaces: another size.</summary>
    public Task<JsonElement> ResizeNamespaceAsync(string nqn, int nsid, string size) => SendAsync(HttpMethod.Patch, "/namespaces", new { nqn, nsid, size });

    /// <summary>Sends a request that must succeed.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage answer = await _http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
