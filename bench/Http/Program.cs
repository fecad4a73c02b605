using Nvmf.Bench.Http;

return await HttpCommandLine.RunAsync(args);
