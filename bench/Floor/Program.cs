using Nvmf.Bench.Floor;

return await FloorCommandLine.RunAsync(args);
