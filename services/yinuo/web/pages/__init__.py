"""The pages for people: each module reads what one of them shows and names its template."""
