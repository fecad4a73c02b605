using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Hosting;

namespace Nvmf.Samples;

/// <summary>Readers of options that several hosts have.</summary>
internal static class OptionParsers
{
    public static T? One<T>(ArgumentResult result, TokenParser<T> parse)
        where T : class
    {
        T? value = parse(result.Tokens[0].Value, out string? error);
        AddError(result, error);
        return value;
    }

    public static T[] Each<T>(ArgumentResult result, TokenParser<T> parse)
        where T : class
    {
        var values = new List<T>();
        foreach (Token token in result.Tokens)
        {
            T? value = parse(token.Value, out string? error);
            AddError(result, error);
            if (value is not null)
            {
                values.Add(value);
            }
        }

        return [.. values];
    }

    public static int? Number(ArgumentResult result, int min, int max)
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max)
        {
            return number;
        }

        AddError(result, $"'{text}' is not a number from {min} to {max}.");
        return null;
    }

    public static FabricsAddress? Address(string text, out string? error) =>
        FabricsAddress.TryParse(text, out FabricsAddress? address, out error) ? address : null;

    public static string Size(string text, out string? error)
    {
        error = ByteSize.TryParse(text, out _, out string? mistake) ? null : mistake;
        return text;
    }

    public static IPEndPoint? Http(string text, out string? error)
    {
        string address = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" + text["localhost".Length..] : text;
        bool hasPort = address.LastIndexOf(':') > address.LastIndexOf(']');
        if (hasPort && IPEndPoint.TryParse(address, out IPEndPoint? endPoint) && (address[0] == '[' || address.Count(c => c == ':') == 1))
        {
            error = null;
            return endPoint;
        }

        error = $"'{text}' is not an address for HTTP; write it like 127.0.0.1:8080.";
        return null;
    }

    /// <summary>An option that may be given several times.</summary>
    public static Option<T[]> Repeatable<T>(string name, string helpName, TokenParser<T> parse, string description)
        where T : class => new(name)
        {
            HelpName = helpName,
            Description = description,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            CustomParser = result => Each(result, parse),
        };

    private static void AddError(ArgumentResult result, string? error)
    {
        if (error is not null)
        {
            result.AddError($"{(result.Parent as OptionResult)?.Option.Name}: {error}");
        }
    }
}
