using Nvmf.Bench.Load;

var command = LoadCommandLine.Create().Parse(args);
if (command.Errors.Count == 0)
{
    return await command.InvokeAsync();
}
// The sentences alone: the help text is there for those who ask for it.
foreach (var error in command.Errors)
{
    Console.Error.WriteLine(error.Message);
}

return 1;
