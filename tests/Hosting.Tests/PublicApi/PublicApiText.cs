using System.Reflection;
using System.Text;

namespace Nvmf.Hosting.Tests.PublicApi;

/// <summary>Writes what an assembly shows to others, one member a line, sorted: a text whose differences can be reviewed.</summary>
internal static class PublicApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Write(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(Name, StringComparer.Ordinal))
        {
            text.Append(Kind(type)).Append(' ').Append(Name(type)).Append(Bases(type)).Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
        { IsValueType: true } => type.IsDefined(typeof(System.Runtime.CompilerServices.IsReadOnlyAttribute)) ? "readonly struct" : "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Bases(Type type)
    {
        if (type.IsEnum)
        {
            return $" : {Name(Enum.GetUnderlyingType(type))}";
        }

        IEnumerable<Type> inherited = type.BaseType?.GetInterfaces() ?? [];
        IEnumerable<string> bases = type.GetInterfaces().Except(inherited).Where(i => i.IsVisible).Select(Name).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases = bases.Prepend(Name(parent));
        }

        string joined = string.Join(", ", bases);
        return joined.Length == 0 ? "" : $" : {joined}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        foreach (FieldInfo field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
        {
            if (type.IsEnum)
            {
                if (field.IsLiteral)
                {
                    yield return $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}";
                }

                continue;
            }

            string modifier = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
            yield return $"{Access(field.IsPublic)}{modifier}{Name(field.FieldType)} {field.Name}" + (field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "");
        }

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(IsShown))
        {
            yield return $"{Access(constructor.IsPublic)}.ctor({Parameters(constructor)})";
        }

        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            MethodInfo? get = property.GetMethod is { } g && IsShown(g) ? g : null;
            MethodInfo? set = property.SetMethod is { } s && IsShown(s) ? s : null;
            if ((get ?? set) is not { } accessor)
            {
                continue;
            }

            string setter = set is null ? "" : set.ReturnParameter.GetRequiredCustomModifiers().Length > 0 ? " init;" : " set;";
            string index = property.GetIndexParameters().Length == 0 ? "" : $"[{Parameters(property.GetMethod!)}]";
            yield return $"{Access(accessor.IsPublic)}{Modifiers(accessor)}{Name(property.PropertyType)} {property.Name}{index} {{{(get is null ? "" : " get;")}{setter} }}";
        }

        foreach (EventInfo e in type.GetEvents(Declared).Where(e => IsShown(e.AddMethod!)))
        {
            yield return $"{Access(e.AddMethod!.IsPublic)}{Modifiers(e.AddMethod)}event {Name(e.EventHandlerType!)} {e.Name}";
        }

        foreach (MethodInfo method in type.GetMethods(Declared).Where(m => IsShown(m) && IsWritten(m)))
        {
            string generics = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
            yield return $"{Access(method.IsPublic)}{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{generics}({Parameters(method)})";
        }
    }

    private static bool IsShown(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    /// <summary>Accessors are shown with their property; what every record or struct has by itself says nothing.</summary>
    private static bool IsWritten(MethodInfo method) =>
        (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
        && !method.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute))
        && !(method.IsVirtual && method.GetBaseDefinition().DeclaringType == typeof(object));

    private static string Access(bool isPublic) => isPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) =>
        method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? ""
        : method.IsAbstract ? "abstract "
        : method.IsVirtual && method.GetBaseDefinition() != method ? "override "
        : method.IsVirtual && !method.IsFinal ? "virtual "
        : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
    {
        string direction = !p.ParameterType.IsByRef ? "" : p.IsOut ? "out " : p.IsIn ? "in " : "ref ";
        return $"{direction}{Name(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.RawDefaultValue ?? "null"}" : "")}";
    }));

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray || type.IsPointer)
        {
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : "*");
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        string name = type.DeclaringType is { } outer ? $"{Name(outer)}.{type.Name}"
            : type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true ? type.Name
            : $"{type.Namespace}.{type.Name}";
        int tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : $"{name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
