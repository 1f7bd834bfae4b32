"""A conversation as a document, to hand to one's lawyer or insurer: HTML, PDF and Markdown."""
