using DiskCopy;

var parsed = CommandLine.Create().Parse(args);
if (parsed.Errors.Count == 0)
{
    return await parsed.InvokeAsync();
}
// The sentences alone: the help text is there for those who ask for it.
foreach (var error in parsed.Errors)
{
    Console.Error.WriteLine(error.Message);
}

return 1;
