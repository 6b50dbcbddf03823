"""The interactive query shell."""
