"""Pages for people, as long as there is no larger page: a start page, and what the API can do."""
