"""One verb a function: permission, load, decide, save, append to the trail."""
