"""The rules of classes, levels and ranks: pure."""
