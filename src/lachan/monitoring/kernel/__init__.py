"""The compiled pass over transfers: state in arrays, one row after the other, nothing that looks ahead."""
