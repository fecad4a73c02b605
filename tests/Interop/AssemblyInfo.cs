// One guest at a time: an emulated machine takes a processor for itself.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
