using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Nvmf.Hosting;

namespace Nvmf.Samples;

/// <summary>Reading requests and writing answers, so that each mistake comes back as <c>{"error": "one sentence"}</c>.</summary>
internal static class ControlRequest
{
    private const int MaxSeconds = 3600;

    public static RequestDelegate Guard(RequestDelegate handler) => async context =>
    {
        try
        {
            await handler(context);
        }
        catch (NvmeTargetException error)
        {
            await WriteErrorAsync(context, ToStatusCode(error.Error), error.Message);
        }
        catch (JsonException error)
        {
            await WriteErrorAsync(context, StatusCodes.Status400BadRequest, $"The body is not the JSON that belongs here: {error.Message}");
        }
        catch (BadHttpRequestException error)
        {
            await WriteErrorAsync(context, error.StatusCode, error.Message);
        }
    };

    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        // A browser sends other people's requests without asking only with the types of forms, so this keeps web pages out.
        if (!context.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("The body must be JSON, with the content type application/json.", StatusCodes.Status415UnsupportedMediaType);
        }

        if (context.Request.GetTypedHeaders().ContentType is { Charset.HasValue: true, Encoding: null } unknown)
        {
            throw new BadHttpRequestException($"There is no charset '{unknown.Charset}'.", StatusCodes.Status415UnsupportedMediaType);
        }

        return await context.Request.ReadFromJsonAsync(type, context.RequestAborted)
            ?? throw new BadHttpRequestException("The body is empty.", StatusCodes.Status400BadRequest);
    }

    public static string Required(string? value, string name) =>
        string.IsNullOrWhiteSpace(value) ? throw new BadHttpRequestException($"'{name}' is missing.") : value;

    public static string Query(HttpContext context, string name) => Required(context.Request.Query[name], name);

    /// <summary>Zero when it is not there.</summary>
    public static TimeSpan OptionalSeconds(HttpContext context, string name) => (string?)context.Request.Query[name] switch
    {
        null => TimeSpan.Zero,
        { } text when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and <= MaxSeconds =>
            TimeSpan.FromSeconds(seconds),
        _ => throw new BadHttpRequestException($"'{name}' is not a number of seconds from 0 to {MaxSeconds}."),
    };

    public static Task WriteAsync<T>(HttpContext context, T message, JsonTypeInfo<T> type, int statusCode = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = statusCode;
        return context.Response.WriteAsJsonAsync(message, type, cancellationToken: context.RequestAborted);
    }

    private static Task WriteErrorAsync(HttpContext context, int statusCode, string sentence) =>
        WriteAsync(context, new ErrorMessage(sentence), ErrorJsonContext.Default.ErrorMessage, statusCode);

    private static int ToStatusCode(NvmeTargetError error) => error switch
    {
        NvmeTargetError.Invalid => StatusCodes.Status400BadRequest,
        NvmeTargetError.NotFound => StatusCodes.Status404NotFound,
        NvmeTargetError.Conflict => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
