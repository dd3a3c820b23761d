"""What the pages show, read from the record: every view fills a shape and changes nothing."""
