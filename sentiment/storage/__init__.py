"""What a run is on disk: files that appear whole, the manifest, named tensors, the run directory and its locks."""
