"""Administrative documents and PDF: values to bytes."""
