"""Files become records: discovery, decompression, containers, schemas, Arrow batches.

Import from the modules: `sources.discover`, `batches.read_batches`, `memory.read_memory`,
`inspect.inspect_sources`, `raw.iter_raw`.
"""
